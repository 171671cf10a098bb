import Glibc
import PoolModel
import WatchCore

/// The thread's side of a `WatchSession`: reads facts, hands them to the machine and answers its questions.
final class WatchLoop {
    private var machine: WatchMachine
    private let session: WatchSession
    private let proc: ProcFiles
    private let view: SocketView
    private let trace: TraceInstance?
    private let threadOwners: ThreadOwners
    private let socketOwners: SocketOwners
    /// The kernel sends only sockets with this remote port; nil: all.
    private var remotePort: UInt16?
    private var notes: [SourceNote] = []
    private var hasFigures: Bool?
    private var hasDumped = false
    private var records: [SocketRecord] = []
    /// Until then messages about destroyed sockets are left to gather, so that one waking serves many.
    private var quietUntil = Moment.zero
    private let snmp: String

    private static let gathering: Nanoseconds = .milliseconds(50)
    /// Where more sockets exist, a filter by port is worth its limits.
    private static let filterFrom = 20_000
    private static let longestSleep: Nanoseconds = .seconds(10)

    init(
        _ settings: WatchSettings, session: WatchSession, useTrace: Bool, namespaceOf: Int?
    ) throws(WatchError) {
        self.session = session
        proc = try ProcFiles()
        if case .processes(let pids) = settings.scope {
            for pid in pids.sorted() where proc.process(pid) == nil { throw WatchError("no process \(pid)") }
        }
        if let namespaceOf {
            view = try .namespace(of: namespaceOf, proc)
        } else {
            view = .netlink(try KernelSockets())
        }
        snmp = "\(namespaceOf.map(String.init) ?? "self")/net/snmp"
        if case .netlink(let sockets) = view {
            socketOwners = SocketOwners(proc, isUnix: sockets.isUnix)
        } else {
            socketOwners = SocketOwners(proc)
        }
        threadOwners = ThreadOwners(proc, namespace: proc.networkNamespace(of: namespaceOf.map(String.init) ?? "self"))
        var settings = settings
        switch view {
        case .netlink(let sockets):
            try sockets.dump(.living, into: &records)
            if records.count > Self.filterFrom { remotePort = settings.port.flatMap { UInt16(exactly: $0) } }
            settings.hasDestroyEvents = sockets.events != nil
        case .tables(let tables):
            records = try tables.sockets()
            settings.hasDestroyEvents = false
            notes.append(SourceNote(.namespaceTables))
        }
        trace = useTrace ? TraceInstance(port: settings.port, proc) : nil
        if trace != nil { notes.append(SourceNote(.traced)) }
        let now = SystemCall.now
        machine = WatchMachine(settings: settings, seed: UInt64(bitPattern: now.nanoseconds), startedAt: now)
    }

    /// Returns when it is told to, or when the kernel answers no more.
    func run() {
        var reason: WatchError?
        do throws(WatchError) {
            var isRunning = true
            while isRunning {
                try answerQuestions()
                isRunning = try wait()
            }
        } catch {
            reason = error
        }
        trace?.remove()
        session.end(reason)
    }

    // MARK: Waiting

    /// Sleeps until something is to be done, and does it. False: the end.
    private func wait() throws(WatchError) -> Bool {
        let now = SystemCall.now
        var events: CInt?
        if case .netlink(let sockets) = view { events = sockets.events }
        var deadline = min(machine.nextDeadline, now + Self.longestSleep)
        let isQuiet = now < quietUntil
        if isQuiet, events != nil { deadline = min(deadline, quietUntil) }
        // Without events the second is ignored by the kernel.
        var waiting = [
            pollfd(fd: session.bell, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isQuiet ? -1 : events ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        // Rounded up, so that it does not wake too early and turn in circles.
        let milliseconds = max(0, (deadline - now + 999_999) / 1_000_000)
        guard poll(&waiting, 2, CInt(milliseconds)) > 0 else { return true }
        if waiting[1].revents != 0 { takeKernelEvents() }
        return waiting[0].revents == 0 ? true : try takeWishes()
    }

    private func takeWishes() throws(WatchError) -> Bool {
        let wishes = session.takeWishes()
        if !wishes.names.isEmpty { machine.handle(.namesLearnt(wishes.names), now: SystemCall.now) }
        if !wishes.left.isEmpty { machine.handle(.addressesLeft(wishes.left), now: SystemCall.now) }
        if let showsNames = wishes.showsNames { machine.show(names: showsNames) }
        if let scope = wishes.scope { machine.choose(scope) }
        if !wishes.snapshots.isEmpty {
            do throws(WatchError) {
                // Read first, so that the sockets that it counts are among those of the messages.
                let opened = try activeOpens()
                takeKernelEvents()
                try answerQuestions()
                if let opened { machine.handle(.activeOpensRead(opened), now: SystemCall.now) }
            } catch {
                for wish in wishes.snapshots { wish.waiter.resume(throwing: error) }
                throw error
            }
            for wish in wishes.snapshots { wish.waiter.resume(returning: snapshot(socketsFor: wish.socketsFor)) }
        }
        return !wishes.isStopping
    }

    private func snapshot(socketsFor: Set<Int>) -> AgentSnapshot {
        var snapshot = machine.snapshot(
            now: SystemCall.now, wallClock: SystemCall.wallClock, socketsFor: socketsFor)
        let known = Set((snapshot.source?.notes ?? []).map(\.label.rawValue))
        snapshot.source?.notes += notes.filter { !known.contains($0.label.rawValue) }
        return snapshot
    }

    // MARK: Facts

    /// The trace names the owners of the sockets that are destroyed. So it is handed over before them, and read after them:
    /// whatever it says of a destroyed socket is there by then.
    private func takeKernelEvents() {
        guard case .netlink(let sockets) = view else { return takeTrace() }
        let destroyed = sockets.takeDestroyed()
        takeTrace()
        let now = SystemCall.now
        if destroyed.isIncomplete { machine.handle(.messagesLost, now: now) }
        for record in destroyed.sockets { machine.handle(.destroyed(record), now: now) }
        quietUntil = now + Self.gathering
    }

    private func takeTrace() {
        guard let changes = trace?.read(), !changes.isEmpty else { return }
        let now = SystemCall.now
        for change in changes {
            var change = change
            // Only an opening happens in the time of the process that owns the socket.
            if change.new == .synSent {
                guard let process = threadOwners.process(of: change.pid) else { continue }
                change.pid = process
            }
            machine.handle(.stateTraced(change), now: now)
        }
    }

    // MARK: Questions

    /// An answer may lead to another question. A machine that never stops asking must not keep the thread from its events.
    private func answerQuestions() throws(WatchError) {
        for _ in 0..<8 {
            let questions = machine.questions(now: SystemCall.now)
            guard !questions.isEmpty else { return }
            for question in questions { try answer(question) }
        }
    }

    private func answer(_ question: Question) throws(WatchError) {
        switch question {
        case .dump(let processes): try dump(processes)
        case .whoClosed(let pair):
            guard case .netlink(let sockets) = view else { return }
            let isFound = sockets.hasTimeWait(pair)
            machine.handle(.timeWaitFound(pair, isFound), now: SystemCall.now)
        case .glimpse(let processes):
            let start = SystemCall.threadCPU
            machine.handle(.glimpsed(socketOwners.glimpse(processes)), now: SystemCall.now)
            machine.glimpseTook(cpu: SystemCall.threadCPU - start)
        case .processes:
            threadOwners.forget()
            machine.handle(.processesRead(proc.processes(always: socketOwners.owners)), now: SystemCall.now)
        case .activeOpens: try readActiveOpens()
        case .timeWaits: try dumpTimeWaits()
        }
    }

    /// A socket that is in the dump is destroyed later, so its message must not be handed over before.
    private func dump(_ processes: Set<Int>) throws(WatchError) {
        let start = SystemCall.threadCPU
        if !hasDumped, case .netlink(let sockets) = view {
            // They were there before the watch, and are in no dump.
            _ = sockets.takeDestroyed()
            hasDumped = true
        }
        let processes = proc.busiestFirst(processes)
        records.removeAll(keepingCapacity: true)
        switch view {
        case .netlink(let sockets): try sockets.dump(.living, remotePort: remotePort, into: &records)
        case .tables(let tables): records = try tables.sockets().filter { $0.state != .timeWait }
        }
        noteFigures()
        takeTrace()
        machine.handle(.dumped(records), now: SystemCall.now)
        let dumped = SystemCall.threadCPU
        machine.dumpTook(cpu: dumped - start)
        let owners = socketOwners.find(records, among: processes)
        machine.handle(.ownersRead(owners, of: Set(processes)), now: SystemCall.now)
        machine.ownersTook(cpu: SystemCall.threadCPU - dumped, of: processes.count)
    }

    /// Once, as soon as there is a connection that shows it.
    private func noteFigures() {
        guard hasFigures == nil, case .netlink = view,
            let record = records.first(where: { $0.state == .established })
        else { return }
        hasFigures = record.tcp != nil
        if record.tcp == nil { notes.append(SourceNote(.noTCPInfo)) }
    }

    private func readActiveOpens() throws(WatchError) {
        guard let count = try activeOpens() else { return }
        machine.handle(.activeOpensRead(count), now: SystemCall.now)
    }

    private func activeOpens() throws(WatchError) -> Int? {
        let count = proc.read(snmp).flatMap { NetworkCounters.activeOpens(snmp: $0) }
        if count == nil, case .tables(let tables) = view { throw tables.gone }
        return count
    }

    private func dumpTimeWaits() throws(WatchError) {
        var (counts, all): ([Endpoint: Int], Int) = ([:], 0)
        func count(_ record: SocketRecord) {
            all += 1
            if machine.isKnown(record.pair.remote) { counts[record.pair.remote, default: 0] += 1 }
        }
        switch view {
        case .netlink(let sockets):
            try sockets.eachTimeWait(remotePort: remotePort, begin: { (counts, all) = ([:], 0) }, count)
        case .tables(let tables): try tables.sockets().filter { $0.state == .timeWait }.forEach(count)
        }
        machine.handle(.timeWaitsDumped(counts, inAll: all), now: SystemCall.now)
    }
}
