import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rule 18: HTTP keep-alive switched while traffic flows.
@Suite struct KeepAliveRuleTests {
    @Test("Switching keep-alive off closes idle connections at once")
    func rule18OffClosesIdleConnectionsNow() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(3, at: host)
        rig.send(.keepAliveSet(.off, host: nil))
        #expect(rig.closeOrder == idle)
        #expect(rig.closed.values.allSatisfy { $0 == .keepAliveDisabled })
    }

    @Test("Switching keep-alive off lets active connections finish and moves waiters to fresh ones")
    func rule18OffLetsActiveOnesFinishAndWaitersGoOnWithFreshConnections() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 2 }
        let requests = (0..<4).map { _ in rig.arrive(host) }
        let first = try rig.connect()
        try rig.write(requests[0])
        rig.send(.keepAliveSet(.off, host: nil))
        // The dial in flight is used once, and its request says so.
        let second = try rig.connect()
        #expect(rig.assignments[requests[1]] == .init(id: second, sendClose: true, isReused: false))
        try rig.head(requests[0])
        try rig.end(requests[0])
        #expect(rig.closed == [first: .keepAliveDisabled])
        #expect(rig.connects.count == 1, "under the same limits")
        try rig.serve(requests[1])
        #expect(rig.closed[second] == .closeHeaderSent)
        while !rig.connects.isEmpty { try rig.connect() }
        for request in requests[2...] {
            #expect(rig.assignments[request]?.sendClose == true)
            try rig.serve(request)
        }
        #expect(requests.allSatisfy { rig.outcomes[$0] == .succeeded(200) })
        #expect(rig.machine.connections.liveCount == 0)
    }

    @Test("Switching keep-alive on applies from the next response")
    func rule18OnHoldsFromTheNextResponse() throws {
        var (rig, host) = Rig.one { $0.keepAlive = .off }
        let first = rig.arrive(host)
        let closing = try rig.connect()
        try rig.write(first)
        rig.send(.keepAliveSet(.on, host: nil))
        try rig.head(first)
        try rig.end(first)
        #expect(rig.closed == [closing: .closeHeaderSent], "it had said so")
        _ = try rig.idleConnections(at: host)
        #expect(rig.closed.count == 1)
    }

    @Test("A setting for all hosts replaces that of one host")
    func rule18ForOneHostAndThenForAll() throws {
        var rig = Rig()
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let idle = try rig.idleConnections(at: a) + rig.idleConnections(at: b)
        rig.send(.keepAliveSet(.off, host: a))
        #expect(rig.closed == [idle[0]: .keepAliveDisabled])
        #expect(!rig.host(a).keepAlive && rig.host(a).keepAliveIsOwn && rig.host(b).keepAlive)
        rig.send(.keepAliveSet(.on, host: nil))
        #expect(rig.host(a).keepAlive && !rig.host(a).keepAliveIsOwn)
    }

    @Test(
        "Keep-alive can be switched off and on in every phase", arguments: ConnectionPhase.allCases,
        [KeepAlivePolicy.off, .exchanges(1...1), .exchanges(5...5)])
    func rule18SwitchedInEveryPhaseAndBack(phase: ConnectionPhase, policy: KeepAlivePolicy) throws {
        for back in [false, true] {
            var stage = try Stage(phase)
            stage.rig.send(.keepAliveSet(policy, host: nil))
            if back { stage.rig.send(.keepAliveSet(.on, host: nil)) }
            try stage.finish()
            if let request = stage.request { #expect(stage.rig.outcomes[request] == .succeeded(200)) }
            let wasClosedAlready = phase == .idle && policy != .exchanges(5...5)
            let stays = (back && !wasClosedAlready) || policy == .exchanges(5...5)
            #expect((stage.phase == .idle) == stays, "back: \(back)")
        }
    }

    @Test("A policy with a number of exchanges limits each connection", arguments: [1...1, 3...3, 2...5])
    func rule18ANumberOfExchanges(range: ClosedRange<Int>) throws {
        var (rig, host) = Rig.one { $0.keepAlive = .exchanges(range) }
        var uses: [ConnectionID: Int] = [:]
        for _ in 0..<200 {
            let request = rig.arrive(host)
            if rig.connection(of: request) == nil { try rig.connect() }
            uses[try rig.serve(request), default: 0] += 1
        }
        let ended = uses.filter { rig.closed[$0.key] != nil }
        #expect(ended.values.allSatisfy(range.contains))
        #expect(Set(ended.values).count == range.count, "each number of the range is drawn")
        #expect(ended.keys.allSatisfy { rig.closed[$0] == .maxRequests })
    }

    @Test("A new number of exchanges applies to open connections")
    func rule18ANumberHoldsForConnectionsThatAreOpen() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(2, at: host)
        try rig.exchange(host)
        rig.send(.keepAliveSet(.exchanges(2...2), host: nil))
        #expect(rig.closed == [idle[1]: .maxRequests])
        try rig.exchange(host)
        #expect(rig.closed[idle[0]] == .maxRequests)
    }

    @Test("The smaller of the policy's number and the limit wins")
    func rule18TheSmallerOfTheNumberAndTheLimitWins() throws {
        var (rig, host) = Rig.one {
            $0.keepAlive = .exchanges(5...5)
            $0.maxRequestsPerConnection = 2
        }
        let id = try rig.idleConnections(at: host)[0]
        try rig.exchange(host)
        #expect(rig.closed == [id: .maxRequests])
    }

    /// Ten seconds of traffic at a thousand a second, switched a hundred times a second, for all and for one host.
    @Test("Toggling keep-alive under load fails no request")
    func rule18TogglingUnderLoadFailsNothing() throws {
        var rig = Rig {
            $0.maxSocketsPerHost = 4
            $0.maxTotalSockets = 6
        }
        let hosts = [rig.addHost("a"), rig.addHost("b")]
        var random = SplitMix64(seed: 7)
        var open: [Int] = []
        for millisecond in 0..<10_000 {
            rig.pass(0.001)
            if millisecond % 10 == 0 {
                let policy: KeepAlivePolicy = [.on, .off, .exchanges(1...3)][Int(random.next() % 3)]
                rig.send(.keepAliveSet(policy, host: random.next() % 3 == 0 ? hosts[0] : nil))
            }
            if open.count < 40 { open.append(rig.arrive(hosts[millisecond % 2])) }
            if !rig.connects.isEmpty { try rig.connect() }
            for request in open.filter({ rig.connection(of: $0) != nil }).prefix(2) {
                try rig.serve(request)
                open.removeAll { $0 == request }
            }
        }
        #expect(rig.outcomes.count > 5000)
        #expect(rig.outcomes.values.allSatisfy { $0 == .succeeded(200) })
    }

    @Test("A change of policy adds a notice")
    func rule18AChangeOfPolicyIsNoted() {
        var (rig, _) = Rig.one()
        for policy in [KeepAlivePolicy.off, .exchanges(3...3), .exchanges(3...3), .on] {
            rig.send(.keepAliveSet(policy, host: nil))
        }
        #expect(
            rig.snapshot().events.map(\.kind) == [.keepAliveOff, .keepAliveFor(exchanges: 3...3), .keepAliveOn])
    }

    /// A server that closes its hundredth exchange reuses; one that closes the first never does.
    @Test("Only a server that closes after the first exchange is reported as forbidding reuse", arguments: [1, 2])
    func onlyAServerThatClosesTheFirstExchangeForbidsReuse(exchanges: Int) throws {
        var (rig, host) = Rig.one()
        for number in 1...exchanges {
            let request = rig.arrive(host)
            if rig.connection(of: request) == nil { try rig.connect() }
            try rig.write(request)
            try rig.head(request)
            try rig.end(request, closing: number == exchanges ? .closeHeaderReceived : nil)
        }
        #expect(rig.snapshot().events.contains { $0.kind == .reuseForbidden } == (exchanges == 1))
    }
}
