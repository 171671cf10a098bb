import AgentCore
import PoolModel
import Testing

@Suite struct IdleLimitTests {
    private func moment(_ seconds: Double) -> Moment { Moment(nanoseconds: .seconds(seconds)) }

    @Test(
        "The margin is one second or half of a shorter limit",
        arguments: [(60.0, 1.0), (5, 1), (2, 1), (1, 0.5), (0.2, 0.1), (0, 0)])
    func theMargin(limit: Double, margin: Double) {
        #expect(idleMargin(of: .seconds(limit)) == .seconds(margin))
    }

    private func learned(_ closes: [(at: Double, age: Double)], othersLeft: Int = 1) -> LearnedIdleLimit {
        var learned = LearnedIdleLimit()
        for close in closes {
            learned.peerClosed(afterIdle: .seconds(close.age), othersLeft: othersLeft, now: moment(close.at))
        }
        return learned
    }

    @Test("Three closes at about the same age establish the youngest as the limit") func threeCloses() {
        #expect(learned([(10, 5), (20, 5.2)]).limit == nil)
        #expect(learned([(10, 5.1), (20, 5.2), (30, 5)]).limit == .seconds(5))
    }

    @Test("Scattered ages establish no limit, and hide one only while they are among the last three")
    func scatteredCloses() {
        let scattered = [(0.0, 1.0), (1, 9), (2, 30), (3, 4), (4, 14)]
        #expect(learned(scattered).limit == nil)
        #expect(learned(scattered + [(100, 20), (101, 20), (102, 20)]).limit == .seconds(20))
    }

    @Test("A close right after becoming idle is ignored") func aCloseRightAfterParking() {
        #expect(learned((0..<5).map { (Double($0), 0.05) }).limit == nil)
    }

    @Test("The tolerance is a quarter of the age, even for low ages") func theTolerance() {
        #expect(learned([(0, 0.15), (1, 0.3), (2, 0.2)]).limit == nil)
        #expect(learned([(0, 0.3), (1, 0.28), (2, 0.29)]).limit == .seconds(0.28))
    }

    @Test("Closes at the same moment are one sample") func oneMoment() {
        func burst(at start: Double) -> [(at: Double, age: Double)] {
            (0..<8).map { number -> (at: Double, age: Double) in
                (at: start + Double(number) / 1000, age: 5 + Double(number) / 100)
            }
        }
        #expect(learned(burst(at: 10)).limit == nil)
        #expect(learned(burst(at: 10) + burst(at: 20) + burst(at: 30)).limit == .seconds(5))
    }

    /// The ages of a pool in use when its server restarts.
    @Test("Closes with very different ages at one moment are ignored") func aRestart() {
        let restart = [(100.0, 0.3), (100.001, 4), (100.002, 12)]
        #expect(learned(restart).limit == nil)
        let known = [(10.0, 5.0), (20, 5), (30, 5)]
        #expect(learned(known + restart).limit == .seconds(5))
        // The first of them looked like an agreeing close.
        #expect(learned([(10, 5), (20, 5), (30, 5), (30.001, 0.4)]).limit == nil)
    }

    @Test("Restarts while all connections are young are ignored, however often they happen") func aYoungRestart() {
        var learned = LearnedIdleLimit()
        for restart in 0..<10 {
            for left in [2, 1, 0] {
                learned.peerClosed(
                    afterIdle: .seconds(0.3), othersLeft: left, now: moment(Double(restart) + Double(2 - left) / 1000))
            }
        }
        #expect(learned.limit == nil)
    }

    @Test("Closes that are followed by failed dials count as a restart") func aRestartThatRefuses() {
        var learned = learned([(10, 5), (20, 5), (30, 5)])
        learned.dialFailed(now: moment(30.4))
        #expect(learned.limit == nil)
        learned = self.learned([(10, 5), (20, 5), (30, 5)])
        learned.dialFailed(now: moment(40))
        #expect(learned.limit == .seconds(5), "that was something else")
    }
}

/// A limit learned by the machine: how it is used, put to the test, and forgotten.
@Suite struct LearnedLimitTests {
    /// Three connections, one after the other, are closed by the server at an age.
    private func learn(_ age: Double, _ rig: inout Rig, _ host: HostID) throws {
        for _ in 0..<3 {
            try rig.exchange(host, orConnect: true)
            let socket = try #require(rig.host(host).sockets?.first { $0.state == .idle })
            rig.pass(age)
            rig.peerEnds(try #require(rig.id(ofSocket: socket.id)))
        }
    }

    /// Keeps a host in use, one exchange in `period` seconds with a burst of three in each fifth, on a server that ends
    /// connections at an idle age.
    private func use(
        _ rig: inout Rig, _ host: HostID, seconds: Double, period: Double, serverLimit: Double?
    ) throws {
        let end = rig.now + .seconds(seconds)
        var round = 0
        while rig.now < end {
            round += 1
            let requests = (0..<(round % 5 == 0 ? 3 : 1)).map { _ in rig.arrive(host) }
            while !rig.connects.isEmpty { try rig.connect() }
            for request in requests { try rig.serve(request) }
            let next = rig.now + .seconds(period)
            while rig.now < next {
                rig.pass(min(0.05, (next - rig.now).asSeconds))
                guard let serverLimit else { continue }
                for socket in rig.host(host).sockets ?? [] where socket.idleSeconds ?? 0 >= serverLimit {
                    rig.peerEnds(try #require(rig.id(ofSocket: socket.id)))
                }
            }
        }
    }

    /// First in, first out lets none of so few connections rest for longer than a second or two.
    @Test(
        "A wrong limit is forgotten within a minute",
        arguments: [0.3, 1, 5, 20].map { ($0, Scheduling.lifo) } + [(5, .roundRobin), (0.3, .fifo), (1, .fifo)])
    func aWrongLimitHeals(limit: Double, scheduling: Scheduling) throws {
        var (rig, host) = Rig.one { $0.scheduling = scheduling }
        try learn(limit, &rig, host)
        #expect(rig.host(host).learnedIdleSeconds == limit)
        try use(&rig, host, seconds: 60, period: limit / 4, serverLimit: nil)
        #expect(rig.host(host).learnedIdleSeconds == nil)
    }

    @Test("A correct limit stays, and rarely lets the server close a connection", arguments: [0.5, 2, 5])
    func aRightLimitStays(limit: Double) throws {
        var (rig, host) = Rig.one()
        try learn(limit, &rig, host)
        let before = rig.host(host).metrics.connections.closedByReason[.peerClosedIdle]
        try use(&rig, host, seconds: 120, period: limit / 4, serverLimit: limit)
        #expect(rig.host(host).learnedIdleSeconds.map { abs($0 - limit) < limit / 4 } == true)
        let closes = rig.host(host).metrics.connections.closedByReason
        #expect(closes[.peerClosedIdle] - before <= 8, "one in fifteen seconds is a test")
        #expect(closes[.learnedTimeout] > 8)
        #expect(rig.outcomes.values.allSatisfy { $0 == .succeeded(200) })
    }

    @Test("A connection that tests the limit is not used beyond it") func aTestedConnection() throws {
        var (rig, host) = Rig.one()
        try learn(5, &rig, host)
        rig.pass(20)
        try rig.exchange(host, orConnect: true)
        rig.pass(4.5)
        #expect(rig.host(host).metrics.connections.idle == 1, "it rests on, under test")
        rig.arrive(host)
        #expect(rig.connects.count == 1)
        #expect(rig.host(host).metrics.connections.closedByReason[.learnedTimeout] == 1)
    }

    /// Reproduces a report: three FINs at one moment at age 0.3 s caused 88 dials in three seconds.
    @Test("A server restart does not cause a storm of dials in advance") func noStorm() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 3 }
        rig.arrive(host)
        while rig.machine.hosts[0].population.idle < 3 {
            if rig.connects.isEmpty { try rig.serve(1) } else { try rig.connect() }
        }
        rig.pass(0.3)
        for socket in rig.host(host).sockets ?? [] { rig.peerEnds(try #require(rig.id(ofSocket: socket.id))) }
        let dials = rig.connections(host).dials
        for _ in 0..<300 {
            while !rig.connects.isEmpty { try rig.connect() }
            rig.pass(0.01)
        }
        #expect(rig.host(host).learnedIdleSeconds == nil)
        #expect(rig.connections(host).dials - dials <= 5)
    }

    @Test("A short limit, correct or wrong, does not cause a storm of dials") func noStormFromAShortLimit() throws {
        var (rig, host) = Rig.one()
        try learn(0.3, &rig, host)
        rig.set { $0.minIdlePerHost = 3 }
        try rig.exchange(host, orConnect: true)
        let dials = rig.connections(host).dials
        for _ in 0..<300 {
            while !rig.connects.isEmpty { try rig.connect() }
            rig.pass(0.01)
        }
        #expect(rig.connections(host).dials - dials <= 12)
        for _ in 0..<3000 {
            while !rig.connects.isEmpty { try rig.connect() }
            rig.pass(0.01)
        }
        #expect(rig.host(host).learnedIdleSeconds == nil, "and it heals")
        #expect(rig.machine.hosts[0].population.idle == 3)
    }
}
