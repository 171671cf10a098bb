import Foundation
import TestSupport

/// The smallest server and client of HTTP that a Prometheus needs on loopback.
final class LoopbackHTTP: Sendable {
    let port: Int
    private let descriptor: CInt

    /// Answers every request with the text that `body` makes.
    init(_ body: @escaping @Sendable () -> [UInt8]) throws {
        guard let listener = LoopbackListener.open(backlog: 16, isBlocking: true) else {
            throw NeverCameTrue(description: "no port is free")
        }
        (descriptor, port) = listener
        let descriptor = descriptor
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                var request = [UInt8](repeating: 0, count: 8192)
                _ = recv(connection, &request, request.count, 0)
                let text = body()
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n"
                Self.write(Array("\(head)Content-Length: \(text.count)\r\n\r\n".utf8) + text, to: connection)
                close(connection)
            }
        }
    }

    /// Refuses connections from now on.
    func stop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
        close(descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// A GET as HTTP/1.0 has it, so that the body ends with the connection. Nil: nobody listens.
    static func get(port: Int, _ target: String) -> (status: Int, body: [UInt8])? {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
        write(Array("GET \(target) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8), to: descriptor)
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { break }
            answer += part.prefix(count)
        }
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let words = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0, Array(answer[end.upperBound...]))
    }
}
