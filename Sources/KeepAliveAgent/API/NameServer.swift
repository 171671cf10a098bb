import DNSWire

/// A DNS server to ask in place of the system's.
public struct NameServer: Sendable, Equatable {
    let server: DNSServerAddress

    /// Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353` or `fe80::1%eth0`; nil for everything
    /// else. The port is 53 where none is given.
    public init?(_ text: String) {
        guard let server = DNSServerAddress(text) else { return nil }
        self.server = server
    }
}

extension ResolverFiles {
    /// The system's, asking these servers if there are any.
    init(asking servers: [NameServer]) {
        self.init()
        self.servers = servers.map(\.server)
    }
}
