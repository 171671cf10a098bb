import CLinux
import NIOCore

/// The plain connections of one agent, watched by an epoll set of their own inside NIO's loop.
///
/// NIO's loop cannot watch a socket that is not a channel of its own, and a channel is dear where nothing else is. It took,
/// on two cores with nginx on the other, 4,400 of the 15,500 instructions of an exchange on a connection that is kept, and
/// 130,000 of 150,000 where each exchange has its own. So the sockets are in an epoll set that is ours, and the kernel is
/// asked to count in an eventfd when that set has something (an asynchronous poll, io_submit(2)); that one descriptor is
/// NIO's. Timers, TLS, DNS and everything that others run on the loop stay with NIO.
///
/// Where the kernel does not do that (an old one, another system, a sandbox that forbids it) there is no poller, and
/// plain connections are channels, as those with TLS always are.
final class SocketPoller {
    /// The buffer that all sockets read into. It is used up before the next read.
    let buffer: UnsafeMutableRawBufferPointer
    private let eventLoop: any EventLoop
    private let set: CInt
    /// The kernel's queue of asynchronous polls.
    private var notices: UInt64
    /// The counter that the kernel increments.
    private let signal: LoopSignal?
    // Looked up for every event, by one statement at a time and on one thread.
    @exclusivity(unchecked) private var sockets: [StreamSocket?] = []
    @exclusivity(unchecked) private var generations: [UInt32] = []
    private var free: [Int] = []
    private let ready = UnsafeMutablePointer<pt_ready>.allocate(capacity: PT_READY_MAX)
    private var unfinished: [StreamSocket] = []
    private var isAsked = false
    private var asked = 0
    private var isScheduled = false
    /// False: plain connections are channels from now on.
    private(set) var isOpen = true
    private(set) var isSweeping = false
    /// Called before anything is read.
    var onSweepBegin: () -> Void = {}
    /// Called when all that was ready has been read.
    var onSweepEnd: () -> Void = {}
    /// Called when the loop ends, before the connections do.
    var onLoopEnd: () -> Void = {}

    private static let bufferSize = 64 * 1024
    /// Times that the kernel is asked again within a sweep, before others on the loop have their turn.
    private static let maxRounds = 16

    /// nil: not here.
    init?(eventLoop: any EventLoop) {
        set = pt_epoll_open()
        signal = LoopSignal(eventLoop: eventLoop)
        notices = 0
        self.eventLoop = eventLoop
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
        guard set >= 0, pt_notices_open(&notices) == 0, ask() else { return nil }
        signal?.onSignal = { [weak self] in self?.noticed() }
        signal?.onLoopEnd = { [weak self] in self?.onLoopEnd() }
        signal?.onEnd = { [weak self] in self?.close() }
    }

    deinit {
        close()
        buffer.deallocate()
        ready.deallocate()
    }

    // MARK: Sockets

    /// nil: the kernel refused it.
    func add(_ socket: StreamSocket, _ descriptor: CInt) -> UInt64? {
        let slot = free.popLast() ?? sockets.count
        if slot == sockets.count {
            sockets.append(nil)
            generations.append(0)
        }
        let token = UInt64(generations[slot]) << 32 | UInt64(slot)
        guard isOpen, pt_epoll_add(set, descriptor, token) == 0 else {
            free.append(slot)
            return nil
        }
        sockets[slot] = socket
        return token
    }

    /// Before its descriptor is closed, which takes it out of the kernel's set.
    func remove(_ token: UInt64) {
        let slot = Int(token & 0xFFFF_FFFF)
        sockets[slot] = nil
        generations[slot] &+= 1
        free.append(slot)
    }

    private func socket(_ token: UInt64) -> StreamSocket? {
        let slot = Int(token & 0xFFFF_FFFF)
        return generations[slot] == UInt32(token >> 32) ? sockets[slot] : nil
    }

    /// There is, or may be, more to read of it: the kernel will not say so again.
    func readAgain(_ socket: StreamSocket) {
        unfinished.append(socket)
        if !isSweeping { schedule() }
    }

    // MARK: Readiness

    /// Reads all that is ready now.
    func sweep() {
        guard isOpen, !isSweeping else { return }
        isSweeping = true
        onSweepBegin()
        var rounds = 0
        while rounds < Self.maxRounds, isOpen {
            rounds += 1
            let again = unfinished
            unfinished.removeAll(keepingCapacity: true)
            let count = takeReady()
            for socket in again { socket.read() }
            if count < PT_READY_MAX && unfinished.isEmpty { break }
        }
        isSweeping = false
        onSweepEnd()
        guard isOpen else { return }
        if rounds == Self.maxRounds { schedule() } else if !ask() { close() }
    }

    /// Connections are handed on some microseconds after they were read, and a server that pushes bytes behind its answers
    /// has all of that time. So where there are several the kernel is asked again, before the first and then after every few
    /// of them, once for all connections: a look at each costs 6 % of an exchange, and so does this for a single one, which
    /// was read last of all. What comes after that is `HTTP1Connection`'s to judge.
    func lookAgain(beforeHandingOn next: Int, of count: Int) {
        guard count >= Self.handOversPerLook / 2, next < count, next % Self.handOversPerLook == 0 else { return }
        readNew()
    }

    private static let handOversPerLook = 8

    /// Reads what has become ready since the last sweep, once. It ends no turn.
    private func readNew() {
        guard isOpen, !isSweeping else { return }
        isSweeping = true
        _ = takeReady()
        isSweeping = false
        if !unfinished.isEmpty { schedule() }
    }

    /// Returns how many there were.
    private func takeReady() -> Int {
        let count = max(0, Int(pt_epoll_take(set, ready)))
        for index in 0..<count { socket(ready[index].token)?.ready(Readiness(rawValue: ready[index].bits)) }
        return count
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.assumeIsolated().execute { [weak self] in
            self?.isScheduled = false
            self?.sweep()
        }
    }

    /// Asks the kernel to count in the eventfd when something becomes ready.
    private func ask() -> Bool {
        if isAsked { return true }
        guard let eventfd = signal?.descriptor else { return false }
        if asked == PT_NOTICES {
            pt_notices_forget(notices)
            asked = 0
        }
        asked += 1
        isAsked = pt_notices_ask(notices, set, eventfd) == 0
        return isAsked
    }

    private func noticed() {
        isAsked = false
        sweep()
    }

    /// Ends every connection that is left.
    func close() {
        guard isOpen else { return }
        isOpen = false
        for socket in sockets { socket?.end() }
        unfinished = []
        signal?.close()
        if notices != 0 { pt_notices_close(notices) }
        if set >= 0 { Kernel.close(set) }
    }
}

/// The readiness of a socket as reported by the kernel (epoll_ctl(2)).
struct Readiness: OptionSet {
    let rawValue: UInt32

    static let readable = Readiness(rawValue: UInt32(PT_READABLE))
    static let writable = Readiness(rawValue: UInt32(PT_WRITABLE))
    static let fin = Readiness(rawValue: UInt32(PT_FIN))
    static let hangUp = Readiness(rawValue: UInt32(PT_HANG_UP))
    static let error = Readiness(rawValue: UInt32(PT_ERROR))
}
