import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Sockets that are bound but never listen. They reserve one port number on several addresses while listeners come and
/// go. Without them, a client connection could take the port while `refuse` has it closed, and `recover` would fail.
/// Linux lets a listener share the port if both sockets have SO_REUSEADDR and only one of them listens, and does not
/// choose a bound port for an outgoing connection.
/// not pick a bound port for an outgoing connection.
final class PortReservation: Sendable {
    let port: Int
    private let descriptors: [CInt]

    private static let attempts = 64

    /// Finds a port that is free on every address. If it is free on the first and taken on another, it tries again.
    init(addresses: [String], scenario: String) throws(ScenarioError) {
        var reason = ""
        for _ in 0..<Self.attempts {
            do {
                (port, descriptors) = try Self.bindAll(addresses, scenario)
                return
            } catch .noPort(_, let last) {
                reason = last
            }
        }
        throw .noPort(scenario: scenario, reason: reason)
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    private static func bindAll(
        _ addresses: [String], _ scenario: String
    ) throws(ScenarioError) -> (port: Int, descriptors: [CInt]) {
        var port = 0
        var descriptors: [CInt] = []
        for address in addresses {
            do {
                let (descriptor, bound) = try bind(address, port, scenario)
                descriptors.append(descriptor)
                port = bound
            } catch {
                for descriptor in descriptors { close(descriptor) }
                throw error
            }
        }
        return (port, descriptors)
    }

    private static func bind(
        _ address: String, _ port: Int, _ scenario: String
    ) throws(ScenarioError) -> (descriptor: CInt, port: Int) {
        var bytes = sockaddr_in()
        bytes.sin_family = sa_family_t(AF_INET)
        bytes.sin_port = in_port_t(port).bigEndian
        guard inet_pton(AF_INET, address, &bytes.sin_addr) == 1 else {
            throw .invalidAddress(scenario: scenario, address: address)
        }
        #if canImport(Glibc)
            let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .noPort(scenario: scenario, reason: "socket: errno \(errno)") }
        var yes: CInt = 1
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &bytes) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                system_bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                    // Set only after binding: with it, bind could succeed on a port that another reservation holds.
                    && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size)) == 0
            }
        }
        guard isBound else {
            let reason = "\(address):\(port): errno \(errno)"
            close(descriptor)
            throw .noPort(scenario: scenario, reason: reason)
        }
        return (descriptor, Int(in_port_t(bigEndian: bytes.sin_port)))
    }
}

/// Calls the system function, which methods of the same name would shadow.
private func system_bind(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> CInt {
    bind(descriptor, address, length)
}
