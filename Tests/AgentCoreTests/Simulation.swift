import AgentCore
import DNSWire
import PoolModel

/// One random history.
struct Simulation {
    private(set) var stepsDone = 0
    var random: SplitMix64
    var now = Moment(nanoseconds: 1_000_000_000)
    var machine: AgentMachine
    var world: ShadowWorld
    private let hosts: [HostID]
    private let get: MethodID
    /// How long the servers keep a connection idle; `Nanoseconds.max`: for ever.
    let serverIdleLimit: Nanoseconds
    /// Whether the servers send `Keep-Alive` hints.
    let serversHint: Bool

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let settings = Self.settings(&random)
        machine = AgentMachine(settings: settings, seed: seed, now: now)
        let hostCount = Int(random.next() % 3) + 1
        var tls: [Bool] = []
        var hosts: [HostID] = []
        for index in 0..<hostCount {
            let isTLS = random.next() % 4 == 0
            tls.append(isTLS)
            let named = random.next() % 2 == 0
            let location: HostDescription.Location =
                named
                ? .name(index == 2 ? "host0.test" : "host\(index).test")
                : .addresses([.ip(IPAddress(v4: 0x7F00_0001), port: 8000 + index)])
            hosts.append(
                machine.addHost(
                    HostDescription(
                        name: "host\(index)", origin: "http://host\(index):80", isTLS: isTLS, port: 8000 + index,
                        location: location)))
        }
        self.hosts = hosts
        get = machine.intern(method: "GET")
        world = ShadowWorld(isTLS: tls, limits: settings)
        serversHint = random.next() % 2 == 0
        serverIdleLimit = random.next() % 2 == 0 ? .seconds(Double(2 + random.next() % 6)) : .max
    }

    static func settings(_ random: inout SplitMix64) -> AgentSettings {
        func pick(_ range: ClosedRange<Int>) -> Int {
            range.lowerBound + Int(random.next() % UInt64(range.upperBound - range.lowerBound + 1))
        }
        var settings = AgentSettings()
        settings.maxSocketsPerHost = pick(1...6)
        settings.maxTotalSockets = pick(1...8)
        settings.maxFreeSocketsPerHost = pick(0...3) == 0 ? nil : pick(0...5)
        settings.maxFreeSocketsTotal = pick(0...3) == 0 ? pick(0...5) : nil
        settings.minIdlePerHost = pick(0...3) == 0 ? 2 : 0
        settings.maxDialsPerHost = pick(1...4)
        settings.queueLimit = pick(0...3) == 0 ? pick(0...5) : 1024
        settings.maxRequestsPerConnection = pick(0...2) == 0 ? pick(1...4) : nil
        settings.scheduling = Scheduling.allCases[pick(0...2)]
        settings.keepAlive = pick(0...4) == 0 ? .off : pick(0...4) == 0 ? .exchanges(1...3) : .on
        settings.retries = pick(0...2)
        settings.dnsCache = pick(0...3) != 0
        settings.firstByteTimeout = pick(0...2) == 0 ? .seconds(2) : pick(0...1) == 0 ? .seconds(30) : nil
        settings.bodySilenceTimeout = pick(0...2) == 0 ? .seconds(3) : pick(0...1) == 0 ? .seconds(30) : nil
        settings.requestTimeout = pick(0...1) == 0 ? .seconds(30) : nil
        settings.queueTimeout = pick(0...3) == 0 ? .seconds(pick(1...5)) : .seconds(30)
        settings.idleTimeout = pick(0...3) == 0 ? nil : .seconds(pick(1...20))
        settings.maxLifetime = pick(0...2) == 0 ? .seconds(pick(5...60)) : nil
        settings.failFastWhileBackingOff = pick(0...2) != 0
        settings.maxBackoff = .milliseconds(pick(1...20) * 100)
        return settings
    }

    mutating func oneIn(_ count: UInt64) -> Bool { random.next() % count == 0 }

    mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    mutating func happened(_ event: AgentEvent) throws {
        world.now = now
        machine.handle(event, now: now)
        try settle()
    }

    private mutating func settle() throws {
        try world.performAll(&machine)
        try world.forgetDeadDials(&machine, now)
        try world.checkRules(&machine)
        #if !DEBUG
            machine.checkInvariants()  // A debug build does so itself after every event.
        #endif
    }

    mutating func step() throws {
        stepsDone += 1
        // Now a rush, now a lull: limits and queues are met in the one, idle limits in the other.
        let isRush = stepsDone / 60 % 2 == 0
        switch random.next() % 20 {
        case 0..<5: try isRush || oneIn(4) ? arrive() : progress()
        case 5..<14: try progress()
        case 14: try mishap()
        case 15, 16: try passTime(.milliseconds(Int64(random.next() % 400)))
        case 17: try passTime(.milliseconds(Int64(random.next() % 8000)))
        case 18: try cancelOne()
        default: try change()
        }
        if stepsDone % 10 == 0 { try world.compare(&machine) }
        if stepsDone % 500 == 0 { try world.compare(snapshot()) }
    }

    mutating func snapshot() -> AgentSnapshot { machine.snapshot(now: now, wallClock: 0, socketsFor: [0]) }

    private mutating func arrive() throws {
        let host = hosts[below(hosts.count)]
        let isIdempotent = !oneIn(4)
        let isReplayable = !oneIn(6)
        let timeout: Nanoseconds? = oneIn(10) ? .milliseconds(Int64(random.next() % 3000)) : nil
        try happened(
            .requestArrived(
                world.newRequest(host: host.index, isIdempotent: isIdempotent, isReplayable: isReplayable),
                RequestArrival(
                    host: host, method: get, plannedAt: now, isIdempotent: isIdempotent, isReplayable: isReplayable,
                    timeout: timeout)))
    }

    /// Time passes, and servers end what has been idle for as long as they allow.
    mutating func passTime(_ span: Nanoseconds) throws {
        let end = now + span
        while let next = world.connections.min(by: { $0.idleSince < $1.idleSince }),
            next.idleSince + serverIdleLimit <= end
        {
            try turnClock(to: max(now, next.idleSince + serverIdleLimit))
            if let still = world.connections.first(where: { $0.id == next.id }), still.idleSince == next.idleSince {
                try lose(next.id, .finished, sawByte: false)
            }
        }
        try turnClock(to: end)
    }

    private mutating func turnClock(to moment: Moment) throws {
        now = moment
        world.now = now
        machine.tick(now)
        try settle()
        // The timer keeps its word: nothing due is left behind.
        try world.demand(machine.earliestDeadline() > now, "something due was left behind")
    }

    private mutating func cancelOne() throws {
        guard !world.openRequests.isEmpty else { return }
        let id = RequestID(world.openRequests[below(world.openRequests.count)].slot)
        try happened(oneIn(5) ? .requestGivenUp(id) : .requestCancelled(id))
    }

    private mutating func change() throws {
        switch random.next() % 20 {
        case 0: try happened(.idleCloseRequested(host: nil))
        case 1: try happened(.dnsFlushRequested)
        case 2, 3:
            world.limits = Self.settings(&random)
            try happened(.settingsChanged(world.limits))
        case 4: try happened(.keepAliveSet(.off, host: hosts[0]))
        case 5: try happened(.keepAliveSet(.exchanges(2...4), host: hosts[below(hosts.count)]))
        case 6, 7: try happened(.keepAliveSet(.off, host: nil))
        case 13: try happened(.suspended(for: .seconds(Double(below(3600)))))
        case 14: try happened(.resolverChanged)
        case 8...12: try happened(.keepAliveSet(.on, host: nil))
        default: break
        }
    }

    /// Drains, or not; then nothing may be left.
    mutating func finish() throws {
        if oneIn(2) {
            try happened(.drainBegan)
            var rounds = 0
            while !world.isDrained, rounds < 4000 {
                try progress()
                if rounds % 10 == 0 { try passTime(.milliseconds(300)) }
                rounds += 1
            }
            try world.demand(world.isDrained, "a drain that does not end")
        }
        try happened(.shutdownBegan)
        try world.demand(world.isDrained, "a shutdown that was not told")
        try world.compare(&machine)
        try world.compare(snapshot())
        try world.demand(world.openRequests.isEmpty, "a request was left behind")
        try world.demand(world.connections.isEmpty, "a connection was left open")
        try world.demand(machine.connections.liveCount == 0, "a connection was left behind")
    }
}
