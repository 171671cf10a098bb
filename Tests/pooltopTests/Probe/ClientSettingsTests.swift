import AgentCore
import PoolModel
import SessionConfig
import Testing

@testable import Prober

@Suite struct ClientSettingsTests {
    private func lines(
        _ milliseconds: Int, requests: Int? = nil, lifetime: Int? = nil, maxIdle: Int? = nil, isTLS: Bool = false
    ) -> [String] {
        var advice = ProbeAdvice(
            ProbeFindings(ProbeObservations()), heldSeconds: nil, failure: nil)
        advice.idleMilliseconds = milliseconds
        advice.maxRequests = requests
        (advice.lifetimeMilliseconds, advice.maxIdle) = (lifetime, maxIdle)
        return ClientSetting.all(advice, isTLS: isTLS).map { "\($0.key): \($0.line)" }
    }

    private func envoy(_ fields: String) -> String {
        "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {"
            + " \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,"
            + " common_http_protocol_options: { \(fields) }, explicit_http_config: { http_protocol_options: {} } } }"
    }

    @Test("A lifetime and a number of idle connections are written for each client that knows them")
    func lifetimesAndNumbers() {
        #expect(
            lines(4000, lifetime: 4000, maxIdle: 3) == [
                "pooltop: --idle-timeout 4s --max-lifetime 4s --max-free-sockets 3",
                "httpAgent: settings.idleTimeout = .seconds(4); settings.maxLifetime = .seconds(4);"
                    + " settings.maxFreeSocketsPerHost = 3",
                "node: new http.Agent({ keepAlive: true, timeout: 4000, maxFreeSockets: 3 })",
                "agentkeepalive: new HttpAgent({ freeSocketTimeout: 4000, timeout: 60000, socketActiveTTL: 4000,"
                    + " maxFreeSockets: 3 })",
                "undici: new Agent({ keepAliveTimeout: 4000, keepAliveMaxTimeout: 4000, clientTtl: 4000, connections: 3 })",
                "go: http.Transport{IdleConnTimeout: 4 * time.Second, MaxIdleConnsPerHost: 3}",
                "java: -Djdk.httpclient.keepalive.timeout=4 -Djdk.httpclient.connectionPoolSize=3",
                "libcurl: CURLOPT_MAXAGE_CONN=4, CURLOPT_MAXLIFETIME_CONN=4, CURLOPT_MAXCONNECTS=3",
                "dotnet: new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),"
                    + " PooledConnectionLifetime = TimeSpan.FromSeconds(4), MaxConnectionsPerServer = 3 }",
                "nginx: keepalive 3; keepalive_timeout 4s; keepalive_time 4s;",
                "envoy: \(envoy("idle_timeout: 4s, max_connection_duration: 4s"))",
            ])
    }

    @Test("Whole seconds are written for each client")
    func wholeSeconds() {
        #expect(
            lines(59_000) == [
                "pooltop: --idle-timeout 59s",
                "httpAgent: settings.idleTimeout = .seconds(59)",
                "node: new http.Agent({ keepAlive: true, timeout: 59000 })",
                "agentkeepalive: new HttpAgent({ freeSocketTimeout: 59000, timeout: 60000 })",
                "undici: new Agent({ keepAliveTimeout: 59000, keepAliveMaxTimeout: 59000 })",
                "go: http.Transport{IdleConnTimeout: 59 * time.Second}",
                "java: -Djdk.httpclient.keepalive.timeout=59",
                "libcurl: CURLOPT_MAXAGE_CONN=59",
                "dotnet: new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(59) }",
                "nginx: keepalive 32; keepalive_timeout 59s;",
                "envoy: \(envoy("idle_timeout: 59s"))",
            ])
    }

    @Test("Fractions of a second, TLS and a request limit are written for each client")
    func partsOfASecondOverTLSWithACount() {
        #expect(
            lines(750, requests: 100, isTLS: true) == [
                "pooltop: --idle-timeout 750ms --max-requests-per-connection 100",
                "httpAgent: settings.idleTimeout = .milliseconds(750); settings.maxRequestsPerConnection = 100",
                "node: new https.Agent({ keepAlive: true, timeout: 750 })",
                "agentkeepalive: new HttpsAgent({ freeSocketTimeout: 750, timeout: 60000 })",
                "undici: new Agent({ keepAliveTimeout: 750, keepAliveMaxTimeout: 750, maxRequestsPerClient: 100 })",
                "go: http.Transport{IdleConnTimeout: 750 * time.Millisecond}",
                "java: counts in seconds, and cannot keep below one",
                "libcurl: counts in seconds, and cannot keep below one",
                "dotnet: new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(750) }",
                "nginx: keepalive 32; keepalive_timeout 750ms; keepalive_requests 100;",
                "envoy: \(envoy("idle_timeout: 0.75s, max_requests_per_connection: 100"))",
            ])
    }

    /// The line for our own program is one that it takes.
    @Test(
        "The suggested pooltop options are accepted by pooltop",
        arguments: [(59_000, nil), (1990, 7), (500, nil), (4000, 3)] as [(Int, Int?)])
    func ourOwnLineIsUnderstood(milliseconds: Int, requests: Int?) throws {
        let all = lines(milliseconds, requests: requests, lifetime: milliseconds + 1000, maxIdle: requests)
        let line = try #require(all.first).dropFirst("pooltop: ".count)
        let plan = try plan(line.split(separator: " ").map(String.init) + target)
        #expect(plan.settings.idleTimeout == .milliseconds(milliseconds))
        #expect(plan.settings.maxRequestsPerConnection == requests)
        #expect(plan.settings.maxLifetime == .milliseconds(milliseconds + 1000))
        if let requests { #expect(plan.settings.maxFreeSocketsPerHost == requests) }
    }
}
