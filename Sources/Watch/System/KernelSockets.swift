import CLinux
import Glibc
import WatchCore

/// Two netlink sockets: one on which the kernel tells of destroyed sockets, and one for dumps and exact questions. They stay
/// in the network namespace of the thread that opened them. Used by one thread at a time.
final class KernelSockets {
    /// Readable when sockets were destroyed; nil: the kernel does not tell.
    private(set) var events: CInt?
    private let questions: CInt
    /// False: this kernel lists the sockets of one family at a time only.
    private var dumpsAtOnce: Bool
    private let batch = UnsafeMutableRawBufferPointer.allocate(byteCount: PT_BATCH * PT_MESSAGE_MAX, alignment: 16)
    private var lengths = [UInt32](repeating: 0, count: PT_BATCH)
    private let answer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)

    /// The groups for destroyed sockets of TCP and UDP in IPv4 and IPv6 (`enum sknetlink_groups`).
    private static let groups: UInt32 = 0b1111
    /// Room for a second with 10,000 closed connections whose ends are both on this machine. The kernel gives an ordinary
    /// user less.
    static let eventBuffer: CInt = 32 << 20
    /// An event that the kernel sends at all arrives within a millisecond; within this even on a busy machine.
    private static let selfTestMilliseconds: CInt = 500
    /// Only a kernel that lost an answer lets us wait.
    private static let answerSeconds = 5

    init(eventBuffer: CInt = KernelSockets.eventBuffer, dumpsAtOnce: Bool = true) throws(WatchError) {
        self.dumpsAtOnce = dumpsAtOnce
        questions = pt_diag_open(0)
        guard questions >= 0 else {
            throw WatchError("the kernel refuses netlink, by which sockets are listed: \(SystemCall.reason(errno))")
        }
        let descriptor = pt_diag_open(Self.groups)
        events = descriptor >= 0 ? descriptor : nil
        if descriptor >= 0 { pt_receive_buffer(descriptor, eventBuffer) }
        var limit = timeval(tv_sec: Self.answerSeconds, tv_usec: 0)
        setsockopt(questions, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // The kernel loads the modules that describe TCP and UDP when they are asked for, without which it tells nothing.
        var records: [SocketRecord] = []
        try dump(.living, into: &records)
        _ = ask(SocketRequest.dump(.v4, transport: .udp, states: .timeWait), isDump: true) { _ in }
        if descriptor >= 0, !tellsOfDestroyedSockets(descriptor) {
            close(descriptor)
            events = nil
        }
    }

    deinit {
        close(questions)
        if let events { close(events) }
        batch.deallocate()
        answer.deallocate()
    }

    // MARK: Destroyed sockets

    /// Destroyed sockets since the last time.
    struct Destroyed {
        var sockets: [SocketRecord] = []
        /// The kernel's queue was full.
        var isIncomplete = false
    }

    private var destroyed = Destroyed()

    /// Takes all that the kernel told until now, without waiting.
    func takeDestroyed() -> Destroyed {
        readEvents()
        defer { destroyed = Destroyed() }
        return destroyed
    }

    /// Sockets without a remote end are left out: listeners, and sockets that never connected.
    private func readEvents() {
        guard let events else { return }
        while true {
            let count = Int(pt_receive_batch(events, batch.baseAddress, &lengths))
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                // The kernel says once that its queue was full (netlink(7)).
                guard count < 0, errno == ENOBUFS else { return }
                destroyed.isIncomplete = true
                continue
            }
            add(count)
            if count < PT_BATCH { return }
        }
    }

    private func add(_ count: Int) {
        for index in 0..<count {
            let start = index * PT_MESSAGE_MAX
            let message = UnsafeRawBufferPointer(rebasing: batch[start..<start + Int(lengths[index])])
            SocketMessages.parse(message.bytes) { message in
                if case .socket(let record) = message, record.pair.remote.port != 0 {
                    destroyed.sockets.append(record)
                }
            }
        }
    }

    /// Opens and closes a socket that connects to nothing, and waits for the kernel to tell of its end. A kernel before 4.3
    /// does not, and says so in no other way.
    private func tellsOfDestroyedSockets(_ events: CInt) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return true }
        close(descriptor)
        var waiting = pollfd(fd: events, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, Self.selfTestMilliseconds) > 0
    }

    // MARK: Questions

    /// All sockets of TCP, of both families.
    func dump(
        _ states: SocketRequest.States, remotePort: UInt16? = nil, into records: inout [SocketRecord]
    ) throws(WatchError) {
        if dumpsAtOnce {
            let before = records.count
            let code = ask(SocketRequest.dumpOfTCP(states, remotePort: remotePort), isDump: true) { records.append($0) }
            if code == 0 { return }
            // A kernel without the older request is asked by family from now on.
            dumpsAtOnce = false
            records.removeSubrange(before...)
        }
        try eachByFamily(states, remotePort) { records.append($0) }
    }

    /// All sockets in TIME_WAIT, one by one: where connections are short there are more of them than of all others
    /// together, and a list of them would be most of our memory. `begin` comes before the first, again where the kernel has
    /// to be asked in another way.
    func eachTimeWait(
        remotePort: UInt16?, begin: () -> Void, _ body: (SocketRecord) -> Void
    ) throws(WatchError) {
        if dumpsAtOnce {
            begin()
            let code = ask(SocketRequest.dumpOfTCP(.timeWait, remotePort: remotePort), isDump: true, body)
            if code == 0 { return }
            dumpsAtOnce = false
        }
        begin()
        try eachByFamily(.timeWait, remotePort, body)
    }

    private func eachByFamily(
        _ states: SocketRequest.States, _ remotePort: UInt16?, _ body: (SocketRecord) -> Void
    ) throws(WatchError) {
        for family in SocketRequest.Family.allCases {
            let request = SocketRequest.dump(family, states: states, remotePort: remotePort)
            let code = ask(request, isDump: true, body)
            // A machine without IPv6 answers so.
            guard code == 0 || (family == .v6 && code == ENOENT) else {
                throw WatchError("the kernel does not list its TCP sockets (sock_diag): \(SystemCall.reason(code))")
            }
        }
    }

    /// Is there a TIME_WAIT of this pair? In FIN_WAIT2 it also is one that the kernel keeps in its short form.
    func hasTimeWait(_ pair: SocketPair) -> Bool {
        var isFound = false
        _ = ask(SocketRequest.exact(pair), isDump: false) { record in
            isFound = record.state == .timeWait || record.state == .finWait2
        }
        return isFound
    }

    /// True where the socket with this inode is of the unix family.
    func isUnix(_ inode: UInt64) -> Bool {
        guard let inode = UInt32(exactly: inode) else { return false }
        return ask(SocketRequest.unix(inode: inode), isDump: false) { _ in } == 0
    }

    /// Sends a request and reads to the end of its answer. Returns 0 or an errno.
    private func ask(_ request: [UInt8], isDump: Bool, _ body: (SocketRecord) -> Void) -> CInt {
        guard send(questions, request, request.count, 0) == request.count else { return errno }
        var result: CInt?
        while result == nil {
            let count = recv(questions, answer.baseAddress, answer.count, 0)
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                return count < 0 ? errno : EIO
            }
            // A long dump must not let the other queue fill up.
            if isDump { readEvents() }
            SocketMessages.parse(UnsafeRawBufferPointer(rebasing: answer[..<count]).bytes) { message in
                switch message {
                case .socket(let record):
                    body(record)
                    if !isDump { result = 0 }
                case .done, .unixSocket: result = 0
                case .error(let code): result = code
                case .overrun: result = ENOBUFS
                }
            }
        }
        return result ?? 0
    }
}
