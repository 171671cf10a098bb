import PoolModel
import Wording

/// The limits of one host's pool, as other clients can be given them. Nil: not known, and left out.
struct PoolSettings: Sendable, Equatable {
    var keepAlive: Bool?
    var maxSockets: Int?
    var maxFreeSockets: Int?
    var idleSeconds: Double?
    var isTLS = false
    /// `host:port`, or empty where it is nothing to paste into a file.
    var authority = ""
    /// The host, and what was changed by advice.
    var about = ""
}

extension PoolSettings {
    /// In force, with what is advised in its place.
    init(_ host: ShownHost, advised: AdvisedSetting?) {
        keepAlive = host.keepAlive.value
        maxSockets = host.maxSockets.value
        maxFreeSockets = host.maxFreeSockets.value
        idleSeconds = host.idleLimitSeconds.value
        isTLS = host.isTLS
        authority = Self.plain(host.origin.split(separator: "/").last.map(String.init) ?? "")
        about = "\(host.name): as in force"
        guard let advised, advised.host == host.id, take(advised) else { return }
        about = "\(host.name): \(advised.name) \(advised.value) (\(advised.rule))"
    }

    /// False for a setting that other clients do not have.
    private mutating func take(_ advised: AdvisedSetting) -> Bool {
        switch advised.name {
        case "keepAlive": keepAlive = advised.value == "on"
        case "maxSockets": maxSockets = Int(advised.value)
        case "maxFreeSockets": maxFreeSockets = Int(advised.value)
        case "idleTimeout": idleSeconds = DurationWord.seconds(advised.value)
        default: return false
        }
        return true
    }

    /// Text that others wrote goes into a configuration only where it cannot mean anything else there.
    private static func plain(_ authority: String) -> String {
        let isPlain = authority.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
                UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return isPlain ? authority : ""
    }

    private var isOff: Bool { keepAlive == false }
    private var milliseconds: Int? { idleSeconds.map { Int((min(max(0, $0), 1e9) * 1000).rounded()) } }
    private var isWhole: Bool { (milliseconds ?? 0) % 1000 == 0 }

    /// `55s` or `1500ms`.
    private var idleWithUnit: String? {
        milliseconds.map { isWhole ? "\($0 / 1000)s" : "\($0)ms" }
    }

    var node: String {
        let parts = [
            keepAlive.map { "keepAlive: \($0)" }, maxSockets.map { "maxSockets: \($0)" },
            isOff ? nil : maxFreeSockets.map { "maxFreeSockets: \($0)" },
            isOff ? nil : milliseconds.map { "timeout: \($0)" },
        ]
        return "// \(about)\nnew \(isTLS ? "https" : "http").Agent({ \(joined(parts)) })"
    }

    /// A server's hint replaces `keepAliveTimeout`, up to `keepAliveMaxTimeout`. Without pipelining nothing is kept.
    var undici: String {
        let parts = [
            maxSockets.map { "connections: \($0)" }, isOff ? "pipelining: 0" : nil,
            isOff ? nil : milliseconds.map { "keepAliveTimeout: \($0), keepAliveMaxTimeout: \($0)" },
        ]
        return "// \(about)\nnew Agent({ \(joined(parts)) })"
    }

    var go: String {
        let parts = [
            isOff ? "DisableKeepAlives: true" : nil, maxSockets.map { "MaxConnsPerHost: \($0)" },
            isOff ? nil : maxFreeSockets.map { "MaxIdleConnsPerHost: \($0)" },
            isOff
                ? nil
                : milliseconds.map {
                    "IdleConnTimeout: " + (isWhole ? "\($0 / 1000) * time.Second" : "\($0) * time.Millisecond")
                },
        ]
        return "// \(about)\n&http.Transport{\(joined(parts))}"
    }

    /// The JDK's client keeps idle connections, but sets no limit to open ones; it counts in whole seconds.
    var java: String {
        var lines = ["// \(about)"]
        let pool = maxSockets.map { ".setMaxConnPerRoute(\($0))" } ?? ""
        lines.append("// Apache HttpClient 5")
        lines.append("PoolingHttpClientConnectionManagerBuilder.create()\(pool).build();")
        if isOff {
            lines.append("HttpClients.custom().setConnectionReuseStrategy((request, response, context) -> false);")
        } else if let milliseconds {
            lines.append("HttpClients.custom().evictIdleConnections(TimeValue.ofMilliseconds(\(milliseconds)));")
        }
        guard !isOff else { return lines.joined(separator: "\n") }
        let properties = [
            maxFreeSockets.map { "-Djdk.httpclient.connectionPoolSize=\($0)" },
            milliseconds.map { "-Djdk.httpclient.keepalive.timeout=\(max(1, $0 / 1000))" },
        ].compactMap { $0 }
        if !properties.isEmpty { lines += ["// java.net.http", properties.joined(separator: " ")] }
        return lines.joined(separator: "\n")
    }

    var dotnet: String {
        let parts = [
            maxSockets.map { "MaxConnectionsPerServer = \($0)" },
            isOff ? "PooledConnectionLifetime = TimeSpan.Zero" : nil,
            isOff
                ? nil
                : milliseconds.map {
                    "PooledConnectionIdleTimeout = TimeSpan."
                        + (isWhole ? "FromSeconds(\($0 / 1000))" : "FromMilliseconds(\($0))")
                },
        ]
        return "// \(about)\nnew SocketsHttpHandler { \(joined(parts)) }"
    }

    /// `keepalive` counts per worker process.
    var nginx: String {
        let server = authority.isEmpty ? "HOST:PORT" : authority
        var lines = ["# \(about)", "upstream downstream {"]
        lines.append("    server \(server)\(maxSockets.map { " max_conns=\($0)" } ?? "");")
        if !isOff {
            if let maxFreeSockets { lines.append("    keepalive \(maxFreeSockets);") }
            if let idleWithUnit { lines.append("    keepalive_timeout \(idleWithUnit);") }
        }
        lines.append("}")
        lines.append("# where it is used:")
        lines.append("proxy_http_version 1.1;")
        lines.append(isOff ? "proxy_set_header Connection close;" : "proxy_set_header Connection \"\";")
        return lines.joined(separator: "\n")
    }

    var envoy: String {
        var lines = ["# \(about)"]
        if let maxSockets { lines.append("circuit_breakers: { thresholds: [{ max_connections: \(maxSockets) }] }") }
        let options = [
            isOff ? "max_requests_per_connection: 1" : nil,
            isOff ? nil : milliseconds.map { "idle_timeout: \(Self.seconds($0))s" },
        ].compactMap { $0 }
        if !options.isEmpty {
            let type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
            lines += [
                "typed_extension_protocol_options:", "  \(type):",
                "    \"@type\": type.googleapis.com/\(type)",
                "    common_http_protocol_options: { \(options.joined(separator: ", ")) }",
                "    explicit_http_config: { http_protocol_options: {} }",
            ]
        }
        return lines.joined(separator: "\n")
    }

    private static func seconds(_ milliseconds: Int) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)" : Numbers.fixed(Double(milliseconds) / 1000, 3)
    }

    private func joined(_ parts: [String?]) -> String { parts.compactMap { $0 }.joined(separator: ", ") }
}
