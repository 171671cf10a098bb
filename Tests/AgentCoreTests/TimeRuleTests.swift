import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rule 19 and the timer: each phase has its own limit, none fires early, none is lost.
@Suite struct TimeRuleTests {
    @Test("A request's limit does not affect the connection's next use")
    func rule19ARequestsLimitDoesNotSurviveIntoTheNextUse() throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host, timeout: 2)
        let id = try rig.connect()
        rig.pass(1)
        try rig.serve(first)
        rig.pass(0.5)
        let second = rig.arrive(host, timeout: 10)
        #expect(rig.connection(of: second) == id)
        rig.pass(9.9)
        #expect(rig.outcomes[second] == nil)
        rig.pass(0.2)
        #expect(rig.outcomes[second] == .failed(.requestTimeout))
        #expect(rig.closed == [id: .requestTimeout])
    }

    /// The connection's entry lies later than the limit of the request that it carries now.
    @Test("A limit that ends before the connection's heap entry applies")
    func rule19ALimitEarlierThanTheConnectionsEntryHolds() throws {
        var (rig, host) = Rig.one { $0.idleTimeout = .seconds(60) }
        _ = try rig.idleConnections(at: host)
        let request = rig.arrive(host, timeout: 0.5)
        rig.pass(0.49)
        #expect(rig.outcomes[request] == nil)
        rig.pass(0.02)
        #expect(rig.outcomes[request] == .failed(.requestTimeout))
    }

    @Test("Every phase has its own time limit")
    func rule19EveryPhaseHasItsOwnLimit() throws {
        func cause(_ phase: ConnectionPhase, _ limit: Double, _ change: (inout AgentSettings) -> Void) throws
            -> FailureCause?
        {
            var stage = try Stage(phase)
            stage.rig = Rig(change)
            var rig = stage.rig
            let host = rig.addHost("a", isTLS: phase == .handshaking, dnsName: phase == .resolving ? "a.test" : nil)
            let request = rig.arrive(host)
            if phase != .resolving && phase != .connecting { try rig.connect() }
            if phase == .awaitingHead { try rig.write(request) }
            rig.pass(limit - 0.01)
            #expect(rig.outcomes.isEmpty, "\(phase)")
            rig.pass(0.02)
            guard case .failed(let cause) = rig.outcomes[request] else { return nil }
            return cause
        }
        #expect(try cause(.resolving, 2) { $0.dnsTimeout = .seconds(2) } == .dnsTimeout)
        #expect(try cause(.connecting, 3) { $0.connectTimeout = .seconds(3) } == .connectTimeout)
        #expect(try cause(.handshaking, 4) { $0.tlsTimeout = .seconds(4) } == .tlsHandshakeFailed)
        #expect(try cause(.awaitingHead, 5) { $0.firstByteTimeout = .seconds(5) } == .firstByteTimeout)
        #expect(try cause(.writing, 6) { $0.requestTimeout = .seconds(6) } == .requestTimeout)
        #expect(try cause(.connecting, 7) { $0.queueTimeout = .seconds(7) } == .queueTimeout)
    }

    /// Its lookup, connects and handshake are given up with it, or their sockets would stay.
    @Test(
        "A dial that exceeds its limit is abandoned", arguments: [ConnectionPhase.resolving, .connecting, .handshaking])
    func rule19ADialPastItsLimitIsGivenUp(phase: ConnectionPhase) throws {
        var stage = try Stage(phase)
        stage.rig.pass(10.01)
        #expect(stage.phase == nil)
        #expect(stage.rig.aborted == [stage.id])
    }

    @Test("The first-byte limit ends with the response head")
    func firstByteLimitEndsWithTheHead() throws {
        var (rig, host) = Rig.one { $0.firstByteTimeout = .seconds(2) }
        let request = rig.arrive(host)
        try rig.connect()
        rig.pass(5)
        try rig.write(request)
        rig.pass(1.9)
        try rig.head(request)
        rig.pass(10)
        #expect(rig.outcomes.isEmpty)
        try rig.end(request)
        #expect(rig.outcomes[request] == .succeeded(200))
    }

    @Test("The first-byte limit never outlasts the request's limit")
    func firstByteLimitNeverOutlastsTheRequest() throws {
        var (rig, host) = Rig.one { $0.firstByteTimeout = .seconds(20) }
        let request = rig.arrive(host, timeout: 3)
        try rig.connect()
        try rig.write(request)
        rig.pass(3.01)
        #expect(rig.outcomes[request] == .failed(.requestTimeout))
    }

    @Test("A waiting request fails at its own limit")
    func aRequestThatWaitsFailsAtItsOwnLimit() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        rig.arrive(host)
        try rig.connect()
        let waiting = rig.arrive(host, timeout: 1)
        rig.pass(1.01)
        #expect(rig.outcomes == [waiting: .failed(.requestTimeout)])
    }

    /// The timer is late: nothing is sent for a request whose caller has been told of a timeout, or is about to be.
    @Test("A request that exceeded its limit is not assigned to a connection")
    func aRequestPastItsLimitIsNotPutOnAConnection() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        let first = rig.arrive(host)
        try rig.connect()
        let late = rig.arrive(host, isIdempotent: false, timeout: 1)
        let next = rig.arrive(host)
        rig.jump(2)
        try rig.serve(first)
        #expect(rig.outcomes[late] == .failed(.requestTimeout))
        #expect(rig.assignments[late] == nil)
        try rig.serve(next)
        #expect(rig.closed.isEmpty)
    }

    @Test("Without limits there is no timer")
    func noLimitsNoTimer() throws {
        var (rig, host) = Rig.one {
            $0.idleTimeout = nil
            $0.maxLifetime = nil
            $0.requestTimeout = nil
            $0.firstByteTimeout = nil
            $0.bodySilenceTimeout = nil
            $0.queueTimeout = nil
            $0.connectTimeout = nil
        }
        let request = rig.arrive(host)
        #expect(rig.connects.count == 1)
        #expect(rig.machine.nextDeadline == .never)
        try rig.connect()
        #expect(rig.machine.nextDeadline == .never)
        try rig.serve(request)
        #expect(rig.machine.nextDeadline == .never)
        #expect(rig.host(host).sockets?.first?.expiresInSeconds == nil)
    }

    /// Random parks and uses with random limits, against each connection's own idea of when it is due.
    @Test("Lazy deadlines never fire early and are never lost", arguments: 1...20)
    func lazyDeadlinesNeverFireEarlyAndAreNeverLost(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var (rig, host) = Rig.one {
            $0.idleTimeout = .milliseconds(700)
            $0.scheduling = seed % 2 == 0 ? .lifo : .fifo
        }
        var due: [Int: Moment] = [:]
        var running: [Int] = []
        for _ in 0..<400 {
            rig.pass(Double(random.next() % 100) / 1000)
            for request in running where rig.outcomes[request] != nil {
                let end = try #require(due[request])
                #expect(rig.outcomes[request] == .failed(.requestTimeout))
                #expect(rig.now >= end)
            }
            running.removeAll { rig.outcomes[$0] != nil }
            for request in running { #expect(rig.now < due[request] ?? .zero, "a limit was lost") }
            for socket in rig.host(host).sockets ?? [] {
                if let idle = socket.idleSeconds { #expect(idle < 0.7, "an idle limit was lost") }
            }
            if random.next() % 2 == 0 || running.isEmpty {
                let timeout = Double(random.next() % 900 + 20) / 1000
                let request = rig.arrive(host, timeout: timeout)
                due[request] = rig.now + .seconds(timeout)
                if !rig.connects.isEmpty { try rig.connect() }
                running.append(request)
            } else {
                try rig.serve(running.remove(at: Int(random.next() % UInt64(running.count))))
            }
        }
    }
}
