import Foundation
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A server that answers each request with 200, and sends a 299 that nobody asked for whenever it is told to. It says
/// nothing to `/ignored` on a connection that carried another request before.
///
/// On threads and blocking sockets of its own, so that `push` has handed the bytes to the kernel when it returns: over
/// loopback they are in the agent's receive queue by then.
final class PushyServer: Sendable {
    let port: Int
    private let listener: CInt
    /// The connection that was answered last.
    private let last = Mutex<CInt?>(nil)
    private let open = Mutex<Set<CInt>>([])

    static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    static let forged = "HTTP/1.1 299 Forged\r\nContent-Length: 6\r\n\r\nforged"

    init() throws {
        guard let (listener, port) = LoopbackListener.open(backlog: 64, isBlocking: true) else {
            throw NeverCameTrue(description: "a socket that listens")
        }
        (self.listener, self.port) = (listener, port)
        Thread { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                open.withLock { _ = $0.insert(connection) }
                Thread { [self] in serve(connection) }.start()
            }
        }.start()
    }

    private func serve(_ connection: CInt) {
        // A second answer goes out before the first is acknowledged.
        var isOn: CInt = 1
        setsockopt(connection, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
        var input: [UInt8] = []
        var isUsed = false
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
            input += buffer[..<count]
            while let end = input.firstRange(of: Array("\r\n\r\n".utf8)) {
                let isIgnored = isUsed && input.firstRange(of: Array(" /ignored ".utf8)) != nil
                isUsed = true
                input.removeSubrange(..<end.upperBound)
                if isIgnored { continue }
                last.withLock { $0 = connection }
                Self.send(Self.answer, on: connection)
            }
        }
        open.withLock { _ = $0.remove(connection) }
        last.withLock { if $0 == connection { $0 = nil } }
        close(connection)
    }

    /// False: there is no connection to send on.
    @discardableResult
    func push() -> Bool {
        guard let connection = last.withLock({ $0 }) else { return false }
        Self.send(Self.forged, on: connection)
        return true
    }

    private static func send(_ text: String, on connection: CInt) {
        _ = Array(text.utf8).withUnsafeBytes { sendBytes(connection, $0) }
    }

    func stop() {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
        for connection in open.withLock({ $0 }) { shutdown(connection, CInt(SHUT_RDWR)) }
    }
}

/// Named apart from the method `send`.
private func sendBytes(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
}
