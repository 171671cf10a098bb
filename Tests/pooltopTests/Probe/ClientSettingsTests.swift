import AgentCore
import PoolModel
import SessionConfig
import Testing

@testable import Prober

@Suite struct ClientSettingsTests {
    private func lines(_ milliseconds: Int, requests: Int? = nil, isTLS: Bool = false) -> [String] {
        var advice = ProbeAdvice(
            ProbeFindings(ProbeObservations()), heldSeconds: nil, failure: nil)
        advice.idleMilliseconds = milliseconds
        advice.maxRequests = requests
        return ClientSetting.all(advice, isTLS: isTLS).map { "\($0.key): \($0.line)" }
    }

    @Test("Whole seconds are written for each client")
    func wholeSeconds() {
        #expect(
            lines(59_000) == [
                "pooltop: --idle-timeout 59s",
                "httpAgent: settings.idleTimeout = .seconds(59)",
                "node: new http.Agent({ keepAlive: true, timeout: 59000 })",
                "agentkeepalive: new HttpAgent({ freeSocketTimeout: 59000 })",
                "undici: new Agent({ keepAliveTimeout: 59000, keepAliveMaxTimeout: 59000 })",
                "go: http.Transport{IdleConnTimeout: 59 * time.Second}",
                "java: -Djdk.httpclient.keepalive.timeout=59",
                "dotnet: new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(59) }",
                "nginx: keepalive 32; keepalive_timeout 59s;",
                "envoy: common_http_protocol_options: { idle_timeout: 59s }",
            ])
    }

    @Test("Fractions of a second, TLS and a request limit are written for each client")
    func partsOfASecondOverTLSWithACount() {
        #expect(
            lines(750, requests: 100, isTLS: true) == [
                "pooltop: --idle-timeout 750ms --max-requests-per-connection 100",
                "httpAgent: settings.idleTimeout = .milliseconds(750); settings.maxRequestsPerConnection = 100",
                "node: new https.Agent({ keepAlive: true, timeout: 750 })",
                "agentkeepalive: new HttpsAgent({ freeSocketTimeout: 750 })",
                "undici: new Agent({ keepAliveTimeout: 750, keepAliveMaxTimeout: 750, maxRequestsPerClient: 100 })",
                "go: http.Transport{IdleConnTimeout: 750 * time.Millisecond}",
                "java: counts in seconds, and cannot keep below one",
                "dotnet: new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(750) }",
                "nginx: keepalive 32; keepalive_timeout 750ms; keepalive_requests 100;",
                "envoy: common_http_protocol_options: { idle_timeout: 0.75s, max_requests_per_connection: 100 }",
            ])
    }

    /// The line for our own program is one that it takes.
    @Test(
        "The suggested pooltop options are accepted by pooltop",
        arguments: [(59_000, nil), (1990, 7), (500, nil)] as [(Int, Int?)])
    func ourOwnLineIsUnderstood(milliseconds: Int, requests: Int?) throws {
        let line = try #require(lines(milliseconds, requests: requests).first).dropFirst("pooltop: ".count)
        let plan = try plan(line.split(separator: " ").map(String.init) + target)
        #expect(plan.settings.idleTimeout == .milliseconds(milliseconds))
        #expect(plan.settings.maxRequestsPerConnection == requests)
    }
}
