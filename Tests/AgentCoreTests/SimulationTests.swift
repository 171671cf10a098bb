import AgentCore
import DNSWire
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Random histories of the whole machine against a shadow world, the books checked after every step.
///
/// A failure prints its seed; `AGENT_SEED=n swift test --filter Simulation` plays just that one.
@Suite(.serialized) struct SimulationTests {
    static let seeds: [UInt64] = {
        if let text = getenv("AGENT_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
        return Array(1...256)
    }()
    static let steps = 3000

    @Test(arguments: seeds) func everyHistoryKeepsTheBooks(seed: UInt64) throws {
        var simulation = Simulation(seed: seed)
        do {
            for _ in 0..<Self.steps { try simulation.step() }
            try simulation.finish()
        } catch {
            Issue.record("seed \(seed), step \(simulation.stepsDone): \(error)")
        }
    }
}

/// One random history.
struct Simulation {
    private(set) var stepsDone = 0
    private var random: SplitMix64
    private var now = Moment(nanoseconds: 1_000_000_000)
    private var machine: AgentMachine
    private var world: ShadowWorld
    private let hosts: [HostID]
    private let get: MethodID

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        machine = AgentMachine(settings: Self.settings(&random), seed: seed, now: now)
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
        world = ShadowWorld(isTLS: tls)
    }

    static func settings(_ random: inout SplitMix64) -> AgentSettings {
        func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        var settings = AgentSettings()
        settings.maxSocketsPerHost = pick(1...6)
        settings.maxTotalSockets = pick(1...8)
        settings.maxFreeSocketsPerHost = pick(0...5)
        settings.maxFreeSocketsTotal = pick(0...3) == 0 ? pick(0...5) : nil
        settings.minIdlePerHost = pick(0...3) == 0 ? 2 : 0
        settings.maxDialsPerHost = pick(1...4)
        settings.queueLimit = pick(0...3) == 0 ? pick(0...5) : 1024
        settings.maxRequestsPerConnection = pick(0...2) == 0 ? pick(1...4) : nil
        settings.scheduling = Scheduling.allCases[pick(0...2)]
        settings.keepAlive = pick(0...4) == 0 ? .off : pick(0...4) == 0 ? .exchanges(1...3) : .on
        settings.retries = pick(0...1)
        settings.dnsCache = pick(0...3) != 0
        settings.firstByteTimeout = pick(0...2) == 0 ? .seconds(2) : nil
        settings.idleTimeout = pick(0...3) == 0 ? nil : .seconds(pick(1...20))
        settings.maxLifetime = pick(0...2) == 0 ? .seconds(pick(5...60)) : nil
        return settings
    }

    private mutating func happened(_ event: AgentEvent) throws {
        machine.handle(event, now: now)
        try world.performAll(&machine)
        world.forgetDeadDials(&machine)
    }

    mutating func step() throws {
        stepsDone += 1
        switch random.next() % 20 {
        case 0..<5: try arrive()
        case 5..<14: try progress()
        case 14: try mishap()
        case 15, 16: try passTime(.milliseconds(Int64(random.next() % 400)))
        case 17: try passTime(.milliseconds(Int64(random.next() % 8000)))
        case 18: try cancelOne()
        default: try change()
        }
        #if !DEBUG
            machine.checkInvariants()  // A debug build does so itself after every event.
        #endif
        if stepsDone % 50 == 0 { try check() }
        try #require(world.connections.count <= machine.connections.liveCount)
    }

    private mutating func check() throws {
        var copy = machine
        try world.check(copy.snapshot(now: now, wallClock: 0, socketsFor: [0]))
    }

    private mutating func arrive() throws {
        let host = hosts[Int(random.next() % UInt64(hosts.count))]
        let idempotent = random.next() % 4 != 0
        try happened(
            .requestArrived(
                world.newRequest(),
                RequestArrival(host: host, method: get, plannedAt: now, isIdempotent: idempotent)))
    }

    private mutating func passTime(_ span: Nanoseconds) throws {
        now = now + span
        machine.tick(now)
        try world.performAll(&machine)
        world.forgetDeadDials(&machine)
        // The timer keeps its word: nothing due is left behind.
        try #require(machine.nextDeadline > now)
    }

    private mutating func cancelOne() throws {
        let open = world.openRequests
        guard let slot = open.isEmpty ? nil : open[Int(random.next() % UInt64(open.count))] else { return }
        try happened(.requestCancelled(RequestID(slot)))
    }

    private mutating func anyConnection() -> (id: ConnectionID, wire: ShadowWorld.Wire)? {
        guard !world.connections.isEmpty else { return nil }
        let connection = world.connections[Int(random.next() % UInt64(world.connections.count))]
        return (connection.id, connection.wire)
    }

    /// Moves one lookup or connection on as a healthy world would.
    private mutating func progress() throws {
        if !world.lookups.isEmpty, random.next() % 2 == 0 { return try answerLookup() }
        guard let (id, wire) = anyConnection() else { return }
        switch wire {
        case .resolving: break
        case .connecting(let attempts):
            guard attempts != 0 else { return }
            let attempt = attempts.trailingZeroBitCount
            world.connect(id)
            try happened(.connected(id, attempt: attempt, localPort: 40_000))
        case .handshaking:
            world.establish(id)
            try happened(.handshakeCompleted(id, resumed: random.next() % 2 == 0))
        case .idle: break
        case .assigned(let request):
            world.set(id, .written(request: request))
            try happened(.requestWritten(id, bytes: 100))
        case .written(let request):
            world.set(id, .answering(request: request))
            let hint = KeepAliveHint(timeoutSeconds: random.next() % 9 == 0 ? Int(random.next() % 12) : nil)
            try happened(.responseHead(id, status: 200, hint))
        case .answering, .draining:
            if random.next() % 12 == 0, wire != .draining {
                return try happened(.bodyAbandoned(id, canDrain: random.next() % 2 == 0))
            }
            let closing: CloseReason? = random.next() % 6 == 0 ? .closeHeaderReceived : nil
            if wire == .draining { world.set(id, .idle) }
            try happened(.exchangeEnded(id, closing: closing, bytesReceived: 300))
        }
    }

    private mutating func answerLookup() throws {
        let index = Int(random.next() % UInt64(world.lookups.count))
        let (name, id) = world.takeLookup(index)
        let outcome: ResolutionOutcome =
            switch random.next() % 8 {
            case 0: .notFound(ttlSeconds: 3)
            case 1: .serverFailure
            case 2: .timeout
            default:
                .addresses(
                    (0...(random.next() % 3)).map { IPAddress(v4: 0x7F00_0001 + UInt32($0 + random.next() % 2)) }
                        .reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
                    ttlSeconds: UInt32(random.next() % 6), source: .dns)
            }
        try happened(.resolved(name, for: id, outcome, elapsed: 1000))
    }

    /// What servers and networks do at the wrong moment.
    private mutating func mishap() throws {
        guard let (id, wire) = anyConnection() else { return }
        let end: ConnectionEnd = random.next() % 2 == 0 ? .finished : .reset
        switch wire {
        case .resolving: break
        case .connecting(let attempts):
            guard attempts != 0 else { return }
            let attempt = attempts.trailingZeroBitCount
            world.set(id, .connecting(attempts: attempts & ~(1 << UInt8(attempt))))
            try happened(.attemptFailed(id, attempt: attempt, .connectRefused))
        case .handshaking:
            world.drop(id)
            try happened(.handshakeFailed(id, .tlsHandshakeFailed))
        case .idle:
            if random.next() % 3 == 0 { return try happened(.bytesWhileIdle(id)) }
            world.drop(id)
            try happenedAfterDrop(
                .connectionEnded(id, end, cause: .peerClosed, sawByte: false, bytesReceived: 0), id)
        case .assigned:
            try happened(.foundDead(id, [.finished, .reset, .bytes][Int(random.next() % 3)]))
        case .written, .answering, .draining:
            try happenedAfterDrop(
                .connectionEnded(
                    id, end, cause: .peerClosed, sawByte: wire != .written(request: 0) && random.next() % 2 == 0,
                    bytesReceived: 10), id)
        }
    }

    private mutating func happenedAfterDrop(_ event: AgentEvent, _ id: ConnectionID) throws {
        machine.handle(event, now: now)
        world.drop(id)
        try world.performAll(&machine, alreadyGone: id)
        world.forgetDeadDials(&machine)
    }

    private mutating func change() throws {
        switch random.next() % 12 {
        case 0: try happened(.idleCloseRequested(host: nil))
        case 1: try happened(.dnsFlushRequested)
        case 2, 3: try happened(.settingsChanged(Self.settings(&random)))
        case 4: try happened(.keepAliveSet(.off, host: hosts[0]))
        default: try happened(.keepAliveSet(random.next() % 2 == 0 ? .on : .off, host: nil))
        }
    }

    /// Drains; then nothing may be left.
    mutating func finish() throws {
        if random.next() % 2 == 0 {
            try happened(.drainBegan)
            var rounds = 0
            while !world.isDrained, rounds < 4000 {
                try progress()
                if rounds % 10 == 0 { try passTime(.milliseconds(300)) }
                rounds += 1
            }
        }
        try happened(.shutdownBegan)
        try check()
        try #require(world.openRequests.isEmpty, "a request was left behind")
        try #require(machine.connections.liveCount == 0, "a connection was left behind")
    }
}
