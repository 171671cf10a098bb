/// An IP address as 128 bits. An IPv4 address is kept as its mapped form (`::ffff:a.b.c.d`, RFC 4291 §2.5.5.2), so that a
/// socket of IPv6 that carries IPv4 compares equal to one of IPv4.
package struct IPAddress: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// In host order: `0x7f000001` is 127.0.0.1.
    package init(ipv4: UInt32) { self.init(high: 0, low: 0xffff_0000_0000 | UInt64(ipv4)) }

    package var ipv4: UInt32? { high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low) : nil }
    package var isUnspecified: Bool { ipv4 == 0 || (high == 0 && low == 0) }
    package var isLoopback: Bool { ipv4.map { $0 >> 24 == 127 } ?? (high == 0 && low == 1) }
}

/// One end of a socket.
package struct Endpoint: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}

/// Both ends of a socket, as its owner sees them.
package struct SocketPair: Hashable, Sendable {
    package var local: Endpoint
    package var remote: Endpoint

    package init(local: Endpoint, remote: Endpoint) {
        self.local = local
        self.remote = remote
    }
}
