import SessionConfig

/// The advice in the syntax of one client.
package struct ClientSetting: Sendable, Equatable {
    /// The key in JSON.
    var key: String
    /// The name shown to users.
    var name: String
    /// One line of configuration or code.
    var line: String

    /// In display order; empty if nothing needs to be set.
    static func all(_ advice: ProbeAdvice, isTLS: Bool) -> [ClientSetting] {
        guard let idle = advice.idleMilliseconds else { return [] }
        let requests = advice.maxRequests
        return [
            ClientSetting(key: "pooltop", name: "pooltop run", line: pooltop(idle, requests)),
            ClientSetting(key: "httpAgent", name: "HTTPAgent", line: httpAgent(idle, requests)),
            ClientSetting(key: "node", name: "Node http", line: node(idle, isTLS)),
            ClientSetting(key: "agentkeepalive", name: "agentkeepalive", line: agentKeepAlive(idle, isTLS)),
            ClientSetting(key: "undici", name: "undici", line: undici(idle, requests)),
            ClientSetting(key: "go", name: "Go", line: "http.Transport{IdleConnTimeout: \(go(idle))}"),
            ClientSetting(key: "java", name: "Java HttpClient", line: java(idle)),
            ClientSetting(key: "dotnet", name: ".NET", line: dotnet(idle)),
            ClientSetting(key: "nginx", name: "nginx upstream", line: nginx(idle, requests)),
            ClientSetting(key: "envoy", name: "Envoy cluster", line: envoy(idle, requests)),
        ]
    }

    private static func isWhole(_ milliseconds: Int) -> Bool { milliseconds % 1000 == 0 }

    /// Seconds as a decimal without a trailing zero.
    private static func seconds(_ milliseconds: Int) -> String {
        isWhole(milliseconds) ? "\(milliseconds / 1000)" : "\(Double(milliseconds) / 1000)"
    }

    private static func pooltop(_ idle: Int, _ requests: Int?) -> String {
        "--idle-timeout \(DurationText.format(.milliseconds(idle)))"
            + (requests.map { " --max-requests-per-connection \($0)" } ?? "")
    }

    private static func httpAgent(_ idle: Int, _ requests: Int?) -> String {
        let duration = isWhole(idle) ? ".seconds(\(idle / 1000))" : ".milliseconds(\(idle))"
        return "settings.idleTimeout = \(duration)"
            + (requests.map { "; settings.maxRequestsPerConnection = \($0)" } ?? "")
    }

    /// `timeout` closes idle sockets; `keepAliveMsecs` is the delay of TCP's keep-alive probe.
    private static func node(_ idle: Int, _ isTLS: Bool) -> String {
        "new \(isTLS ? "https" : "http").Agent({ keepAlive: true, timeout: \(idle) })"
    }

    private static func agentKeepAlive(_ idle: Int, _ isTLS: Bool) -> String {
        "new \(isTLS ? "HttpsAgent" : "HttpAgent")({ freeSocketTimeout: \(idle) })"
    }

    /// A hint from the server replaces `keepAliveTimeout`, up to `keepAliveMaxTimeout`.
    private static func undici(_ idle: Int, _ requests: Int?) -> String {
        "new Agent({ keepAliveTimeout: \(idle), keepAliveMaxTimeout: \(idle)"
            + (requests.map { ", maxRequestsPerClient: \($0)" } ?? "") + " })"
    }

    private static func go(_ idle: Int) -> String {
        isWhole(idle) ? "\(idle / 1000) * time.Second" : "\(idle) * time.Millisecond"
    }

    /// Java counts in whole seconds, and zero does not mean zero in every release.
    private static func java(_ idle: Int) -> String {
        idle >= 1000
            ? "-Djdk.httpclient.keepalive.timeout=\(idle / 1000)" : "counts in seconds, and cannot keep below one"
    }

    private static func dotnet(_ idle: Int) -> String {
        let span = isWhole(idle) ? "FromSeconds(\(idle / 1000))" : "FromMilliseconds(\(idle))"
        return "new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.\(span) }"
    }

    private static func nginx(_ idle: Int, _ requests: Int?) -> String {
        let time = isWhole(idle) ? "\(idle / 1000)s" : "\(idle)ms"
        return "keepalive 32; keepalive_timeout \(time);" + (requests.map { " keepalive_requests \($0);" } ?? "")
    }

    private static func envoy(_ idle: Int, _ requests: Int?) -> String {
        "common_http_protocol_options: { idle_timeout: \(seconds(idle))s"
            + (requests.map { ", max_requests_per_connection: \($0)" } ?? "") + " }"
    }
}
