import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §4 rules 3 and 4 as far as they are the machine's: several addresses, and records that change.
@Suite struct NameRuleTests {
    /// Addresses 127.0.0.1, 127.0.0.2, …
    private static func v4(_ last: UInt32...) -> [UInt32] { last.map { 0x7F00_0000 + $0 } }

    private static func named(
        _ addresses: [UInt32], ttl: UInt32 = 60, _ change: (inout AgentSettings) -> Void = { _ in }
    ) throws -> (Rig, HostID, first: Int) {
        var rig = Rig(change)
        let host = rig.addHost("a", dnsName: "a.test")
        let first = rig.arrive(host)
        try rig.answer(addresses, ttl: ttl)
        return (rig, host, first)
    }

    // MARK: Several addresses

    @Test("Connections rotate over the addresses")
    func rule3AddressesTakeTurns() throws {
        var (rig, host, first) = try Self.named(Self.v4(1, 2, 3))
        var uses = [0, 0, 0]
        var open = [first]
        open += (0..<5).map { _ in rig.arrive(host) }
        #expect(rig.connects.count == 6)
        for connect in rig.connects { uses[connect.address] += 1 }
        #expect(uses == [2, 2, 2])
    }

    @Test("A dead address costs one attempt delay")
    func rule3ADeadAddressCostsOneAttemptDelay() throws {
        var (rig, host, first) = try Self.named(Self.v4(1, 2))
        rig.pass(0.24)
        #expect(rig.connects.count == 1)
        rig.pass(0.02)
        #expect(rig.connects.map(\.attempt) == [0, 1])
        let connections = rig.snapshot().totals.connections
        #expect(connections.attempts == 2 && connections.dials == 1)
        let dead = rig.connects[0]
        rig.connected(rig.connects[1])
        #expect(rig.abandoned == [dead])
        try rig.serve(first, closing: .closeHeaderReceived)
        // It is remembered: tried last for a while.
        for _ in 0..<3 {
            rig.arrive(host)
            #expect(rig.connects.last?.address != dead.address)
            let id = try rig.connect()
            rig.send(.requestWritten(id, bytes: 1))
            rig.peerEnds(id)
        }
        #expect(rig.host(host).addresses[dead.address].isSuspect)
        rig.pass(31)
        #expect(!rig.host(host).addresses[dead.address].isSuspect)
    }

    @Test("After a refused address the next one is tried at once")
    func rule3ARefusedAddressIsFollowedAtOnce() throws {
        var (rig, _, first) = try Self.named(Self.v4(1, 2, 3))
        try rig.refuse()
        #expect(rig.connects.map(\.attempt) == [1])
        try rig.refuse()
        try rig.refuse(.connectUnreachable)
        #expect(rig.outcomes == [first: .failed(.connectUnreachable)])
    }

    /// The process had no descriptor left, which is not the address's fault.
    @Test("A local shortage of descriptors makes no address suspect")
    func rule3OurOwnLackMakesNoAddressSuspect() throws {
        var (rig, host, first) = try Self.named(Self.v4(1))
        try rig.refuse(.tooManyOpenFiles)
        #expect(rig.outcomes == [first: .failed(.tooManyOpenFiles)])
        #expect(rig.host(host).addresses.allSatisfy { !$0.isSuspect })
    }

    /// The first address answers just after the second was begun: the second had no chance to show anything.
    @Test("An attempt that lost the race early does not make its address suspect")
    func rule3AnAttemptThatLostWithoutAChanceIsNotSuspect() throws {
        var (rig, host, _) = try Self.named(Self.v4(1, 2))
        rig.pass(0.26)
        rig.connected(rig.connects[0])
        #expect(rig.abandoned.map(\.attempt) == [1])
        #expect(rig.host(host).addresses.allSatisfy { !$0.isSuspect })
    }

    @Test("A late report from an abandoned attempt is ignored")
    func rule3AnAbandonedAttemptThatReportsLaterIsIgnored() throws {
        var (rig, _, first) = try Self.named(Self.v4(1, 2))
        rig.pass(0.26)
        let connects = rig.connects
        let id = rig.connected(connects[1])
        let effects = rig.effects
        rig.send(.connected(id, attempt: 0, localPort: 1))
        rig.send(.attemptFailed(id, attempt: 0, .connectRefused))
        #expect(rig.effects == effects)
        #expect(rig.snapshot().ignoredEvents == 2)
        try rig.serve(first)
    }

    @Test("A dial makes at most eight attempts")
    func rule3NoMoreThanEightAttempts() throws {
        var (rig, host, first) = try Self.named(Array(0x7F00_0001...0x7F00_0014))
        rig.pass(5)
        #expect(rig.connects.map(\.attempt) == Array(0..<8))
        rig.pass(5.01)
        #expect(rig.outcomes == [first: .failed(.connectTimeout)])
        #expect(rig.connects.isEmpty)
        #expect(rig.host(host).addresses.count { $0.isSuspect } == 8)
        rig.arrive(host)
        rig.pass(0.12)
        #expect(rig.connects.allSatisfy { rig.machine.hosts[0].peers[$0.address].suspectUntil <= rig.now })
    }

    @Test("Address families alternate")
    func rule3FamiliesTakeTurns() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        rig.arrive(host)
        let v6 = (1...2).map { IPAddress(v6High: 0x2001_0DB8_0000_0000, low: UInt64($0)) }
        try rig.answer(
            .addresses(Self.v4(1, 2).map { IPAddress(v4: $0) } + v6, ttlSeconds: 60, source: .dns))
        rig.pass(0.8)
        #expect(rig.connects.map(\.address) == [0, 2, 1, 3])
    }

    // MARK: Records that change

    @Test("An address that left the record set is retired after one TTL")
    func rule4AnAddressThatLeftIsRetiredAfterOneTTL() throws {
        var (rig, host, first) = try Self.named(Self.v4(1, 2), ttl: 10)
        let second = rig.arrive(host)
        let third = rig.arrive(host)
        let ids = try (0..<3).map { _ in try rig.connect() }
        try rig.serve(first)
        try rig.serve(second)
        try rig.write(third)
        let leaving = rig.machine.connections[ids[0].slot].address
        #expect(rig.machine.connections[ids[2].slot].address == leaving)
        // Nobody looks the name up, yet the change is noticed: connections are open.
        rig.pass(10.01)
        #expect(rig.lookups.count == 1)
        try rig.answer(Self.v4(2), ttl: 10)
        rig.pass(9.9)
        #expect(rig.closed.isEmpty)
        rig.pass(0.2)
        #expect(rig.closed == [ids[0]: .dnsRetired])
        try rig.head(third)
        try rig.end(third)
        #expect(rig.outcomes[third] == .succeeded(200))
        #expect(rig.closed == [ids[0]: .dnsRetired, ids[2]: .dnsRetired], "active ones after their response")
    }

    @Test("An address that returns to the record set stays")
    func rule4AnAddressThatComesBackStays() throws {
        var (rig, host, first) = try Self.named(Self.v4(1, 2), ttl: 10)
        let id = try rig.connect()
        try rig.serve(first)
        rig.pass(10.01)
        try rig.answer(Self.v4(2), ttl: 10)
        rig.pass(9.5)
        // A dial near the end of the TTL asks ahead of its expiry.
        rig.arrive(host)
        rig.arrive(host)
        try rig.answer(Self.v4(1, 2), ttl: 10)
        rig.pass(5)
        #expect(rig.closed[id] == nil)
        #expect(rig.host(host).addresses.allSatisfy { $0.isInDNS })
    }

    /// The dial began before the change and ends after the grace: it may not stay.
    @Test("A dial to an address that left in the meantime is not kept")
    func rule4ADialToAnAddressThatLeftMeanwhileIsNotKept() throws {
        var (rig, host, first) = try Self.named(Self.v4(1), ttl: 1) { $0.dnsMinTTL = .seconds(1) }
        let slow = rig.connects[0]
        rig.pass(1.1)
        let second = rig.arrive(host)
        try rig.answer(Self.v4(2), ttl: 1)
        rig.connected(rig.connects[1])
        rig.pass(2)
        try rig.serve(first)
        try rig.serve(second)
        rig.connected(slow)
        #expect(rig.closed[slow.id] == .dnsRetired)
    }

    /// The name went away while a dial to its address was on its way: no address of it is left, so none may stay.
    @Test("The addresses of a name that disappears are retired")
    func rule4ANameThatGoesAwayTakesItsAddressesAlong() throws {
        var (rig, host, first) = try Self.named(Self.v4(1), ttl: 1)
        rig.set { $0.failFastWhileBackingOff = false }
        let slow = rig.connects[0]
        rig.pass(1.1)
        let second = rig.arrive(host)
        try rig.answer(.notFound(ttlSeconds: 1))
        #expect(rig.host(host).addresses.allSatisfy { !$0.isInDNS })
        rig.pass(2)
        rig.connected(slow)
        #expect(rig.outcomes[first] == .failed(.dnsNotFound))
        try rig.serve(second)
        #expect(rig.closed[slow.id] == .dnsRetired)
    }

    @Test("Changes are noticed even after a flush")
    func rule4AfterAFlushChangesAreStillNoticed() throws {
        var (rig, _, first) = try Self.named(Self.v4(1), ttl: 10)
        let id = try rig.connect()
        try rig.serve(first)
        rig.send(.dnsFlushRequested)
        #expect(rig.lookups.count == 1)
        try rig.answer(Self.v4(2), ttl: 10)
        rig.pass(10.1)
        #expect(rig.closed == [id: .dnsRetired])
    }

    @Test("A lower TTL setting applies at once")
    func rule4AShorterTTLFromTheSettingsHoldsAtOnce() throws {
        var (rig, _, first) = try Self.named(Self.v4(1), ttl: 60)
        try rig.connect()
        try rig.serve(first)
        rig.set { $0.dnsMaxTTL = .seconds(5) }
        rig.pass(5.01)
        #expect(rig.lookups.count == 1)
    }

    @Test("Hosts that share a name share its answers")
    func hostsThatShareANameShareItsAnswers() throws {
        var rig = Rig()
        let (a, b) = (rig.addHost("a", dnsName: "s.test"), rig.addHost("b", dnsName: "s.test"))
        let first = rig.arrive(a)
        let second = rig.arrive(b)
        #expect(rig.lookups.count == 1, "one question")
        try rig.answer(Self.v4(1), ttl: 10)
        let ids = [try rig.connect(), try rig.connect()]
        try rig.serve(first)
        try rig.serve(second)
        rig.pass(10.01)
        #expect(rig.lookups.count == 1)
        try rig.answer(Self.v4(2), ttl: 10)
        rig.pass(10.01)
        #expect(rig.closed == [ids[0]: .dnsRetired, ids[1]: .dnsRetired])
        let late = rig.addHost("c", dnsName: "s.test")
        let third = rig.arrive(late)
        if !rig.lookups.isEmpty { try rig.answer(Self.v4(2), ttl: 10) }
        try rig.connect()
        try rig.serve(third)
    }

    /// Sixty-four addresses that are all in use leave together: the new ones find a place.
    @Test("A full address list accepts new addresses")
    func aFullListOfAddressesTakesNewOnes() throws {
        var (rig, host, first) = try Self.named(Array(0x7F00_0001...0x7F00_0040), ttl: 1) {
            $0.maxDialsPerHost = 64
            $0.connectTimeout = nil
        }
        var requests = [first]
        while requests.count < 64 { requests.append(rig.arrive(host)) }
        let dials = rig.connects
        #expect(Set(dials.map(\.address)).count == 64)
        rig.set { $0.maxSocketsPerHost = 100 }
        rig.pass(1.01)
        for dial in dials[..<60] { rig.connected(dial) }
        rig.arrive(host)
        if !rig.lookups.isEmpty { try rig.answer(Array(0x7F00_0101...0x7F00_0140), ttl: 1) }
        let fresh = try #require(rig.connects.last)
        #expect(rig.machine.hosts[0].peers[fresh.address].isInDNS)
        // A dial to an address that left still names that address.
        let old = dials[63]
        rig.connected(old)
        #expect(rig.host(host).addresses[old.address].address == "127.0.0.64:80")
        #expect(rig.machine.hosts[0].peers.count <= 128)
    }

    @Test("A failed lookup fails the waiting requests")
    func rule2AFailureReachesThoseThatWait() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        let requests = (0..<3).map { _ in rig.arrive(host) }
        try rig.answer(.notFound(ttlSeconds: 30))
        #expect(requests.allSatisfy { rig.outcomes[$0] == .failed(.dnsNotFound) })
        let again = rig.arrive(host)
        #expect(rig.outcomes[again] == .failed(.dnsNotFound), "kept")
        #expect(rig.snapshot().dns.queries == 0)
        #expect(rig.snapshot().dns.misses == 1)
    }

    @Test("An answer to no query is ignored")
    func anAnswerNobodyAskedForIsIgnored() throws {
        var (rig, host, _) = try Self.named(Self.v4(1))
        let name = try #require(rig.machine.hosts[host.index].nameID)
        rig.send(.resolved(name, for: .none, .notFound(ttlSeconds: 1), elapsed: 0))
        #expect(rig.snapshot().ignoredEvents == 1)
    }
}
