import Testing

@testable import DNSWire

@Suite("DNS: resolver machine, servers and search")
struct DNSResolverServersTests {
    private static let one = ResolutionOutcome.addresses([address("192.0.2.1")], ttlSeconds: 60, source: .dns)

    private static func world(
        servers: Int = 1, _ change: (inout ResolverConfiguration) -> Void = { _ in }
    ) -> DNSResolverWorld {
        DNSResolverWorld(servers: servers) {
            $0.queriesIPv6 = false
            change(&$0)
        }
    }

    // MARK: Servers

    @Test("A timeout leads to the next server, in rounds")
    func silenceLeadsToTheNextServerAndRound() {
        var world = Self.world(servers: 2) {
            $0.timeoutSeconds = 1
            $0.attempts = 2
        }
        world.resolve("www.test")
        world.wait(milliseconds: 999)
        #expect(world.labels == ["A www.test @1"])
        world.wait(milliseconds: 1)
        #expect(world.labels == ["A www.test @1", "A www.test @2"])
        world.wait(milliseconds: 2000)
        #expect(world.labels == ["A www.test @1", "A www.test @2", "A www.test @1", "A www.test @2"])
        #expect(world.outcome == nil)
        world.wait(milliseconds: 1000)
        #expect(world.outcome == .timeout)
        #expect(Set(world.sent.map(\.message.id)).count == 4, "each try has an id of its own")
    }

    @Test("The time limit is shared by all tries")
    func theLimitIsSharedByTheTries() {
        var world = Self.world(servers: 2) { $0.timeoutSeconds = 30 }
        world.resolve("www.test", limitMilliseconds: 400)
        world.wait(milliseconds: 399)
        #expect(world.sent.count == 4 && world.outcome == nil)
        world.wait(milliseconds: 1)
        #expect(world.outcome == .timeout)
    }

    @Test("A late answer still counts")
    func aLateAnswerCounts() throws {
        var world = Self.world(servers: 2) { $0.timeoutSeconds = 1 }
        world.resolve("www.test")
        world.wait(milliseconds: 1500)
        try world.answer("A www.test @1", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
    }

    @Test("A late failure does not count")
    func aLateFailureDoesNotCount() throws {
        var world = Self.world(servers: 2) { $0.timeoutSeconds = 1 }
        world.resolve("www.test")
        world.wait(milliseconds: 1500)
        try world.answer("A www.test @1", code(.serverFailure))
        #expect(world.sent.count == 2 && world.outcome == nil)
        try world.answer("A www.test @2", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
    }

    @Test(
        "A failure leads to the next server at once",
        arguments: [ResponseCode.serverFailure, .refused, ResponseCode(rawValue: 9)])
    func aFailureLeadsToTheNextServerAtOnce(_ failure: ResponseCode) throws {
        var world = Self.world(servers: 2) { $0.attempts = 1 }
        world.resolve("www.test")
        try world.answer("A www.test @1", code(failure))
        #expect(world.labels == ["A www.test @1", "A www.test @2"])
        try world.answer("A www.test @2", code(failure))
        #expect(world.outcome == .serverFailure)
    }

    @Test("An unreachable server leads to the next one at once")
    func anUnreachableServerLeadsToTheNextAtOnce() throws {
        var world = Self.world(servers: 2) { $0.attempts = 1 }
        world.resolve("www.test")
        try world.fail("A www.test @1")
        try world.fail("A www.test @2")
        #expect(world.outcome == .serverFailure)
        try world.fail("A www.test @2")
        #expect(world.machine.ignoredEvents == 1)
    }

    @Test("With rotate, a lookup begins with the next server")
    func rotateBeginsWithTheNextServer() {
        var world = Self.world(servers: 3) { $0.rotate = true }
        for number in 0..<4 { world.resolve("www.test", number: number) }
        #expect(world.sent.map(\.server.port) == [1, 2, 3, 1])
    }

    @Test("A truncated answer leads to TCP")
    func truncationLeadsToTCP() throws {
        var world = Self.world(servers: 2)
        world.resolve("www.test")
        try world.answer("A www.test @1") { $0.isTruncated = true }
        #expect(world.labels == ["A www.test @1", "A www.test @1 tcp"])
        try world.answer("A www.test @1 tcp", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
    }

    @Test("A truncated or lost TCP answer is a failure")
    func truncationOverTCPAndItsLossAreFailures() throws {
        var world = Self.world(servers: 3) { $0.attempts = 1 }
        world.resolve("www.test")
        try world.answer("A www.test @1") { $0.isTruncated = true }
        try world.answer("A www.test @1 tcp") { $0.isTruncated = true }
        try world.answer("A www.test @2") { $0.isTruncated = true }
        try world.fail("A www.test @2 tcp")
        try world.answer("A www.test @3") { $0.isTruncated = true }
        world.wait(milliseconds: 10_000)
        #expect(world.outcome == .serverFailure)
    }

    @Test("A server without EDNS is asked again without it")
    func aServerWithoutEDNSIsAskedAgainWithoutIt() throws {
        var world = Self.world(servers: 2)
        world.resolve("www.test")
        #expect(world.sent.last?.message.edns?.payloadSize == 1232)
        try world.answer("A www.test @1", code(.formatError))
        #expect(world.labels == ["A www.test @1", "A www.test @1"] && world.sent.last?.message.edns == nil)
        try world.answer("A www.test @1", code(.formatError))
        #expect(world.sent.last?.label == "A www.test @2" && world.sent.last?.message.edns != nil)
    }

    // MARK: Search

    @Test(
        "Candidates follow ndots and the search list",
        arguments: [
            ("www", 1, ["www.a.test", "www.b.test", "www"]),
            ("www.x", 1, ["www.x", "www.x.a.test", "www.x.b.test"]),
            ("www.x", 2, ["www.x.a.test", "www.x.b.test", "www.x"]),
            ("www", 0, ["www", "www.a.test", "www.b.test"]),
            ("www.", 1, ["www"]),
            ("www.x.", 5, ["www.x"]),
        ])
    func search(_ asked: String, _ ndots: Int, _ expected: [String]) throws {
        var world = Self.world {
            $0.search = [name("a.test"), name("b.test")]
            $0.ndots = ndots
        }
        world.resolve(asked)
        for (number, candidate) in expected.enumerated() {
            #expect(world.outcome == nil)
            try world.answer("A \(candidate) @1", noName(ttlSeconds: UInt32(9 - number)))
        }
        #expect(world.labels == expected.map { "A \($0) @1" })
        #expect(world.outcome == .notFound(ttlSeconds: UInt32(10 - expected.count)))
    }

    @Test("The first candidate with addresses wins")
    func theFirstCandidateWithAddressesWins() throws {
        var world = Self.world { $0.search = [name("a.test"), name("b.test")] }
        world.resolve("www")
        try world.answer("A www.a.test @1", noData())
        try world.answer("A www.b.test @1", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
        #expect(world.sent.count == 2)
    }

    @Test("A failing candidate makes the result uncertain")
    func aFailingCandidateMakesTheEndUncertain() throws {
        var world = Self.world {
            $0.search = [name("a.test")]
            $0.attempts = 1
        }
        world.resolve("www")
        try world.answer("A www.a.test @1", code(.serverFailure))
        try world.answer("A www @1", noName())
        #expect(world.outcome == .serverFailure)
    }

    @Test("A timeout ends the search")
    func silenceEndsTheSearch() {
        var world = Self.world {
            $0.search = [name("a.test")]
            $0.attempts = 1
            $0.timeoutSeconds = 1
        }
        world.resolve("www")
        world.wait(milliseconds: 1000)
        #expect(world.labels == ["A www.a.test @1"] && world.outcome == .timeout)
    }

    @Test("A candidate that is too long is skipped")
    func aCandidateThatIsTooLongIsPassedOver() throws {
        let long = (0..<4).map { _ in String(repeating: "a", count: 60) }.joined(separator: ".")
        var world = Self.world { $0.search = [name("much.too.long.test")] }
        world.resolve(long)
        try world.answer("A \(long) @1", noName())
        #expect(world.outcome == .notFound(ttlSeconds: 30))
    }

    // MARK: Limits and late events

    @Test("The number of lookups is limited")
    func lookupsAreLimited() {
        var world = Self.world()
        world.resolve("www.test", number: ResolverMachine.maximumLookups)
        #expect(world.outcomes[ResolverMachine.maximumLookups] == .serverFailure)
        #expect(world.sent.isEmpty)
    }

    @Test("An abandoned lookup ends without an effect")
    func anAbandonedLookupEndsQuietly() throws {
        var world = Self.world()
        world.resolve("www.test")
        world.handle(.lookupAbandoned(0))
        #expect(world.open.isEmpty && world.outcome == nil && world.machine.lookupsInFlight == 0)
        world.handle(.lookupAbandoned(0))
        world.handle(.lookupAbandoned(-1))
        try world.answer("A www.test @1", addresses("192.0.2.1"))
        world.wait(milliseconds: 20_000)
        #expect(world.machine.ignoredEvents == 3 && world.outcome == nil)
    }

    /// Lookups that are answered before their deadline must not leave it behind.
    @Test("Deadlines of ended lookups are dropped")
    func deadlinesOfEndedLookupsAreForgotten() throws {
        var world = Self.world()
        for number in 0..<2000 {
            world.resolve("www.test", number: number)
            try world.answer("A www.test @1", addresses("192.0.2.1"))
            #expect(world.machine.queuedDeadlines <= 66)
        }
        world.wait(milliseconds: 60_000)
        #expect(world.machine.queuedDeadlines == 0 && world.machine.nextDeadline == .max)
    }

    @Test("Many lookups keep their deadlines")
    func manyLookupsKeepTheirDeadlines() {
        var world = Self.world { $0.attempts = 1 }
        for number in 0..<500 {
            world.resolve("www.test", number: number, limitMilliseconds: Int64(1000 + number * 7919 % 500))
        }
        for waited in 0..<500 {
            world.wait(milliseconds: waited == 0 ? 1000 : 1)
            #expect(world.outcomes.count == waited + 1)
        }
    }
}
