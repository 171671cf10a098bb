/// The header fields of one response that describe the server and its handling of connections.
public struct HeadSnapshot: Sendable, Codable, Equatable {
    /// One header field, as it was received.
    public struct Field: Sendable, Codable, Equatable {
        /// The name as the server wrote it.
        public var name: String
        /// The value without surrounding whitespace, cut to 256 bytes, with secrets in URLs redacted. Not safe to
        /// print, because it can contain any byte.
        public var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The status of that response.
    public var status: Int
    /// Seconds since the response arrived.
    public var ageSeconds: Double
    /// The fields in `names` that the response had, in the order of `names`.
    public var fields: [Field]

    /// The fields that matter to a pool: those about the connection (RFC 9110 §7.6.1, RFC 9112 §9), about alternative
    /// services (RFC 7838), and about the servers and proxies that handled the message.
    public static let names = [
        "connection", "keep-alive", "proxy-connection", "upgrade", "alt-svc", "server", "via",
    ]

    package init(status: Int, ageSeconds: Double, fields: [Field]) {
        self.status = status
        self.ageSeconds = ageSeconds
        self.fields = fields
    }
}
