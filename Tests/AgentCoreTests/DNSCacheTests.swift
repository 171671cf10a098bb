import AgentCore
import DNSWire
import PoolModel
import Testing

/// A cache with a clock in seconds.
struct DNSCacheWorld {
    var cache: DNSCache
    var seconds = 1000.0

    init(_ change: (inout DNSCacheSettings) -> Void = { _ in }) {
        var settings = DNSCacheSettings()
        change(&settings)
        cache = DNSCache(settings: settings)
    }

    var now: Moment { Moment(nanoseconds: .seconds(seconds)) }

    mutating func lookup(_ name: String) -> DNSLookup {
        defer { cache.checkInvariants() }
        return cache.lookup(cache.intern(name), now: now)
    }

    @discardableResult
    mutating func resolved(_ name: String, _ outcome: ResolutionOutcome) -> DNSUpdate {
        defer { cache.checkInvariants() }
        return cache.resolved(cache.intern(name), outcome, now: now)
    }

    /// A miss and its answer.
    @discardableResult
    mutating func ask(_ name: String, _ outcome: ResolutionOutcome) -> DNSUpdate {
        #expect(lookup(name) == .startQuery)
        return resolved(name, outcome)
    }

    mutating func change(_ change: (inout DNSCacheSettings) -> Void) {
        var settings = cache.settings
        change(&settings)
        cache.apply(settings)
        cache.checkInvariants()
    }

    mutating func retired() -> [IPAddress] {
        var retired: [DNSRetirement] = []
        cache.takeRetired(now: now, into: &retired)
        cache.checkInvariants()
        return retired.map(\.address)
    }
}

func ips(_ last: UInt32...) -> [IPAddress] { last.map { IPAddress(v4: 0xC000_0200 + $0) } }

func found(_ addresses: [IPAddress], ttl: UInt32 = 60) -> ResolutionOutcome {
    .addresses(addresses, ttlSeconds: ttl, source: .dns)
}

func entry(_ addresses: [IPAddress], isStale: Bool = false) -> DNSEntry {
    DNSEntry(addresses: addresses, source: .dns, isStale: isStale)
}

@Suite("DNS cache: storing answers")
struct DNSCacheTests {
    @Test("An answer is cached for its TTL")
    func anAnswerIsKeptForItsTTL() {
        var world = DNSCacheWorld()
        let update = world.ask("a", found(ips(1, 2)))
        #expect(update == DNSUpdate(answer: .addresses(entry(ips(1, 2))), waiters: .all))
        world.seconds += 53.9
        #expect(world.lookup("a") == .fresh(entry(ips(1, 2))))
        world.seconds += 6.1
        #expect(world.lookup("a") == .startQuery)
        #expect(world.cache.counts.hits == 1 && world.cache.counts.misses == 2)
    }

    @Test(
        "The TTL is clamped, except for zero",
        arguments: [(0, 0), (1, 10), (10, 10), (99, 99), (100, 100), (5000, 100), (.max, 100)] as [(UInt32, Double)])
    func clamp(_ ttl: UInt32, _ kept: Double) {
        var world = DNSCacheWorld {
            $0.minTTL = .seconds(10)
            $0.maxTTL = .seconds(100)
        }
        world.ask("a", found(ips(1), ttl: ttl))
        #expect(world.cache.counts.entries == (kept == 0 ? 0 : 1))
        world.seconds += kept
        #expect(world.lookup("a") == .startQuery)
        guard kept > 0 else { return }
        world.resolved("a", found(ips(1), ttl: ttl))
        world.seconds += kept * 0.89
        #expect(world.lookup("a") == .fresh(entry(ips(1))))
    }

    @Test("Simultaneous misses start a single query")
    func simultaneousMissesMakeOneQuery() {
        var world = DNSCacheWorld()
        #expect(world.lookup("a") == .startQuery)
        for _ in 0..<9 { #expect(world.lookup("a") == .join) }
        #expect(world.lookup("b") == .startQuery)
        #expect(world.resolved("a", found(ips(1), ttl: 0)).waiters == .all)
        #expect(world.cache.counts.misses == 2 && world.cache.counts.coalesced == 9)
        #expect(world.lookup("a") == .startQuery, "TTL 0 serves the requests at hand only")
    }

    @Test("The least recently used name is evicted")
    func theLeastRecentlyUsedNameGoes() {
        var world = DNSCacheWorld { $0.size = 3 }
        for name in ["a", "b", "c"] { world.ask(name, found(ips(1))) }
        _ = world.lookup("a")
        world.ask("d", found(ips(1)))
        #expect(world.cache.counts.entries == 3)
        #expect(world.lookup("a") == .fresh(entry(ips(1))))
        #expect(world.lookup("c") == .fresh(entry(ips(1))))
        #expect(world.lookup("b") == .startQuery)
    }

    @Test("A cache of size zero keeps nothing")
    func sizeZeroKeepsNothing() {
        var world = DNSCacheWorld { $0.size = 0 }
        world.ask("a", found(ips(1)))
        world.ask("a", .notFound(ttlSeconds: 60))
        world.ask("a", .serverFailure)
        #expect(world.cache.counts.entries == 0)
    }

    @Test("Negative answers are cached")
    func negativeAnswersAreKept() {
        var world = DNSCacheWorld()
        let update = world.ask("a", .notFound(ttlSeconds: 30))
        #expect(update == DNSUpdate(answer: .failed(.dnsNotFound), waiters: .all))
        world.seconds += 29.9
        #expect(world.lookup("a") == .negative(.dnsNotFound))
        world.seconds += 0.1
        #expect(world.lookup("a") == .startQuery)
        world.resolved("a", .notFound(ttlSeconds: 0))
        #expect(world.lookup("a") == .startQuery, "where the SOA says so it is not kept")
        #expect(world.cache.counts.negativeHits == 1 && world.cache.counts.failures == 0)
    }

    @Test(
        "Consecutive failures are cached for longer each time",
        arguments: [(ResolutionOutcome.timeout, FailureCause.dnsTimeout), (.serverFailure, .dnsFailure)])
    func failuresAreKeptLongerEachTime(_ outcome: ResolutionOutcome, _ cause: FailureCause) {
        var world = DNSCacheWorld()
        for pause in [1.0, 2, 4, 5, 5, 5, 5, 5, 5, 5, 5] {
            #expect(world.ask("a", outcome).answer == .failed(cause))
            world.seconds += pause - 0.01
            #expect(world.lookup("a") == .negative(cause))
            world.seconds += 0.02
        }
        #expect(world.cache.counts.failures == 11)
        world.ask("a", found(ips(1)))
        world.seconds += 4000
        world.ask("a", outcome)
        world.seconds += 1.01
        #expect(world.lookup("a") == .startQuery, "an answer resets the pause")
    }

    @Test("A failure is cached for at most five seconds if requests ask for the name, and five minutes otherwise")
    func failuresOfNamesThatNobodyAsksFor() {
        var world = DNSCacheWorld()
        let name = world.cache.intern("a")
        world.ask("a", found(ips(1), ttl: 10))
        world.seconds += 10
        for pause in [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            let isDue = world.cache.refresh(name, now: world.now)
            #expect(isDue)
            world.resolved("a", .serverFailure)
            #expect(world.cache.refreshDue(name) == world.now + .seconds(pause))
            world.seconds += pause
        }
        world.seconds -= 294
        #expect(world.lookup("a") == .staleRefreshNow(entry(ips(1), isStale: true)), "six seconds have passed")
    }

    @Test("After a suspension cached addresses are stale and negative answers are dropped")
    func expiry() {
        var world = DNSCacheWorld { $0.staleLimit = .seconds(1000) }
        world.ask("a", found(ips(1), ttl: 300))
        world.ask("b", .notFound(ttlSeconds: 300))
        world.ask("c", .serverFailure)
        world.ask("d", found(ips(4), ttl: 300))
        world.cache.expire(after: .seconds(1200), now: world.now)
        for name in ["b", "c"] { #expect(world.lookup(name) == .startQuery) }
        #expect(world.ask("a", .timeout).answer == .addresses(entry(ips(1), isStale: true)))
        #expect(world.lookup("a") == .stale(entry(ips(1), isStale: true)))
        world.seconds += 100
        // It has been expired for 900 s by then, of which the clock saw none.
        #expect(world.ask("d", .timeout).answer == .failed(.dnsTimeout))
        world.cache.expire(now: world.now)
        world.cache.checkInvariants()
    }

    @Test("A flush drops only the answers")
    func flushDropsAnswersOnly() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1)))
        world.ask("b", .serverFailure)
        _ = world.lookup("c")
        world.cache.flush()
        #expect(world.cache.counts.entries == 0)
        #expect(world.lookup("a") == .startQuery && world.lookup("b") == .startQuery)
        #expect(world.lookup("c") == .join)
        #expect(world.resolved("c", found(ips(2))).waiters == .all)
        #expect(world.lookup("c") == .fresh(entry(ips(2))))
    }

    @Test("Records describe the cached answers")
    func recordsSayWhatIsKept() throws {
        var world = DNSCacheWorld()
        world.ask("a", .addresses(ips(1, 2), ttlSeconds: 400, source: .hostsFile))
        _ = world.lookup("a")
        world.ask("b", .notFound(ttlSeconds: 5))
        world.ask("c", .timeout)
        _ = world.cache.intern("d")
        world.seconds += 2
        let now = world.now
        let records = ["a", "b", "c", "d"].map { world.cache.record(world.cache.intern($0), hostID: 7, now: now) }
        let first = try #require(records[0])
        #expect(first.hostID == 7 && first.name == "a" && first.addresses == ["192.0.2.1", "192.0.2.2"])
        #expect(first.ttlSeconds == 300 && first.remainingSeconds == 298 && first.source == "hosts file")
        #expect(first.hits == 1 && first.misses == 1 && first.negative == nil)
        #expect(records[1]?.negative == .dnsNotFound && records[1]?.addresses == [])
        #expect(records[2]?.negative == .dnsTimeout && records[2]?.remainingSeconds == -1)
        #expect(records[3] == nil)
    }

    @Test("Unexpected query outcomes are ignored")
    func unexpectedOutcomesAreIgnored() {
        var world = DNSCacheWorld()
        #expect(world.resolved("a", found(ips(1))).waiters == .none)
        #expect(world.cache.ignoredEvents == 1 && world.cache.counts.entries == 0)
    }

    @Test("The cache's settings come from the agent's")
    func settingsComeFromTheAgents() {
        let settings = DNSCacheSettings(AgentSettings())
        #expect(settings == DNSCacheSettings())
        #expect(settings.size == 1024 && settings.maxTTL == .seconds(300))
    }
}
