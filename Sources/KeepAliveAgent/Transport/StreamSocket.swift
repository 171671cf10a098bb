import CLinux
import NIOCore
import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Told how a socket's connect ended.
protocol StreamSocketOwner: AnyObject {
    func connected(_ socket: StreamSocket, localPort: Int)
    func failed(_ socket: StreamSocket, _ error: IOError)
}

/// One plain connection on a socket of our own: no channel, no pipeline, no buffer while it is idle.
///
/// The kernel reports each change once (edge-triggered), so what is ready is used up: reading goes on until less came
/// than was room for, or to the end once the kernel has reported one.
final class StreamSocket: Transport {
    private enum State {
        /// → open, closed
        case connecting
        /// → closed
        case open
        case closed
    }

    let wire: HTTP1Connection
    /// The number of the attempt that created it, within its dial.
    let attempt: Int
    private let poller: SocketPoller
    private weak var owner: (any StreamSocketOwner)?
    private let descriptor: CInt
    private var token: UInt64 = 0
    private var state = State.connecting
    private var isReading = true
    /// The kernel has reported something to read while reading was stopped.
    private var hasUnread = false
    /// The kernel has reported a FIN, a reset or an error: there is an end to read up to.
    private var hasEnd = false
    /// The data for which the kernel had no room.
    private var backlog = CircularBuffer<ByteBuffer>()
    private var backlogBytes = 0
    private var isFull = false

    /// Bytes that may wait before the sender of a body is asked to; and below which it may go on.
    private static let fullAt = 64 * 1024
    private static let roomBelow = 32 * 1024

    /// Begins to connect; the owner is told how that ended. Throws an `IOError` where it ended at once.
    init(
        to address: SocketAddress, for wire: HTTP1Connection, attempt: Int, on poller: SocketPoller,
        owner: any StreamSocketOwner
    ) throws {
        self.wire = wire
        self.attempt = attempt
        self.poller = poller
        self.owner = owner
        descriptor = Kernel.streamSocket(CInt(address.protocol.rawValue))
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        if address.port != nil { Kernel.sendWithoutDelay(descriptor) }
        guard Kernel.connect(descriptor, to: address) == 0 || errno == EINPROGRESS else { throw failure("connect") }
        guard let token = poller.add(self, descriptor) else { throw failure("epoll_ctl") }
        self.token = token
    }

    private func failure(_ call: String) -> IOError {
        let error = IOError(errnoCode: errno, reason: call)
        Kernel.close(descriptor)
        state = .closed
        return error
    }

    // MARK: The poller's side

    func ready(_ readiness: Readiness) {
        if case .connecting = state, !connected(readiness) { return }
        if !readiness.isDisjoint(with: [.fin, .hangUp, .error]) { hasEnd = true }
        if !backlog.isEmpty, readiness.contains(.writable) { hasRoom() }
        if hasEnd || readiness.contains(.readable) { read() }
    }

    /// False: it is not, or could not be.
    private func connected(_ readiness: Readiness) -> Bool {
        let isTroubled = !readiness.isDisjoint(with: [.error, .hangUp])
        if isTroubled {
            let error = Kernel.takeError(descriptor)
            if error != 0 {
                close()
                owner?.failed(self, IOError(errnoCode: error, reason: "connect"))
                return false
            }
        }
        guard isTroubled || readiness.contains(.writable) else { return false }
        state = .open
        wire.opened(self, socket: descriptor, isReadInSweeps: true)
        owner?.connected(self, localPort: Int(pt_local_port(descriptor)))
        return true
    }

    /// One read, or all up to an end. What is left is read after the other sockets had their turn.
    func read() {
        guard isReading else { return hasUnread = true }
        repeat {
            guard case .open = state else { return }
            let count = Kernel.receive(descriptor, into: poller.buffer)
            if count > 0 {
                wire.received(UnsafeRawBufferPointer(rebasing: poller.buffer[..<count]))
                if count == poller.buffer.count { return poller.readAgain(self) }
            } else if count == 0 {
                return end()
            } else if errno != EAGAIN && errno != EINTR {
                wire.wasReset()
                return end()
            } else {
                return
            }
        } while hasEnd && isReading
        if hasEnd { hasUnread = true }
    }

    /// The connection has ended, or the loop has.
    func end() {
        guard state != .closed else { return }
        close()
        wire.closed()
    }

    // MARK: The wire's side

    var isWritable: Bool { !isFull }
    var unsentBytes: Int { backlogBytes }

    func send(_ first: ByteBuffer, _ second: ByteBuffer?) -> Bool {
        guard case .open = state else { return true }
        let mustWait = !backlog.isEmpty
        keep(first)
        if let second { keep(second) }
        if !mustWait { sendBacklog() }
        if backlogBytes >= Self.fullAt { isFull = true }
        return backlog.isEmpty
    }

    private func keep(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        backlog.append(piece)
        backlogBytes += piece.readableBytes
    }

    /// Gives the kernel what it has room for. What a dead connection does not take stays: the kernel reports its end,
    /// behind what is still to be read of it.
    private func sendBacklog() {
        while let first = backlog.first {
            let second = backlog.dropFirst().first
            let sent = first.withUnsafeReadableBytes { head in
                guard let second else { return Kernel.send(descriptor, head) }
                return second.withUnsafeReadableBytes { Kernel.send(descriptor, head, $0) }
            }
            guard sent >= 0 else {
                // Told once: the read that finds the end will not hear of it.
                if errno == ECONNRESET { wire.wasReset() }
                return
            }
            forget(sent)
        }
    }

    private func forget(_ count: Int) {
        backlogBytes -= count
        var left = count
        while left > 0, let piece = backlog.first {
            if piece.readableBytes > left {
                backlog[backlog.startIndex].moveReaderIndex(forwardBy: left)
                return
            }
            left -= piece.readableBytes
            backlog.removeFirst()
        }
    }

    private func hasRoom() {
        sendBacklog()
        if backlog.isEmpty { wire.everythingSent() }
        if isFull, backlogBytes < Self.roomBelow {
            isFull = false
            wire.becameWritable()
        }
    }

    func setReading(_ isOn: Bool) {
        isReading = isOn
        guard isOn, hasUnread else { return }
        hasUnread = false
        poller.readAgain(self)
    }

    func close() {
        guard state != .closed else { return }
        state = .closed
        poller.remove(token)
        Kernel.close(descriptor)
        backlog.removeAll()
    }
}
