import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rule 14: a host that is down fails its requests at once, and is used soon after it comes back.
@Suite struct FailFastTests {
    @Test("A failed dial fails every request that waits for a host without a connection")
    func everyWaiterFails() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 2 }
        let requests = (0..<1000).map { _ in rig.arrive(host) }
        try rig.refuse()
        #expect(requests.allSatisfy { rig.outcomes[$0] == .failed(.connectRefused) })
        #expect(rig.errors[requests[999]]?.lastConnectFailure == .connectRefused)
    }

    @Test("A failed dial in advance fails requests that started waiting for it")
    func aPrewarmingDialFails() throws {
        var (rig, host) = Rig.one {
            $0.minIdlePerHost = 1
            $0.maxSocketsPerHost = 1
        }
        rig.arrive(host)
        rig.cancel(1)
        #expect(rig.connects.count == 1)
        let request = rig.arrive(host)
        try rig.refuse()
        #expect(rig.outcomes[request] == .failed(.connectRefused))
    }

    @Test("A request during back-off fails at once with the last cause, and dials nothing")
    func arrivalsDuringBackOff() throws {
        var (rig, host) = Rig.one()
        rig.arrive(host)
        try rig.refuse(.connectUnreachable)
        for _ in 0..<100 {
            let request = rig.arrive(host)
            #expect(rig.outcomes[request] == .failed(.connectUnreachable))
            #expect(rig.errors[request]?.waitedSeconds == 0)
        }
        #expect(rig.connections(host).dials == 1)
        rig.pass(0.12)
        let request = rig.arrive(host)
        #expect(rig.connects.count == 1, "the pause is over")
        try rig.connect()
        try rig.serve(request)
    }

    @Test("A failed dial fails no request if the host has a working connection")
    func workingConnectionsServe() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 2 }
        let first = rig.arrive(host)
        let id = try rig.connect()
        let second = rig.arrive(host)
        try rig.refuse()
        let third = rig.arrive(host)
        #expect(rig.outcomes.isEmpty)
        try rig.serve(first)
        #expect(rig.connection(of: second) == id)
        try rig.serve(second)
        try rig.serve(third)
    }

    @Test("With failing fast off, requests wait for the next dial, and a full queue still reports the host's cause")
    func switchedOff() throws {
        var (rig, host) = Rig.one {
            $0.failFastWhileBackingOff = false
            $0.queueLimit = 3
        }
        rig.arrive(host)
        try rig.refuse()
        let waiting = (0..<3).map { _ in rig.arrive(host) }
        #expect(waiting.allSatisfy { rig.outcomes[$0] == nil })
        let surplus = rig.arrive(host)
        #expect(rig.outcomes[surplus] == .failed(.connectRefused))
        rig.pass(0.12)
        try rig.connect()
        try rig.serve(waiting[0])
    }

    /// Requests come all the time, one every 10 ms; the host is down for a minute and comes back.
    @Test("A host that recovers is used within a second while requests wait for it", arguments: [true, false])
    func usedWithinASecond(failFast: Bool) throws {
        var (rig, host) = Rig.one { $0.failFastWhileBackingOff = failFast }
        for _ in 0..<6000 {
            rig.arrive(host)
            while !rig.connects.isEmpty { try rig.refuse() }
            rig.pass(0.01)
        }
        let back = rig.now
        while rig.connects.isEmpty {
            rig.arrive(host)
            rig.pass(0.01)
        }
        #expect(rig.now - back <= .seconds(1.02))
        #expect(rig.connections(host).dials < (failFast ? 100 : 800), "the pauses have grown to a second")
    }

    /// Only connections ahead of need are dialled.
    @Test("An unused host is dialled within five seconds, and within one second once a request arrives")
    func dialledWithinFiveSeconds() throws {
        var (rig, host) = Rig.one { $0.minIdlePerHost = 1 }
        rig.arrive(host)
        rig.cancel(1)
        var longest = 0.0
        for _ in 0..<40 {
            try rig.refuse()
            longest = max(longest, try #require(rig.host(host).backoffSeconds))
            rig.pass(5)
        }
        #expect(longest > 4 && longest <= 5)
        try rig.refuse()
        rig.arrive(host)
        let pause = try #require(rig.host(host).backoffSeconds)
        #expect(pause <= 1)
        rig.pass(1)
        #expect(rig.connects.count == 1)
    }

    @Test("A new maximum back-off applies at once")
    func theLongestPause() throws {
        var (rig, host) = Rig.one {
            $0.maxBackoff = .seconds(20)
            $0.failFastWhileBackingOff = false
            $0.queueTimeout = nil
            $0.requestTimeout = nil
            $0.connectTimeout = nil
            $0.maxDialsPerHost = 1
        }
        for _ in 0..<40 { rig.arrive(host) }
        for _ in 0..<30 {
            try rig.refuse()
            rig.pass(20)
        }
        try rig.refuse()
        #expect(try #require(rig.host(host).backoffSeconds) > 17)
        rig.set { $0.maxBackoff = .milliseconds(200) }
        #expect(try #require(rig.host(host).backoffSeconds) <= 0.2)
    }

    // MARK: Names

    @Test("A cached DNS failure fails every waiter, even if others wait too", arguments: [true, false])
    func aKeptFailure(failFast: Bool) throws {
        var rig = Rig { $0.failFastWhileBackingOff = failFast }
        let (host, same) = (rig.addHost("a", dnsName: "a.test"), rig.addHost("b", dnsName: "a.test"))
        rig.arrive(host)
        try rig.answer(.serverFailure)
        let requests = (0..<50).map { _ in rig.arrive(same) }
        #expect(requests.allSatisfy { rig.outcomes[$0] == .failed(.dnsFailure) })
        #expect(rig.lookups.isEmpty)
    }

    @Test("A name that recovers is resolved within a second of the end of the cache's pause")
    func aNameThatWorksAgain() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        var failures = 0
        let end = rig.now + .seconds(70)
        while rig.now < end {
            rig.arrive(host)
            while !rig.lookups.isEmpty {
                try rig.answer(.serverFailure)
                failures += 1
            }
            rig.pass(0.05)
        }
        #expect(failures > 3)
        #expect(rig.outcomes.values.allSatisfy { $0 == .failed(.dnsFailure) })
        // No pause of the pool's own comes on top of the cache's.
        let kept = rig.machine.dns.refreshDue(try #require(rig.machine.hosts[0].nameID))
        while rig.lookups.isEmpty {
            rig.arrive(host)
            rig.pass(0.05)
        }
        #expect(rig.now - kept <= .seconds(0.1))
    }

    @Test("Flushing the DNS cache ends the pause after a failed lookup")
    func aFlushEndsThePause() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        rig.arrive(host)
        try rig.answer(.serverFailure)
        rig.send(.dnsFlushRequested)
        let request = rig.arrive(host)
        try rig.answer([0x7F00_0001])
        try rig.connect()
        try rig.serve(request)
    }

    @Test("The generator can ask when a dial is allowed again")
    func whenADialIsAllowed() throws {
        var rig = Rig()
        let (plain, named) = (rig.addHost("a"), rig.addHost("b", dnsName: "b.test"))
        #expect(rig.machine.dialAllowed(to: plain, rig.now) <= rig.now)
        rig.arrive(plain)
        try rig.refuse()
        let pause = try #require(rig.host(plain).backoffSeconds)
        #expect((rig.machine.dialAllowed(to: plain, rig.now) - rig.now).asSeconds == pause)
        rig.arrive(named)
        try rig.answer(.notFound(ttlSeconds: 300))
        #expect(rig.machine.dialAllowed(to: named, rig.now) == rig.now + .seconds(1))
    }
}
