import SessionConfig

/// The advice in the syntax of one client.
package struct ClientSetting: Sendable, Equatable {
    /// The key in JSON.
    var key: String
    /// The name shown to users.
    var name: String
    /// One line of configuration or code.
    var line: String
    /// A sentence on a side effect of the line, or on a limit that the client does not have; nil if there is nothing to
    /// say.
    var note: String?

    /// In display order; empty if nothing needs to be set.
    static func all(_ advice: ProbeAdvice, isTLS: Bool) -> [ClientSetting] {
        guard let idle = advice.idleMilliseconds else { return [] }
        let lines = ClientLines(
            idle: idle, lifetime: advice.lifetimeMilliseconds, maxIdle: advice.maxIdle, requests: advice.maxRequests,
            isTLS: isTLS)
        return [
            lines.pooltop, lines.httpAgent, lines.node, lines.agentKeepAlive, lines.undici, lines.go, lines.java,
            lines.libcurl, lines.dotnet, lines.nginx, lines.envoy,
        ]
    }
}

/// The lines for all clients. `AdviceTests` runs those whose client is installed; .NET's and Envoy's follow their
/// documentation.
private struct ClientLines {
    /// Milliseconds, as is `lifetime`.
    let idle: Int
    /// nil without a limit, as are the others.
    let lifetime: Int?
    let maxIdle: Int?
    let requests: Int?
    let isTLS: Bool

    private static func isWhole(_ milliseconds: Int) -> Bool { milliseconds % 1000 == 0 }

    /// Seconds as a decimal without a trailing zero.
    private static func seconds(_ milliseconds: Int) -> String {
        isWhole(milliseconds) ? "\(milliseconds / 1000)" : "\(Double(milliseconds) / 1000)"
    }

    private func list(_ parts: String?..., by separator: String = ", ") -> String {
        parts.compactMap { $0 }.joined(separator: separator)
    }

    /// For clients that cannot limit the age of a connection.
    private var noLifetime: String? { lifetime.map { _ in "it has no limit for the age of a connection" } }

    var pooltop: ClientSetting {
        func text(_ milliseconds: Int) -> String { DurationText.format(.milliseconds(milliseconds)) }
        let line = list(
            "--idle-timeout \(text(idle))", lifetime.map { "--max-lifetime \(text($0))" },
            maxIdle.map { "--max-free-sockets \($0)" }, requests.map { "--max-requests-per-connection \($0)" }, by: " ")
        return ClientSetting(key: "pooltop", name: "pooltop run", line: line)
    }

    var httpAgent: ClientSetting {
        func text(_ milliseconds: Int) -> String {
            Self.isWhole(milliseconds) ? ".seconds(\(milliseconds / 1000))" : ".milliseconds(\(milliseconds))"
        }
        let line = list(
            "settings.idleTimeout = \(text(idle))", lifetime.map { "settings.maxLifetime = \(text($0))" },
            maxIdle.map { "settings.maxFreeSocketsPerHost = \($0)" },
            requests.map { "settings.maxRequestsPerConnection = \($0)" }, by: "; ")
        return ClientSetting(key: "httpAgent", name: "HTTPAgent", line: line)
    }

    /// `timeout` closes idle sockets; `keepAliveMsecs` is the delay of TCP's keep-alive probe.
    var node: ClientSetting {
        let fields = list("keepAlive: true", "timeout: \(idle)", maxIdle.map { "maxFreeSockets: \($0)" })
        let slow = "timeout is that of requests too: a slower one emits 'timeout'"
        return ClientSetting(
            key: "node", name: "Node http", line: "new \(isTLS ? "https" : "http").Agent({ \(fields) })",
            note: list(slow, noLifetime, by: "; "))
    }

    /// Without `timeout`, a request may take twice as long as a socket may be free, or eight seconds.
    var agentKeepAlive: ClientSetting {
        let fields = list(
            "freeSocketTimeout: \(idle)", "timeout: 60000", lifetime.map { "socketActiveTTL: \($0)" },
            maxIdle.map { "maxFreeSockets: \($0)" })
        return ClientSetting(
            key: "agentkeepalive", name: "agentkeepalive",
            line: "new \(isTLS ? "HttpsAgent" : "HttpAgent")({ \(fields) })",
            note: "timeout, that of requests, would follow freeSocketTimeout")
    }

    /// A hint from the server replaces `keepAliveTimeout`, up to `keepAliveMaxTimeout`.
    var undici: ClientSetting {
        let fields = list(
            "keepAliveTimeout: \(idle)", "keepAliveMaxTimeout: \(idle)", lifetime.map { "clientTtl: \($0)" },
            maxIdle.map { "connections: \($0)" }, requests.map { "maxRequestsPerClient: \($0)" })
        return ClientSetting(
            key: "undici", name: "undici", line: "new Agent({ \(fields) })",
            note: maxIdle.map { _ in "connections limits busy ones too" })
    }

    var go: ClientSetting {
        let time = Self.isWhole(idle) ? "\(idle / 1000) * time.Second" : "\(idle) * time.Millisecond"
        let fields = list("IdleConnTimeout: \(time)", maxIdle.map { "MaxIdleConnsPerHost: \($0)" })
        return ClientSetting(key: "go", name: "Go", line: "http.Transport{\(fields)}", note: noLifetime)
    }

    /// Java counts in whole seconds, and zero does not mean zero in every release.
    var java: ClientSetting {
        guard idle >= 1000 else {
            return ClientSetting(
                key: "java", name: "Java HttpClient", line: "counts in seconds, and cannot keep below one")
        }
        let line = list(
            "-Djdk.httpclient.keepalive.timeout=\(idle / 1000)",
            maxIdle.map { "-Djdk.httpclient.connectionPoolSize=\($0)" }, by: " ")
        return ClientSetting(key: "java", name: "Java HttpClient", line: line, note: noLifetime)
    }

    /// libcurl counts in whole seconds too, and takes 118 of them unless told; zero is no limit.
    var libcurl: ClientSetting {
        guard idle >= 1000 else {
            return ClientSetting(key: "libcurl", name: "libcurl", line: "counts in seconds, and cannot keep below one")
        }
        let line = list(
            "CURLOPT_MAXAGE_CONN=\(idle / 1000)", lifetime.map { "CURLOPT_MAXLIFETIME_CONN=\($0 / 1000)" },
            maxIdle.map { "CURLOPT_MAXCONNECTS=\($0)" })
        return ClientSetting(key: "libcurl", name: "libcurl", line: line)
    }

    var dotnet: ClientSetting {
        func span(_ milliseconds: Int) -> String {
            let whole = Self.isWhole(milliseconds)
            return "TimeSpan." + (whole ? "FromSeconds(\(milliseconds / 1000))" : "FromMilliseconds(\(milliseconds))")
        }
        let fields = list(
            "PooledConnectionIdleTimeout = \(span(idle))", lifetime.map { "PooledConnectionLifetime = \(span($0))" },
            maxIdle.map { "MaxConnectionsPerServer = \($0)" })
        return ClientSetting(
            key: "dotnet", name: ".NET", line: "new SocketsHttpHandler { \(fields) }", note: Self.isUntried)
    }

    var nginx: ClientSetting {
        func time(_ milliseconds: Int) -> String {
            Self.isWhole(milliseconds) ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
        }
        let line = list(
            "keepalive \(maxIdle ?? 32);", "keepalive_timeout \(time(idle));",
            lifetime.map { "keepalive_time \(time($0));" }, requests.map { "keepalive_requests \($0);" }, by: " ")
        return ClientSetting(
            key: "nginx", name: "nginx upstream", line: line,
            note: list(
                "proxy_http_version 1.1 and an empty proxy_set_header Connection belong to it",
                maxIdle.map { _ in "each worker keeps as many" }, by: "; "))
    }

    /// A cluster has its HTTP options among the extensions; those that stood beside them are deprecated.
    var envoy: ClientSetting {
        let type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        let fields = list(
            "idle_timeout: \(Self.seconds(idle))s", lifetime.map { "max_connection_duration: \(Self.seconds($0))s" },
            requests.map { "max_requests_per_connection: \($0)" })
        let line =
            "typed_extension_protocol_options: { \(type): { \"@type\": type.googleapis.com/\(type), "
            + "common_http_protocol_options: { \(fields) }, "
            + "explicit_http_config: { http_protocol_options: {} } } }"
        return ClientSetting(key: "envoy", name: "Envoy cluster", line: line, note: Self.isUntried)
    }

    private static let isUntried = "from its documentation, not tried"
}
