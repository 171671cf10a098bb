import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rules 7 to 11: how long a connection may be idle, its lifetime, and what ends it while it is idle.
@Suite struct IdleRuleTests {
    @Test("The agent's own idle limit applies")
    func rule7TheOwnLimitHolds() throws {
        var (rig, host) = Rig.one { $0.idleTimeout = .seconds(5) }
        let id = try rig.idleConnections(at: host)[0]
        rig.pass(4.9)
        #expect(rig.closed.isEmpty)
        rig.pass(0.2)
        #expect(rig.closed == [id: .idleTimeout])
    }

    /// Own limit, hint, the limit in force (nil: closed at once).
    @Test(
        "The server's hint applies minus a margin",
        arguments: [
            (Optional(60), 5, Optional(4.0)), (nil, 5, 4), (60, 1, 0.5), (60, 2, 1), (3, 5, 3), (nil, 0, nil),
            (60, 0, nil),
            (60, -3, nil),
        ])
    func rule7TheHintHoldsLessAMargin(own: Int?, hint: Int, limit: Double?) throws {
        var (rig, host) = Rig.one { $0.idleTimeout = own.map { .seconds($0) } }
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.serve(request, hint: KeepAliveHint(timeoutSeconds: hint))
        guard let limit else {
            #expect(rig.closed == [id: .hintTimeout])
            return
        }
        #expect(rig.host(host).idleLimitSeconds == limit)
        rig.pass(limit - 0.01)
        #expect(rig.closed.isEmpty)
        rig.pass(0.02)
        #expect(rig.closed == [id: own == 3 ? .idleTimeout : .hintTimeout])
    }

    @Test("A lower hint applies to connections that are already idle")
    func rule7ALowerHintHoldsForThoseThatRestAlready() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(2, at: host)
        rig.jump(3)
        let request = rig.arrive(host)
        try rig.serve(request, hint: KeepAliveHint(timeoutSeconds: 3))
        rig.jump(0.5)
        // The one taken is the one that was just used; the other has rested for longer than the hint allows.
        let next = [rig.arrive(host), rig.arrive(host)]
        #expect(rig.connection(of: next[0]) == idle[1])
        #expect(rig.connection(of: next[1]) == nil)
        #expect(rig.closed == [idle[0]: .hintTimeout])
    }

    /// One server behind the name says that it closes; the others do not.
    @Test("A hint of zero applies to a single connection", arguments: [0, -1])
    func rule7AHintOfZeroIsSaidOfOneConnection(hint: Int) throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host)
        let closing = try rig.connect()
        try rig.serve(first, hint: KeepAliveHint(timeoutSeconds: hint))
        #expect(rig.closed == [closing: .hintTimeout])
        let second = rig.arrive(host)
        let id = try rig.connect()
        try rig.serve(second)
        #expect(rig.take(host) == id)
        #expect(rig.host(host).hintTimeoutSeconds == nil)
    }

    @Test("The max hint counts down with each exchange")
    func rule7MaxCountsDown() throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host)
        let id = try rig.connect()
        try rig.serve(first, hint: KeepAliveHint(max: 2))
        try rig.exchange(host)
        #expect(rig.closed.isEmpty)
        try rig.exchange(host)
        #expect(rig.closed == [id: .hintMax])
    }

    @Test("A max hint of zero closes the connection at once")
    func rule7MaxZeroClosesAtOnce() throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host)
        let id = try rig.connect()
        try rig.serve(first, hint: KeepAliveHint(timeoutSeconds: 5, max: 0))
        #expect(rig.closed == [id: .hintMax])
    }

    @Test("An idle limit is learned from three closes")
    func rule8ALearnedLimitTakesHoldAfterThreeCloses() throws {
        var (rig, host) = Rig.one()
        var closes = 0
        while rig.host(host).learnedIdleSeconds == nil, closes < 5 {
            let id = try rig.idleConnections(at: host)[0]
            rig.pass(5)
            rig.peerEnds(id)
            closes += 1
        }
        #expect(closes <= 3)
        let learned = rig.host(host)
        #expect(learned.learnedIdleSeconds == 5)
        #expect(learned.idleLimitSeconds == 4)
        #expect(learned.idleLimitOrigin == .learned)
        let id = try rig.idleConnections(at: host)[0]
        rig.pass(4.01)
        #expect(rig.closed[id] == .learnedTimeout)
    }

    /// LIFO lets the ones below age: they are closed before the server does, and the one in use lives.
    @Test("A learned limit does not affect a connection in use")
    func rule8ALearnedLimitSparesTheConnectionInUse() throws {
        var (rig, host) = Rig.one()
        for _ in 0..<3 {
            let id = try rig.idleConnections(at: host)[0]
            rig.pass(5)
            rig.peerEnds(id)
        }
        let idle = try rig.idleConnections(3, at: host)
        for _ in 0..<10 {
            rig.pass(1)
            try rig.exchange(host)
        }
        #expect(rig.closed[idle[0]] == .learnedTimeout)
        #expect(rig.closed[idle[1]] == .learnedTimeout)
        #expect(rig.closed[idle[2]] == nil)
    }

    @Test("The lifetime ends an idle connection")
    func rule9LifetimeEndsAnIdleConnection() throws {
        var (rig, host) = Rig.one { $0.maxLifetime = .seconds(10) }
        let id = try rig.idleConnections(at: host)[0]
        rig.pass(6)
        try rig.exchange(host)
        #expect(rig.host(host).sockets?.first?.expiresInSeconds == 4)
        #expect(rig.host(host).sockets?.first?.expiresBy == .lifetime)
        rig.pass(3.9)
        #expect(rig.closed.isEmpty)
        rig.pass(0.2)
        #expect(rig.closed == [id: .lifetime])
    }

    @Test("The lifetime lets an exchange finish")
    func rule9LifetimeLetsAnExchangeFinish() throws {
        var (rig, host) = Rig.one { $0.maxLifetime = .seconds(10) }
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.write(request)
        rig.pass(15)
        #expect(rig.closed.isEmpty)
        try rig.head(request)
        try rig.end(request)
        #expect(rig.outcomes[request] == .succeeded(200))
        #expect(rig.closed == [id: .lifetime])
    }

    @Test("Lifetimes are spread by jitter")
    func rule9LifetimesAreSpread() throws {
        var (rig, host) = Rig.one {
            $0.maxLifetime = .seconds(100)
            $0.lifetimeJitter = 0.1
            $0.idleTimeout = nil
            $0.maxDialsPerHost = 64
        }
        _ = try rig.idleConnections(32, at: host)
        let ends = (rig.host(host).sockets ?? []).compactMap(\.expiresInSeconds)
        #expect(ends.count == 32)
        #expect(ends.allSatisfy { (90...110).contains($0) })
        #expect(ends.contains { $0 < 97 } && ends.contains { $0 > 103 })
        #expect(Set(ends).count == 32)
    }

    @Test("Request N+1 goes to a new connection")
    func rule9RequestNPlusOneGoesToANewConnection() throws {
        var (rig, host) = Rig.one { $0.maxRequestsPerConnection = 3 }
        var used: [ConnectionID] = []
        for _ in 0..<7 {
            let request = rig.arrive(host)
            if rig.connection(of: request) == nil { try rig.connect() }
            #expect(rig.assignments[request]?.sendClose == (used.count % 3 == 2))
            used.append(try rig.serve(request))
        }
        #expect(Set(used).count == 3)
        #expect(rig.closed == [used[0]: .maxRequests, used[3]: .maxRequests])
        #expect(rig.outcomes.values.allSatisfy { $0 == .succeeded(200) })
    }

    @Test(
        "The end of an idle connection removes it at once",
        arguments: [
            (ConnectionEnd.finished, CloseReason.peerClosedIdle), (.reset, .peerReset), (.tls(nil), .tlsError),
        ])
    func rule10TheEndOfAnIdleConnectionRemovesItAtOnce(end: ConnectionEnd, reason: CloseReason) throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        rig.peerEnds(id, end)
        #expect(rig.closed == [id: reason])
        #expect(rig.connections(host).open == 0)
        rig.arrive(host)
        #expect(rig.connects.count == 1)
    }

    @Test("Any byte on an idle connection removes it")
    func rule10AnyByteOnAnIdleConnectionRemovesIt() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        rig.send(.bytesWhileIdle(id))
        #expect(rig.closed == [id: .unsolicitedBytes])
    }

    /// Where one answer comes without being asked for, the next may come behind a request, where nothing tells it apart.
    @Test(
        "After a pushed response, connections carry one exchange each for a minute, but not after a late parting message"
    )
    func distrust() throws {
        var (rig, host) = Rig.one()
        let quiet = try rig.idleConnections(at: host)[0]
        rig.pass(2)
        rig.send(.bytesWhileIdle(quiet))
        let id = try rig.idleConnections(at: host)[0]
        #expect(rig.assignments.values.allSatisfy { !$0.sendClose })
        rig.send(.bytesWhileIdle(id))
        let request = rig.arrive(host)
        let fresh = try rig.connect()
        #expect(rig.assignments[request]?.sendClose == true)
        try rig.serve(request)
        #expect(rig.closed == [quiet: .unsolicitedBytes, id: .unsolicitedBytes, fresh: .unsolicitedBytes])
        rig.pass(61)
        let later = rig.arrive(host)
        try rig.connect()
        #expect(rig.assignments[later]?.sendClose == false)
        try rig.serve(later)
        #expect(rig.connections(host).idle == 1)
    }

    @Test("A connection found dead by the check before reuse is replaced by another idle one")
    func rule10WhatTheLookFindsDeadIsReplacedByAnotherIdleOne() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(3, at: host)
        let request = rig.arrive(host, isIdempotent: false)
        rig.send(.foundDead(idle[2], .finished))
        #expect(rig.connection(of: request) == idle[1])
        rig.send(.foundDead(idle[1], .reset))
        rig.send(.foundDead(idle[0], .bytes))
        #expect(rig.connection(of: request) == nil)
        #expect(rig.closed == [idle[2]: .peerClosedIdle, idle[1]: .peerReset, idle[0]: .unsolicitedBytes])
        try rig.connect()
        try rig.serve(request)
        #expect(rig.host(host).metrics.requests.retried == 0)
    }

    /// The limit has passed and its timer is late: the request wins another connection, and the old one is closed.
    @Test("Expiry and checkout of a connection cannot both win")
    func rule11ExpiryRacingCheckoutHasOneWinner() throws {
        var (rig, host) = Rig.one { $0.idleTimeout = .seconds(5) }
        let id = try rig.idleConnections(at: host)[0]
        rig.jump(6)
        let request = rig.arrive(host)
        #expect(rig.closed == [id: .idleTimeout])
        rig.tick()
        try rig.connect()
        try rig.serve(request)
        #expect(rig.closed.count == 1)
    }

    @Test("A timer for a connection that is no longer idle is ignored")
    func rule11ATimerForAConnectionThatMovedOnIsIgnored() throws {
        var (rig, host) = Rig.one { $0.idleTimeout = .seconds(5) }
        let id = try rig.idleConnections(at: host)[0]
        rig.pass(4)
        let request = rig.arrive(host)
        rig.pass(4)
        #expect(rig.closed.isEmpty)
        try rig.serve(request)
        rig.pass(4.9)
        #expect(rig.closed.isEmpty)
        rig.pass(0.2)
        #expect(rig.closed == [id: .idleTimeout])
    }
}
