package import DNSWire

/// An IPv4 address is kept as such wherever it comes from, so that a socket of IPv6 that carries IPv4 (`::ffff:a.b.c.d`, RFC
/// 4291 §2.5.5.2) compares equal to one of IPv4.
extension IPAddress {
    package init(high: UInt64, low: UInt64) {
        if high == 0 && low >> 32 == 0xffff {
            self.init(v4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(v6High: high, low: low)
        }
    }

    /// In host order: `0x7f000001` is 127.0.0.1.
    package init(ipv4: UInt32) { self.init(v4: ipv4) }

    /// nil: it is no address, or one with a zone, which the kernel's messages have not.
    package init?(text: some Collection<UInt8>) {
        guard let address = IPAddress(String(decoding: text, as: UTF8.self)), address.zone == nil else { return nil }
        self = address.family == .v4 ? address : IPAddress(high: address.high, low: address.low)
    }

    package var ipv4: UInt32? { family == .v4 ? UInt32(truncatingIfNeeded: low) : nil }
    package var isUnspecified: Bool { high == 0 && low == 0 }
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

extension Endpoint {
    /// `127.0.0.1:80`, `[2001:db8::1]:80` (RFC 5952).
    var authority: String { address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
