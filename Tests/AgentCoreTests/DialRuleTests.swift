import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rules 14 and 15: back-off after failed dials, and connections kept ready.
@Suite struct DialRuleTests {
    @Test func rule14FailuresSpaceOutAndSuccessStartsAnew() throws {
        var (rig, host) = Rig.one { $0.connectTimeout = nil }
        var pauses: [Double] = []
        for _ in 0..<40 {
            rig.arrive(host)
            try rig.refuse()
            pauses.append(try #require(rig.host(host).backoffSeconds))
            rig.pass(1)
        }
        for (number, pause) in pauses.enumerated() {
            var expected = 0.1
            for _ in 0..<number { expected *= 1.25 }
            #expect(
                pause >= min(expected, 1) * 0.899 && pause <= min(1, expected * 1.101), "pause \(number): \(pause)")
        }
        rig.arrive(host)
        try rig.connect()
        #expect(rig.host(host).backoffSeconds == nil)
        #expect(rig.host(host).lastConnectFailure == nil)
        rig.set { $0.maxSocketsPerHost = 10 }
        rig.arrive(host)
        rig.arrive(host)
        try rig.refuse()
        #expect(try #require(rig.host(host).backoffSeconds) < 0.12)
    }

    @Test(arguments: [true, false]) func rule14DialsThatFailTogetherCountOnce(failFast: Bool) throws {
        var (rig, host) = Rig.one { $0.failFastWhileBackingOff = failFast }
        let requests = (0..<12).map { _ in rig.arrive(host) }
        #expect(rig.connects.count == 8)
        for _ in 0..<8 { try rig.refuse() }
        #expect(try #require(rig.host(host).backoffSeconds) < 0.12)
        let failed = failFast ? requests[...] : requests[..<8]
        #expect(rig.outcomes.count == failed.count, "all of them, or as many as dials failed")
        #expect(failed.allSatisfy { rig.outcomes[$0] == .failed(.connectRefused) })
        #expect(rig.connects.isEmpty)
        rig.pass(0.12)
        #expect(rig.connects.count == requests.count - failed.count)
    }

    @Test func rule14WaitersAreLeftToConnectionsThatWork() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 2 }
        let first = rig.arrive(host)
        let id = try rig.connect()
        let second = rig.arrive(host)
        try rig.refuse()
        #expect(rig.outcomes.isEmpty)
        try rig.serve(first)
        #expect(rig.connection(of: second) == id)
    }

    @Test func rule14AWaiterFailsAtItsOwnDeadlineWithTheLastConnectError() throws {
        var (rig, host) = Rig.one { $0.failFastWhileBackingOff = false }
        let requests = (0..<2).map { _ in rig.arrive(host) }
        try rig.refuse(.connectUnreachable)
        let late = rig.arrive(host, timeout: 0.03)
        rig.pass(0.05)
        #expect(rig.outcomes == [requests[0]: .failed(.connectUnreachable), late: .failed(.connectUnreachable)])
    }

    /// A server that accepts and closes without a word: each request costs one dial, and nobody dials unasked.
    @Test func rule14NoDialLoopWhenAFreshConnectionIsClosedWithoutAnAnswer() throws {
        var (rig, host) = Rig.one()
        for number in 1...20 {
            let request = rig.arrive(host)
            rig.pass(0.2)
            let id = try rig.connect()
            try rig.write(request)
            rig.peerEnds(id)
            #expect(rig.outcomes[request] == .failed(.peerClosed))
            #expect(rig.connections(host).dials == number)
        }
        rig.pass(60)
        #expect(rig.connections(host).dials == 20)
    }

    @Test(arguments: [false, true]) func rule14NoDialLoopWithPreWarming(reset: Bool) throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 2 }
        rig.arrive(host)
        rig.cancel(1)
        var dials = 0
        for _ in 0..<6000 {
            rig.pass(0.01)
            if !rig.connects.isEmpty {
                dials += 1
                let id = try rig.connect()
                rig.pass(0.001)
                rig.peerEnds(id, reset ? .reset : .finished)
            }
        }
        // 100 ms × 1.25ⁿ: 60 s have room for 22 dials.
        #expect(dials < 30)
        #expect(dials > 3)
    }

    @Test func rule14AServerThatClosesUnusedConnectionsIsStillDialledForRequests() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 1 }
        try rig.idleConnections(at: host).forEach { rig.peerEnds($0) }
        for _ in 0..<10 {
            if rig.connects.isEmpty { rig.pass(5) }
            rig.peerEnds(try rig.connect())
        }
        let request = rig.arrive(host)
        #expect(rig.connects.count == 1, "a request does not wait for the pause of connections nobody asked for")
        try rig.connect()
        try rig.serve(request)
    }

    // MARK: Pre-warming

    @Test func rule15TheNumberIsKeptOneDialAtATime() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 3 }
        #expect(rig.connects.isEmpty, "nothing before the first request")
        _ = try rig.idleConnections(at: host)
        for idle in 1..<3 {
            #expect(rig.machine.hosts[0].population.idle == idle)
            #expect(rig.connects.count == 1)
            try rig.connect()
        }
        #expect(rig.connects.isEmpty)
        #expect(rig.machine.hosts[0].population.idle == 3)
    }

    @Test func rule15AConnectionTakenIsReplaced() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 1 }
        _ = try rig.idleConnections(at: host)
        rig.arrive(host)
        #expect(rig.connects.count == 1)
        try rig.connect()
        #expect(rig.machine.hosts[0].population.idle == 1)
    }

    @Test func rule15ItIsReplacedBeforeTheExpectedFin() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 1 }
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.serve(request, hint: KeepAliveHint(timeoutSeconds: 5))
        rig.pass(4.01)
        #expect(rig.closed == [id: .hintTimeout])
        #expect(rig.connects.count == 1)
    }

    /// Each of these limits alone leaves no room for the two connections asked for.
    @Test(arguments: 0..<6) func rule15NeverOverALimit(limit: Int) throws {
        var (rig, host) = Rig.one {
            $0.minIdlePerHost = 2
            switch limit {
            case 0: $0.maxSocketsPerHost = 1
            case 1: $0.maxTotalSockets = 1
            case 2: $0.maxFreeSocketsPerHost = 1
            case 3: $0.maxFreeSocketsTotal = 1
            case 4: $0.idleTimeout = .zero
            case 5: $0.maxLifetime = .zero
            default: break
            }
        }
        let request = rig.arrive(host)
        try rig.connect()
        try rig.serve(request)
        var dials = 0
        for _ in 0..<50 where !rig.connects.isEmpty {
            try rig.connect()
            rig.pass(0.001)
            dials += 1
        }
        #expect(dials <= 1)
        rig.pass(1)
        #expect(rig.machine.hosts[0].population.all <= 1)
    }

    /// A server that lets no used connection rest: each is replaced, and nothing is dialled in a circle.
    @Test func rule15AHintOfZeroCostsOneDialPerRequest() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 1 }
        let requests = (0..<10).map { _ in
            let request = rig.arrive(host)
            if rig.connection(of: request) == nil { #expect(throws: Never.self) { try rig.connect() } }
            #expect(throws: Never.self) { try rig.serve(request, hint: KeepAliveHint(timeoutSeconds: 0)) }
            while !rig.connects.isEmpty { #expect(throws: Never.self) { try rig.connect() } }
            return request
        }
        rig.pass(5)
        #expect(requests.allSatisfy { rig.outcomes[$0] == .succeeded(200) })
        #expect(rig.connections(host).dials == 11)
    }

    /// One place is left for an idle connection, and two hosts would like to fill it.
    @Test func rule15TwoHostsDoNotPushEachOtherOut() throws {
        var rig = Rig {
            $0.minIdlePerHost = 1
            $0.maxFreeSocketsTotal = 1
        }
        let hosts = [rig.addHost("a"), rig.addHost("b")]
        let requests = hosts.map { rig.arrive($0) }
        // Both are served while a dial ahead of need is on its way.
        while !rig.connects.isEmpty { try rig.connect() }
        for request in requests { try rig.serve(request, closing: .closeHeaderReceived) }
        while !rig.connects.isEmpty { try rig.connect() }
        #expect(rig.closed.values.allSatisfy { $0 == .closeHeaderReceived })
        #expect(rig.machine.hosts.reduce(0) { $0 + $1.population.idle } == 1)
        #expect(rig.machine.hosts.reduce(0) { $0 + $1.totals.connections.dials } == 3)
    }

    @Test func rule15NotWhileARequestOfAnotherHostNeedsTheSlot() throws {
        var rig = Rig {
            $0.maxTotalSockets = 1
            $0.minIdlePerHost = 1
        }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let idle = try rig.idleConnections(at: a)[0]
        let request = rig.arrive(b)
        try rig.connect()
        try rig.serve(request)
        #expect(rig.closed == [idle: .evictedForOtherHost])
        #expect(rig.connects.isEmpty)
        #expect(rig.connections(a).dials == 1)
    }
}
