import Foundation
import Glibc
import Synchronization
import TestSupport

/// A server for HTTP/1.1 on a thread of its own, which counts what it was asked: the truth that the watch is compared with.
final class CountingServer: Sendable {
    struct Counts: Equatable {
        var accepted = 0
        var requests = 0
    }

    let port: Int
    private let state = Mutex(Counts())
    private let isStopped = Atomic(false)

    /// - Parameter idleSeconds: after this time without a request it closes a connection; nil: never.
    /// - Throws: that no socket is left to listen on.
    init(idleSeconds: Double? = nil) throws {
        guard let listener = LoopbackListener.open(backlog: 4096, isBlocking: false) else {
            throw NeverCameTrue(description: "no socket to listen on")
        }
        port = listener.port
        Thread.detachNewThread { [self] in serve(listener.descriptor, idleSeconds) }
    }

    var counts: Counts { state.withLock { $0 } }

    func stop() { isStopped.store(true, ordering: .releasing) }

    private func serve(_ listener: CInt, _ idleSeconds: Double?) {
        var lastUse: [CInt: ContinuousClock.Instant] = [:]
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while !isStopped.load(ordering: .acquiring) {
            var waiting = ([listener] + lastUse.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waiting, nfds_t(waiting.count), 2) >= 0 else { continue }
            for ready in waiting where ready.revents != 0 {
                if ready.fd == listener {
                    accept(listener, &lastUse)
                } else {
                    let count = read(ready.fd, &bytes, bytes.count)
                    if count > 0 { answer(ready.fd, bytes[..<count]) } else { close(ready.fd) }
                    lastUse[ready.fd] = count > 0 ? .now : nil
                }
            }
            guard let idleSeconds else { continue }
            for (connection, last) in lastUse where last.duration(to: .now) > .seconds(idleSeconds) {
                close(connection)
                lastUse[connection] = nil
            }
        }
        for descriptor in [listener] + lastUse.keys { close(descriptor) }
    }

    private func accept(_ listener: CInt, _ lastUse: inout [CInt: ContinuousClock.Instant]) {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return }
            lastUse[connection] = .now
            state.withLock { $0.accepted += 1 }
        }
    }

    /// The clients of these tests send a request in one piece, and one at a time.
    private func answer(_ connection: CInt, _ request: ArraySlice<UInt8>) {
        guard request.suffix(4).elementsEqual([13, 10, 13, 10]) else { return }
        state.withLock { $0.requests += 1 }
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        _ = write(connection, response, response.utf8.count)
    }
}
