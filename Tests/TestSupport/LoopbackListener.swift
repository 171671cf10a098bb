#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A plain TCP socket that listens on loopback, for servers that are to be no friend of NIO's.
///
/// It stands here because the address structs of the system are not to be had reliably beside NIO's C modules: which of
/// them defines the structs depends on the order in which the compiler reads them.
package enum LoopbackListener {
    /// The descriptor and its port; nil: there is none left.
    package static func open(backlog: CInt, isBlocking: Bool) -> (descriptor: CInt, port: Int)? {
        let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (isBlocking ? 0 : SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, CInt(flags), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard descriptor >= 0, isListening else { return nil }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}
