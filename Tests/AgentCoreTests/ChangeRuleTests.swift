import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rules 16 and 17: draining, shutdown, and limits that change while running.
@Suite struct ChangeRuleTests {
    /// A rig with an idle, a written and a reading connection, a dial and a waiter.
    private static func busy() throws -> (rig: Rig, host: HostID, active: [Int], queued: [Int]) {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 4 }
        _ = try rig.idleConnections(3, at: host)
        let active = [rig.arrive(host), rig.arrive(host)]
        try rig.write(active[0])
        try rig.write(active[1])
        try rig.head(active[1])
        let third = rig.arrive(host)
        let queued = [rig.arrive(host), rig.arrive(host)]
        return (rig, host, active + [third], queued)
    }

    @Test("Draining lets active and queued requests finish")
    func rule16DrainLetsActiveAndQueuedRequestsFinish() throws {
        var (rig, host, active, queued) = try Self.busy()
        rig.send(.drainBegan)
        let refused = rig.arrive(host)
        #expect(rig.outcomes[refused] == .failed(.shutdown))
        try rig.write(active[2])
        for request in active {
            if request != active[1] { try rig.head(request) }
            try rig.end(request)
        }
        #expect(rig.timesDrained == 0)
        for request in queued {
            if rig.connection(of: request) == nil { try rig.connect() }
            try rig.serve(request)
        }
        #expect(rig.timesDrained == 1)
        #expect((active + queued).allSatisfy { rig.outcomes[$0] == .succeeded(200) })
        #expect(rig.machine.connections.liveCount == 0)
    }

    @Test("Shutdown fails each request exactly once, and nothing dials again")
    func rule16ShutdownFailsEachExactlyOnceAndNothingDialsAgain() throws {
        var (rig, host, active, queued) = try Self.busy()
        rig.send(.shutdownBegan)
        #expect(rig.timesDrained == 1)
        #expect((active + queued).allSatisfy { rig.outcomes[$0] == .failed(.shutdown) })
        #expect(rig.machine.connections.liveCount == 0)
        #expect(rig.connects.isEmpty)
        let dials = rig.connections(host).dials
        rig.send(.shutdownBegan)
        rig.send(.drainBegan)
        rig.set { $0.maxSocketsPerHost = 100 }
        rig.set { $0.minIdlePerHost = 10 }
        rig.send(.keepAliveSet(.on, host: nil))
        let refused = rig.arrive(host)
        rig.pass(1000)
        #expect(rig.outcomes[refused] == .failed(.shutdown))
        #expect(rig.timesDrained == 1)
        #expect(rig.connections(host).dials == dials)
    }

    @Test(
        "Draining and shutdown work in every phase of a connection", arguments: ConnectionPhase.allCases, [true, false])
    func rule16TheEndInEveryPhase(phase: ConnectionPhase, isShutdown: Bool) throws {
        var stage = try Stage(phase)
        stage.rig.send(isShutdown ? .shutdownBegan : .drainBegan)
        if !isShutdown { try stage.finish() }
        #expect(stage.rig.timesDrained == 1)
        #expect(stage.rig.machine.connections.liveCount == 0)
        #expect(stage.rig.machine.mode == .stopped)
        if let request = stage.request {
            #expect(stage.rig.outcomes[request] == (isShutdown ? .failed(.shutdown) : .succeeded(200)))
        }
    }

    @Test("An idle agent is drained at once")
    func rule16AnIdleAgentIsDrainedAtOnce() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        rig.send(.drainBegan)
        #expect(rig.timesDrained == 1)
        #expect(rig.closed == [id: .drain])
        rig.send(.shutdownBegan)
        #expect(rig.timesDrained == 1)
    }

    @Test("A queue drains over the connections that are already open")
    func rule16AQueueDrainsOverTheConnectionsThatAreOpen() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        let requests = (0..<5).map { _ in rig.arrive(host) }
        try rig.connect()
        rig.send(.drainBegan)
        for request in requests { try rig.serve(request) }
        #expect(rig.timesDrained == 1)
        #expect(rig.assignments[requests[4]]?.sendClose == true)
        #expect(rig.connections(host).dials == 1)
    }

    // MARK: Limits, lowered and raised

    @Test("Lowering maxSockets closes idle connections and lets active ones finish")
    func rule17MaxSocketsLowered() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(4, at: host)
        let request = rig.arrive(host)
        rig.set { $0.maxSocketsPerHost = 2 }
        #expect(rig.closeOrder == [idle[0], idle[1]])
        rig.set { $0.maxSocketsPerHost = 1 }
        #expect(rig.closeOrder == [idle[0], idle[1], idle[2]])
        #expect(rig.closed.values.allSatisfy { $0 == .idleLimitHost })
        try rig.serve(request)
        #expect(rig.machine.hosts[0].population.idle == 1)
    }

    @Test("A dial that completes after the limit was lowered does not stay")
    func rule17ADialThatComesTooLateForALoweredLimitDoesNotStay() throws {
        var (rig, host) = Rig.one()
        let requests = (0..<3).map { _ in rig.arrive(host) }
        try rig.connect()
        try rig.connect()
        try rig.serve(requests[0])
        rig.set { $0.maxSocketsPerHost = 2 }
        try rig.connect()
        #expect(rig.machine.hosts[0].population.established <= 2)
    }

    @Test("An idle connection makes no room above a lowered limit")
    func rule17AnIdleConnectionMakesNoRoomAboveALoweredLimit() throws {
        var (rig, host) = Rig.one()
        let running = (0..<4).map { _ in rig.arrive(host) }
        while !rig.connects.isEmpty { try rig.connect() }
        for request in running[1...] { try rig.write(request) }
        rig.set { $0.maxSocketsPerHost = 2 }
        rig.arrive(host)
        #expect(rig.connects.isEmpty)
        try rig.serve(running[0])
        #expect(rig.connects.isEmpty)
        #expect(rig.machine.hosts[0].population.all == 3)
    }

    @Test("Raising maxSockets lets waiting requests dial")
    func rule17MaxSocketsRaisedWakesWaiters() {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        for _ in 0..<4 { rig.arrive(host) }
        #expect(rig.connects.count == 1)
        rig.set { $0.maxSocketsPerHost = 3 }
        #expect(rig.connects.count == 3)
    }

    @Test("The total limit can be lowered and raised at run time")
    func rule17MaxTotalLoweredAndRaised() throws {
        var rig = Rig { $0.maxTotalSockets = 4 }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let idle = try rig.idleConnections(2, at: a) + rig.idleConnections(2, at: b)
        rig.set { $0.maxTotalSockets = 1 }
        #expect(rig.closeOrder == Array(idle[..<3]))
        #expect(rig.closed.values.allSatisfy { $0 == .idleLimitTotal })
        rig.arrive(b)
        rig.arrive(b)
        #expect(rig.connects.isEmpty)
        rig.set { $0.maxTotalSockets = 2 }
        #expect(rig.connects.count == 1)
    }

    @Test("Lowering the total limit during dials keeps the limit")
    func rule17MaxTotalLoweredWhileDialling() throws {
        var rig = Rig { $0.maxTotalSockets = 4 }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let requests = [rig.arrive(a), rig.arrive(a), rig.arrive(b), rig.arrive(b)]
        rig.set { $0.maxTotalSockets = 2 }
        while !rig.connects.isEmpty { try rig.connect() }
        for request in requests { try rig.serve(request) }
        #expect(rig.machine.connections.liveCount == 2)
    }

    @Test("Lowering the limits on idle connections closes surplus ones")
    func rule17IdleLimitsLowered() throws {
        var rig = Rig()
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let idle = try rig.idleConnections(3, at: a) + rig.idleConnections(3, at: b)
        rig.set { $0.maxFreeSocketsPerHost = 2 }
        #expect(rig.closed == [idle[0]: .idleLimitHost, idle[3]: .idleLimitHost])
        rig.set { $0.maxFreeSocketsTotal = 2 }
        #expect(rig.closed[idle[1]] == .idleLimitTotal)
        #expect(rig.closed[idle[2]] == .idleLimitTotal)
        rig.set { $0.maxFreeSocketsTotal = -1 }
        #expect(rig.machine.connections.liveCount == 0)
    }

    @Test("Lowering the queue limit fails the newest surplus requests")
    func rule17QueueLimitLowered() {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        let requests = (0..<5).map { _ in rig.arrive(host) }
        rig.set { $0.queueLimit = 2 }
        #expect(rig.outcomes == [requests[3]: .failed(.queueFull), requests[4]: .failed(.queueFull)], "the newest go")
    }

    @Test("A new queue timeout applies to requests that already wait")
    func rule17QueueTimeoutHoldsForThoseThatWait() {
        var (rig, host) = Rig.one { $0.connectTimeout = nil }
        let request = rig.arrive(host)
        rig.pass(1)
        rig.set { $0.queueTimeout = .seconds(3) }
        rig.pass(1.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes == [request: .failed(.queueTimeout)])
    }

    @Test("Raising the queue timeout lets waiting requests wait longer")
    func rule17QueueTimeoutRaised() {
        var (rig, host) = Rig.one {
            $0.connectTimeout = nil
            $0.queueTimeout = .seconds(2)
        }
        let request = rig.arrive(host)
        rig.pass(1)
        rig.set { $0.queueTimeout = .seconds(10) }
        rig.pass(8.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes == [request: .failed(.queueTimeout)])
    }

    @Test("A new idle timeout applies to idle connections", arguments: [(Optional(2), 2.0), (nil, 1000)])
    func rule17IdleTimeoutChanged(limit: Int?, lasts: Double) throws {
        var (rig, host) = Rig.one { $0.maxLifetime = nil }
        let id = try rig.idleConnections(at: host)[0]
        rig.pass(1)
        rig.set { $0.idleTimeout = limit.map { .seconds($0) } }
        rig.pass(lasts - 1.01)
        #expect(rig.closed.isEmpty)
        rig.pass(0.02)
        #expect(rig.closed == (limit == nil ? [:] : [id: .idleTimeout]))
    }

    @Test("A new lifetime applies to open connections")
    func rule17LifetimeChangesForOpenConnections() throws {
        var (rig, host) = Rig.one { $0.idleTimeout = nil }
        let id = try rig.idleConnections(at: host)[0]
        rig.pass(5)
        rig.set { $0.maxLifetime = .seconds(8) }
        rig.pass(2.9)
        #expect(rig.closed.isEmpty)
        rig.set { $0.maxLifetime = .seconds(20) }
        rig.pass(11)
        #expect(rig.closed.isEmpty)
        rig.pass(1.2)
        #expect(rig.closed == [id: .lifetime])
    }

    @Test("A new limit on requests per connection applies to open connections")
    func rule17RequestsPerConnectionChangeForOpenConnections() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(2, at: host)
        try rig.exchange(host)
        rig.set { $0.maxRequestsPerConnection = 2 }
        #expect(rig.closed == [idle[1]: .maxRequests], "it has carried two already")
        try rig.exchange(host)
        #expect(rig.closed[idle[0]] == .maxRequests)
        rig.arrive(host)
        try rig.connect()
        rig.set { $0.maxRequestsPerConnection = nil }
        try rig.serve(5)
        for _ in 0..<5 { try rig.exchange(host) }
        #expect(rig.closed.count == 2)
    }

    /// A connect that was begun under a shorter limit has the longer one, and has no further address to try.
    @Test("The connect timeout can be raised and lowered during a dial")
    func rule17ConnectTimeoutRaisedAndLowered() throws {
        var (rig, host) = Rig.one { $0.connectTimeout = .seconds(1) }
        let first = rig.arrive(host)
        rig.set { $0.connectTimeout = .seconds(5) }
        rig.pass(4.9)
        #expect(rig.outcomes.isEmpty)
        rig.set { $0.connectTimeout = .seconds(2) }
        rig.pass(0.01)
        #expect(rig.outcomes == [first: .failed(.connectTimeout)])
    }

    @Test("The first-byte limit can be removed during an exchange")
    func rule17FirstByteLimitRemovedDuringAnExchange() throws {
        var (rig, host) = Rig.one { $0.firstByteTimeout = .seconds(2) }
        let request = rig.arrive(host)
        try rig.connect()
        try rig.write(request)
        rig.set { $0.firstByteTimeout = nil }
        rig.pass(1)
        try rig.head(request)
        rig.pass(5)
        #expect(rig.outcomes.isEmpty)
        try rig.end(request)
    }

    /// Nothing that a person can type traps, or leaves an agent that can do nothing.
    @Test("Extreme limits neither trap nor break the rules")
    func rule17AbsurdLimits() throws {
        var (rig, host) = Rig.one()
        try rig.exchange(host, orConnect: true)
        for sign in [-1.0, 1] {
            rig.set {
                $0.lifetimeJitter = sign * 1e9
                $0.retryBudget = sign * .infinity
                $0.maxTotalSockets = sign < 0 ? .min : .max
                $0.maxSocketsPerHost = sign < 0 ? .min : .max
                $0.maxFreeSocketsTotal = sign < 0 ? .min : .max
                $0.minIdlePerHost = .min
                $0.maxDialsPerHost = sign < 0 ? .min : .max
                $0.queueLimit = sign < 0 ? .min : .max
                $0.maxRequestsPerConnection = sign < 0 ? .min : .max
                let span = Duration.seconds(sign < 0 ? Int64.min : .max)
                $0.maxLifetime = span
                $0.dnsMinTTL = span
                $0.dnsMaxTTL = span
                $0.dnsStale = span
                $0.dnsCacheSize = sign < 0 ? .min : .max
            }
            try rig.exchange(host, orConnect: true)
        }
        rig.set { $0.lifetimeJitter = .nan }
        rig.set {
            let span = Duration.seconds(Int64.min)
            $0.idleTimeout = span
            $0.queueTimeout = span
            $0.connectTimeout = span
            $0.tlsTimeout = span
            $0.dnsTimeout = span
            $0.firstByteTimeout = span
            $0.requestTimeout = span
        }
        let request = rig.arrive(host)
        rig.tick()
        #expect(rig.outcomes[request] != nil, "no time at all")
    }

    @Test("A host's own limits win over the agent's")
    func rule17AHostsOwnLimitsWin() throws {
        var rig = Rig()
        let host = rig.addHost("a") { $0.maxSocketsPerHost = 2 }
        for _ in 0..<5 { rig.arrive(host) }
        rig.set { $0.maxSocketsPerHost = 10 }
        #expect(rig.connects.count == 2)
        rig.send(.hostAdjusted(host) { $0.maxSocketsPerHost = 3 })
        #expect(rig.connects.count == 3)
        for _ in 0..<100 { rig.send(.hostAdjusted(host) { $0.maxSocketsPerHost += 1 }) }
        #expect(rig.machine.hosts[host.index].description.adjustments.count == 1, "kept once")
        #expect(rig.connects.count == 5)
    }
}
