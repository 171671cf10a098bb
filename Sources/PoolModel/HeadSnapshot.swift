/// What a server said of its connections and of itself in the head of one response.
public struct HeadSnapshot: Sendable, Codable, Equatable {
    /// One header field, as it was received.
    public struct Field: Sendable, Codable, Equatable {
        /// As the server wrote it.
        public var name: String
        /// Without the blanks around it, at most 256 bytes of it, and with the secrets of URLs in it hidden. Not safe to
        /// print: any byte can be in it.
        public var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The status of that response.
    public var status: Int
    /// Seconds since it came.
    public var ageSeconds: Double
    /// Of the fields in `names` those that it had, in its order.
    public var fields: [Field]

    /// The fields that matter to a pool: what is said of the connection (RFC 9110 §7.6.1, RFC 9112 §9), other ways to
    /// the service (RFC 7838), who answered and who passed it on.
    public static let names = [
        "connection", "keep-alive", "proxy-connection", "upgrade", "alt-svc", "server", "via",
    ]

    package init(status: Int, ageSeconds: Double, fields: [Field]) {
        self.status = status
        self.ageSeconds = ageSeconds
        self.fields = fields
    }
}
