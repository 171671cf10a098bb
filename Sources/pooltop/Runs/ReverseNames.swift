import DNSWire
import Glibc
import NIOConcurrencyHelpers
import NIOPosix
import PoolModel
import WatchCore

/// Asks the system for the names of addresses, each once. The questions wait on threads of their own, because the system's
/// resolver blocks.
final class ReverseNames: Sendable {
    private static let mostAtOnce = 4
    /// A service with more peers than this has no use for their names.
    private static let mostAddresses = 1000

    private let learn: WatchNames.Learn
    private let asked = NIOLockedValueBox<Set<IPAddress>>([])
    private let threads = NIOThreadPool(numberOfThreads: mostAtOnce)

    init(learn: @escaping WatchNames.Learn) {
        self.learn = learn
        threads.start()
    }

    /// Asks for the names of addresses that were not seen before.
    func see(_ snapshot: AgentSnapshot) {
        for address in snapshot.hosts.flatMap(\.addresses) {
            guard let ip = Self.ip(in: address.address), !ip.isLoopback else { continue }
            let isNew = asked.withLockedValue { asked in
                asked.count < Self.mostAddresses && asked.insert(ip).inserted
            }
            guard isNew else { continue }
            threads.submit { [learn] state in
                guard state == .active, let name = Self.name(of: ip) else { return }
                learn([WatchCore.Endpoint(address: ip, port: 0): name])
            }
        }
    }

    /// Asks no more; what was asked already may still be answered.
    func shutdown() { threads.shutdownGracefully { _ in } }

    /// The address of `192.0.2.1:80` or `[2001:db8::1]:80`.
    private static func ip(in text: String) -> IPAddress? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        return IPAddress(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
    }

    /// nil: the address has no name.
    private static func name(of ip: IPAddress) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status: Int32
        switch ip.family {
        case .v4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: ip.low).bigEndian
            status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    ask($0, socklen_t(MemoryLayout<sockaddr_in>.size), &buffer)
                }
            }
        case .v6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
                bytes.storeBytes(of: ip.high.bigEndian, as: UInt64.self)
                bytes.storeBytes(of: ip.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    ask($0, socklen_t(MemoryLayout<sockaddr_in6>.size), &buffer)
                }
            }
        }
        guard status == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func ask(_ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ buffer: inout [CChar]) -> Int32 {
        getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NAMEREQD)
    }
}
