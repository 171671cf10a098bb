package import DNSWire
package import NIOCore

extension SocketAddress {
    package init(_ address: IPAddress, port: UInt16) {
        do {
            try self.init(packedIPAddress: ByteBuffer(bytes: address.bytes), port: Int(port))
        } catch {
            preconditionFailure("an address has four or sixteen bytes: \(error)")
        }
    }

    /// The address without its port; nil for a Unix socket.
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
                return IPAddress(v6High: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
            }
        case .unixDomainSocket:
            return nil
        }
    }

    var dnsServer: DNSServer? {
        guard let ip, let port, let port = UInt16(exactly: port) else { return nil }
        return DNSServer(address: ip, port: port)
    }
}
