package import DNSWire
package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension AddressZone {
    /// The name of interface `number`, or the number where it has none (any more).
    package init?(interface number: UInt32) {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        if if_indextoname(number, &name) != nil,
            let zone = AddressZone(name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)))
        {
            self = zone
        } else {
            self.init("\(number)".utf8)
        }
    }
}

extension SocketAddress {
    /// Throws where the machine has no interface of the address's zone.
    package init(_ address: IPAddress, port: UInt16) throws {
        if address.zone == nil {
            try self.init(packedIPAddress: ByteBuffer(bytes: address.bytes), port: Int(port))
        } else {
            // The interface has its number looked up now: it is another one when the interface has come back.
            try self.init(ipAddress: "\(address)", port: Int(port))
        }
    }

    /// The address without its port; nil for a Unix socket. A zone is the interface's name.
    ///
    /// Read from the bytes, whose layout the system's ABI fixes, since the fields of `sockaddr_in` belong to a module
    /// of NIO's that is none of its products.
    package var ip: IPAddress? {
        switch self {
        case .v4(let v4):
            return withUnsafeBytes(of: v4.address) { raw in
                IPAddress(v4: UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            }
        case .v6(let v6):
            return withUnsafeBytes(of: v6.address) { raw in
                let high = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                let low = raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                let address = IPAddress(v6High: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
                let scope = raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
                return scope == 0 ? address : AddressZone(interface: scope).flatMap(address.inZone) ?? address
            }
        case .unixDomainSocket:
            return nil
        }
    }

    var dnsServer: DNSServerAddress? {
        guard let ip, let port, let port = UInt16(exactly: port) else { return nil }
        return DNSServerAddress(address: ip, port: port)
    }
}

extension DNSServerAddress {
    /// Nil where the machine has no interface of the address's zone.
    var socketAddress: SocketAddress? {
        do { return try SocketAddress(address, port: port) } catch { return nil }
    }

    /// The sender of a message that came from `remote`, on a socket connected to this server at `own`. The kernel knows an
    /// interface by its number, the configuration perhaps by its name.
    func sender(at remote: SocketAddress?, is own: SocketAddress?) -> DNSServerAddress? {
        remote == own ? self : remote?.dnsServer
    }
}
