import PoolModel

@testable import WatchCore

/// A machine that watches a shadow kernel through a shell that reads late, in any order, or loses messages.
struct WatchSimulation {
    struct Broken: Error, CustomStringConvertible { var description: String }

    /// The troubles that the machine is given at random.
    struct Course {
        var losesMessages = false
        var jumps = false
        var handlesStaleDumps = true
        var isTraced = false
    }

    var kernel: ShadowKernel
    var machine: WatchMachine
    var course: Course
    var stepsDone = 0
    var losses = 0
    var staleDumps = 0
    var lastTotals = HostMetrics()

    init(seed: UInt64, course: Course, processes: Int = 3, servers: Int = 3, scope: WatchScope = .all) {
        kernel = ShadowKernel(seed: seed, processes: processes, servers: servers)
        var settings = WatchSettings()
        settings.scope = scope
        machine = WatchMachine(settings: settings, seed: seed &+ 1, startedAt: kernel.now)
        self.course = course
        kernel.isTraced = course.isTraced
    }

    /// Opens some connections before the watch, and begins it.
    mutating func begin() throws {
        for _ in 0..<6 { act() }
        kernel.messages.removeAll()
        kernel.changes.removeAll()
        try serve()
        try serve()
        guard machine.dumps == 1 else { throw Broken(description: "the first dump did not come: \(machine.dumps)") }
        for connection in kernel.connections where connection.isAwaiting {
            // A request in flight is counted from the beginning, because its response will be.
            kernel.count(connection) { $0.started += 1 }
        }
    }

    mutating func step() throws {
        stepsDone += 1
        kernel.advance(.milliseconds(Int64(kernel.random.next() % 40) + 2))
        switch kernel.random.next() % 16 {
        case 0..<9: for _ in 0..<(kernel.random.next() % 6 + 1) { act() }
        case 9..<11: try deliver(Int(kernel.random.next() % 8))
        case 11 where course.jumps: kernel.advance(.seconds(Double(kernel.random.next() % 7200)))
        case 12 where course.losesMessages: try loseMessages()
        case 13: machine.dumpTook(cpu: .microseconds(Int64(kernel.random.next() % 800)))
        case _:
            try deliver(kernel.messages.count)
            try serve()
        }
    }

    /// Something happens in the world.
    private mutating func act() {
        kernel.advance(.milliseconds(Int64(kernel.random.next() % 3) + 1))
        let count = kernel.connections.count
        func any() -> Int { Int(kernel.random.next() % UInt64(count)) }
        switch kernel.random.next() % 32 {
        case 0..<9:
            let server = kernel.servers[Int(kernel.random.next() % UInt64(kernel.servers.count))]
            if let pair = kernel.reusable {
                return kernel.open(owner(), kernel.random.next() % 2 == 0 ? pair.remote : server)
            }
            kernel.open(owner(), server)
        case 9..<21: if count > 0 { kernel.request(Int(kernel.random.next() % UInt64(count))) }
        case 21..<29:
            if count > 0 {
                let index = Int(kernel.random.next() % UInt64(count))
                kernel.close(index, byPeer: kernel.random.next() % 2 == 0)
            }
        case 29: kernel.failToOpen(kernel.servers[0])
        case 30: kernel.lookUp()
        case _: kernel.replaceProcess(owner())
        }
    }

    private mutating func owner() -> Int { Int(kernel.random.next() % UInt64(kernel.processes.count)) }

    mutating func deliver(_ count: Int) throws {
        try readTrace()
        for _ in 0..<min(count, kernel.messages.count) { try tell(.destroyed(kernel.messages.removeFirst())) }
    }

    /// The trace is read before the messages, because each of them is about something that was traced before.
    private mutating func readTrace() throws {
        for change in kernel.changes { try tell(.stateTraced(change)) }
        kernel.changes.removeAll()
    }

    private mutating func loseMessages() throws {
        guard !kernel.messages.isEmpty else { return }
        losses += 1
        kernel.messages.removeFirst(min(kernel.messages.count, Int(kernel.random.next() % 6) + 1))
        try tell(.messagesLost)
    }

    /// Answers what the machine asks.
    mutating func serve() throws {
        for question in machine.questions(now: kernel.now) {
            switch question {
            case .processes: try tell(.processesRead(kernel.processFacts))
            case .activeOpens: try tell(.activeOpensRead(kernel.activeOpens))
            case .whoClosed(let pair): try tell(.timeWaitFound(pair, kernel.timeWaits.contains(pair)))
            case .glimpse(let pids): try tell(.glimpsed(kernel.glimpses(of: pids)))
            case .timeWaits:
                let waits = Dictionary(kernel.timeWaits.map { ($0.remote, 1) }, uniquingKeysWith: +)
                try tell(.timeWaitsDumped(waits, inAll: kernel.timeWaits.count))
            case .dump(let pids):
                try readTrace()
                let records = kernel.dump()
                if kernel.isWatched && course.handlesStaleDumps && kernel.random.next() % 4 == 0 {
                    // The world goes on while a dump is read, and its messages are read before the dump.
                    staleDumps += 1
                    for _ in 0..<4 { act() }
                    try deliver(kernel.messages.count)
                }
                kernel.isWatched = true
                try tell(.dumped(records))
                kernel.noteDumped(records)
                try tell(.ownersRead(kernel.owners(of: pids), of: pids))
                kernel.noteOwned(pids)
            }
        }
        try checkSnapshot()
    }

    mutating func tell(_ fact: Fact) throws {
        machine.handle(fact, now: kernel.now)
        if let broken = machine.brokenInvariant() { throw Broken(description: broken) }
    }

    /// Everything is read, and the machine has the time that it takes to notice what was lost.
    mutating func finish() throws {
        for _ in 0..<8 {
            try deliver(kernel.messages.count)
            try serve()
            kernel.advance(.seconds(1))
        }
        course.handlesStaleDumps = false
        for _ in 0..<3 {
            try deliver(kernel.messages.count)
            kernel.advance(.seconds(4))
            try serve()
        }
    }

    private mutating func checkSnapshot() throws {
        let snapshot = machine.snapshot(now: kernel.now, wallClock: 0, socketsFor: stepsDone % 8 == 0 ? [0, 1, 2] : [])
        let totals = snapshot.totals
        let rows = snapshot.source?.processes ?? []
        guard rows.reduce(0, { $0 + $1.opened }) == totals.connections.opened,
            rows.reduce(0, { $0 + $1.closed }) == totals.connections.closed,
            rows.reduce(0, { $0 + $1.open }) == totals.connections.open
        else { throw Broken(description: "rows \(rows) do not add up to \(totals.connections)") }
        guard totals.connections.closedByReason.total == totals.connections.closed else {
            throw Broken(description: "reasons \(totals.connections.closedByReason)")
        }
        guard totals.connections.opened >= lastTotals.connections.opened,
            totals.connections.closed >= lastTotals.connections.closed,
            totals.requests.succeeded >= lastTotals.requests.succeeded,
            totals.bytes.sent >= lastTotals.bytes.sent
        else { throw Broken(description: "a total went down: \(lastTotals) to \(totals)") }
        for host in snapshot.hosts {
            guard let sockets = host.sockets else { continue }
            guard sockets.count == host.metrics.connections.open else {
                throw Broken(description: "\(sockets.count) sockets of \(host.metrics.connections.open)")
            }
        }
        lastTotals = totals
    }
}
