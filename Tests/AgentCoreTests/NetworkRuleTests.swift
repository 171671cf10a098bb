import AgentCore
import DNSWire
import PoolModel
import Testing

/// The reactions to a suspension of the machine and to a change of network.
@Suite("Rules for a changing network")
struct NetworkRuleTests {
    private static func clock(_ seconds: Double) -> Moment { Moment(nanoseconds: .seconds(seconds)) }

    @Test("A suspension is detected when one of two clocks jumps by more than five seconds")
    func suspensionsAreNoticed() {
        var watch = SuspensionWatch(awake: Self.clock(10), always: Self.clock(1000))
        #expect(watch.nextLookAt == Self.clock(10.1))
        #expect(watch.look(awake: Self.clock(3610), always: Self.clock(4600)) == nil, "time passes on both")
        #expect(watch.nextLookAt == Self.clock(3610.1))
        #expect(watch.look(awake: Self.clock(3611), always: Self.clock(4606)) == nil, "five seconds are not over five")
        #expect(watch.look(awake: Self.clock(3612), always: Self.clock(4607)) == nil, "and are not added up")
        #expect(watch.look(awake: Self.clock(3612.5), always: Self.clock(4613)) == .seconds(5.5))
        #expect(watch.look(awake: Self.clock(3613), always: Self.clock(4613.5)) == nil, "told once")
        #expect(
            watch.look(awake: Self.clock(3614), always: Self.clock(4000)) == nil, "a clock that goes back is no sleep")
    }

    @Test("After a suspension idle connections close, active ones finish, and names are looked up again")
    func suspension() throws {
        var rig = Rig()
        let (a, b) = (rig.addHost("a", dnsName: "a.test"), rig.addHost("b"))
        let first = rig.arrive(a)
        try rig.answer([0x7F00_0001], ttl: 300)
        let rested = try rig.connect()
        try rig.serve(first)
        let second = rig.arrive(b)
        let busy = try rig.connect()
        try rig.write(second)
        try rig.head(second)
        rig.send(.suspended(for: .seconds(8 * 3600)))
        #expect(rig.closed == [rested: .idleTimeout])
        let notice = rig.snapshot().events.last
        #expect(notice?.kind == .suspended(seconds: 28800) && notice?.level == .mark)
        try rig.end(second)
        #expect(rig.outcomes[second] == .succeeded(200) && rig.closed[busy] == nil)
        // Eight hours later the answer is too old even to be stale.
        let third = rig.arrive(a)
        try rig.answer(.serverFailure)
        #expect(rig.outcomes[third] == .failed(.dnsFailure))
    }

    @Test("FINs after a suspension teach no idle limit")
    func finsAfterASuspension() throws {
        var (rig, host) = Rig.one()
        let ids = try rig.idleConnections(4, at: host)
        rig.pass(1)
        rig.send(.suspended(for: .seconds(600)))
        for id in ids { rig.peerEnds(id) }
        #expect(rig.snapshot().ignoredEvents == 4)
        #expect(rig.host(host).learnedIdleSeconds == nil)
        #expect(Set(rig.closed.values) == [.idleTimeout])
    }

    @Test("A suspension ends the back-off of failed dials and clears suspect addresses")
    func pausesEndWithASuspension() throws {
        var (rig, host) = Rig.one()
        for _ in 0..<10 {
            rig.arrive(host)
            while !rig.connects.isEmpty { try rig.refuse() }
        }
        rig.send(.suspended(for: .seconds(60)))
        rig.arrive(host)
        #expect(!rig.connects.isEmpty)
    }

    @Test("When resolv.conf or hosts changes, a failed name is looked up again at once")
    func aChangedResolver() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        for outcome in [ResolutionOutcome.serverFailure, .timeout, .notFound(ttlSeconds: 300)] {
            let failed = rig.arrive(host)
            try rig.answer(outcome)
            #expect(rig.outcomes[failed] != nil && rig.lookups.isEmpty)
            rig.send(.resolverChanged)
            let request = rig.arrive(host)
            #expect(rig.lookups.count == 1, "\(outcome) is forgotten")
            try rig.answer([0x7F00_0001])
            try rig.connect()
            try rig.serve(request)
            rig.send(.idleCloseRequested(host: nil))
            rig.send(.dnsFlushRequested)
        }
    }

    @Test("When resolv.conf or hosts changes, names of open connections are looked up and removed addresses retired")
    func openNamesAreAskedForAgain() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        let first = rig.arrive(host)
        try rig.answer([0x7F00_0001], ttl: 300)
        let id = try rig.connect()
        try rig.serve(first)
        rig.send(.resolverChanged)
        #expect(rig.closed.isEmpty)
        rig.pass(0.01)
        try rig.answer([0x7F00_0002], ttl: 1)
        rig.pass(1.1)
        #expect(rig.closed == [id: .dnsRetired])
    }
}
