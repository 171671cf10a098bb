import DNSWire

/// A DNS server to use instead of the system's.
public struct NameServer: Sendable, Equatable {
    let server: DNSServerAddress

    /// Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353` or `fe80::1%eth0`; nil if the text has
    /// another form. The port defaults to 53.
    public init?(_ text: String) {
        guard let server = DNSServerAddress(text) else { return nil }
        self.server = server
    }
}

extension ResolverFiles {
    /// The system's configuration, with these servers in place of its own if there are any.
    init(asking servers: [NameServer]) {
        self.init()
        self.servers = servers.map(\.server)
    }
}
