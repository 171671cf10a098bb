import AgentCore
import DNSWire
import PoolModel
import Testing

@Suite("DNS cache: refresh, stale, switching")
struct DNSCacheServiceTests {
    // MARK: Refresh ahead

    @Test("A hit near the end of its TTL starts one query")
    func aHitNearTheEndStartsOneQuery() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1), ttl: 100))
        world.seconds += 90
        #expect(world.lookup("a") == .refreshNow(entry(ips(1))))
        #expect(world.lookup("a") == .fresh(entry(ips(1))), "once")
        #expect(world.resolved("a", found(ips(2), ttl: 100)).waiters == .all)
        world.seconds += 89
        #expect(world.lookup("a") == .fresh(entry(ips(2))))
        let counts = world.cache.counts
        #expect(counts.lookups == 4 && counts.misses == 1 && counts.hits == 3, "a refresh is no lookup")
    }

    @Test("A lookup after the expiry joins the refresh")
    func aLookupAfterTheExpiryJoinsTheRefresh() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1), ttl: 100))
        world.seconds += 95
        #expect(world.lookup("a") == .refreshNow(entry(ips(1))))
        world.seconds += 5
        #expect(world.lookup("a") == .join)
        #expect(world.resolved("a", found(ips(1))).waiters == .all)
    }

    @Test("A failed refresh is repeated after its pause")
    func aFailedRefreshIsRepeatedAfterItsPause() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1), ttl: 100))
        world.seconds += 90
        _ = world.lookup("a")
        world.resolved("a", .timeout)
        #expect(world.lookup("a") == .fresh(entry(ips(1))))
        world.seconds += 1
        #expect(world.lookup("a") == .refreshNow(entry(ips(1))))
        #expect(world.cache.counts.failures == 0, "nobody's lookup failed")
    }

    @Test("A name can be refreshed without a lookup")
    func refreshWithoutALookup() {
        var world = DNSCacheWorld()
        let name = world.cache.intern("a")
        #expect(world.cache.refreshDue(name) == .never)
        world.ask("a", found(ips(1), ttl: 100))
        #expect(world.cache.refreshDue(name) == Moment(nanoseconds: .seconds(world.seconds + 100)))
        let early = world.cache.refresh(name, now: world.now)
        world.seconds += 100
        let due = world.cache.refresh(name, now: world.now)
        let again = world.cache.refresh(name, now: world.now)
        #expect(!early && due && !again)
        #expect(world.cache.refreshDue(name) == .never)
        #expect(world.resolved("a", found(ips(2))).left == ips(1))
        #expect(world.cache.counts.lookups == 1)
    }

    // MARK: Stale

    @Test("A stale answer is served when the server fails")
    func aStaleAnswerIsServedWhenTheServerFails() {
        var world = DNSCacheWorld { $0.staleLimit = .seconds(1000) }
        world.ask("a", found(ips(1), ttl: 10))
        world.seconds += 10
        #expect(world.ask("a", .timeout).answer == .addresses(entry(ips(1), isStale: true)))
        #expect(world.lookup("a") == .stale(entry(ips(1), isStale: true)), "known to fail: served at once")
        world.seconds += 1
        #expect(world.lookup("a") == .staleRefreshNow(entry(ips(1), isStale: true)))
        #expect(world.lookup("a") == .stale(entry(ips(1), isStale: true)))
        world.resolved("a", .serverFailure)
        world.seconds += 1.9
        #expect(world.lookup("a") == .stale(entry(ips(1), isStale: true)))
        world.seconds += 0.1
        #expect(world.lookup("a") == .staleRefreshNow(entry(ips(1), isStale: true)))
        world.resolved("a", found(ips(2), ttl: 10))
        #expect(world.lookup("a") == .fresh(entry(ips(2))))
        #expect(world.cache.counts.staleHits == 5 && world.cache.counts.failures == 1)
    }

    @Test("Stale answers are served up to the limit")
    func staleEndsAtItsLimit() {
        var world = DNSCacheWorld { $0.staleLimit = .seconds(100) }
        world.ask("a", found(ips(1), ttl: 10))
        world.seconds += 109
        #expect(world.ask("a", .timeout).answer == .addresses(entry(ips(1), isStale: true)))
        world.seconds += 0.9
        #expect(world.lookup("a") == .stale(entry(ips(1), isStale: true)))
        world.seconds += 0.1
        #expect(world.ask("a", .timeout).answer == .failed(.dnsTimeout))
        #expect(world.lookup("a") == .negative(.dnsTimeout))
    }

    @Test("A stale limit of zero serves no stale answers")
    func staleZeroServesNone() {
        var world = DNSCacheWorld { $0.staleLimit = 0 }
        world.ask("a", found(ips(1), ttl: 10))
        world.seconds += 10
        #expect(world.ask("a", .serverFailure).answer == .failed(.dnsFailure))
    }

    @Test("A negative answer replaces stale addresses")
    func aNoReplacesStaleAddresses() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1), ttl: 10))
        world.seconds += 10
        #expect(world.ask("a", .notFound(ttlSeconds: 10)).answer == .failed(.dnsNotFound))
        #expect(world.lookup("a") == .negative(.dnsNotFound))
    }

    // MARK: Switching

    @Test("With the cache off, every lookup asks a server")
    func offEveryLookupAsks() {
        var world = DNSCacheWorld { $0.isEnabled = false }
        for _ in 0..<3 { #expect(world.lookup("a") == .startQuery) }
        #expect(world.resolved("a", found(ips(1))).waiters == .oldest)
        #expect(world.resolved("a", .timeout).waiters == .oldest)
        #expect(world.resolved("a", found(ips(1))).waiters == .all)
        world.ask("a", .serverFailure)
        world.ask("a", .notFound(ttlSeconds: 60))
        #expect(world.lookup("a") == .startQuery)
        let counts = world.cache.counts
        #expect(counts.misses == 6 && counts.lookups == 6 && counts.entries == 0 && counts.failures == 2)
    }

    @Test("The cache can be switched off while queries are in progress")
    func switchedOffWhileQueriesAreOnTheirWay() {
        var world = DNSCacheWorld()
        #expect(world.lookup("a") == .startQuery)
        #expect(world.lookup("a") == .join)
        world.change { $0.isEnabled = false }
        #expect(world.lookup("a") == .startQuery)
        // Three wait and two queries are on their way: the last answers all who are left.
        #expect(world.resolved("a", found(ips(1))).waiters == .oldest)
        #expect(world.resolved("a", found(ips(1))).waiters == .all)
        #expect(world.cache.counts.entries == 0)
    }

    @Test("The cache can be switched on while queries are in progress")
    func switchedOnWhileQueriesAreOnTheirWay() {
        var world = DNSCacheWorld { $0.isEnabled = false }
        for _ in 0..<3 { #expect(world.lookup("a") == .startQuery) }
        world.change { $0.isEnabled = true }
        #expect(world.lookup("a") == .join)
        #expect(world.resolved("a", found(ips(1))).waiters == .all)
        #expect(world.lookup("a") == .fresh(entry(ips(1))))
        world.resolved("a", found(ips(1)))
        world.resolved("a", found(ips(1)))
        #expect(world.cache.ignoredEvents == 0)
    }

    @Test("Switching the cache off drops its contents")
    func switchingOffDropsWhatIsKept() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1)))
        world.change { $0.isEnabled = false }
        #expect(world.cache.counts.entries == 0)
        world.change { $0.isEnabled = true }
        #expect(world.lookup("a") == .startQuery)
    }

    @Test("New limits apply to cached answers at once")
    func newLimitsHoldAtOnce() {
        var world = DNSCacheWorld()
        for name in ["a", "b", "c"] { world.ask(name, found(ips(1), ttl: 300)) }
        world.change {
            $0.size = 2
            $0.maxTTL = .seconds(20)
        }
        #expect(world.cache.counts.entries == 2)
        #expect(world.lookup("a") == .startQuery)
        world.seconds += 18
        #expect(world.lookup("b") == .refreshNow(entry(ips(1))))
        world.seconds += 2
        #expect(world.lookup("c") == .startQuery)
    }

    // MARK: Change of addresses

    @Test("Addresses that left the record set are retired after one TTL")
    func addressesThatLeftRetireAfterOneTTL() {
        var world = DNSCacheWorld()
        let name = world.cache.intern("a")
        #expect(world.ask("a", found(ips(1, 2, 3), ttl: 10)).joined == [], "a first answer is no change")
        world.seconds += 10
        let update = world.ask("a", found(ips(3, 4), ttl: 20))
        #expect(update.joined == ips(4) && update.left == ips(1, 2))
        #expect(world.cache.nextRetirement == Moment(nanoseconds: .seconds(world.seconds + 20)))
        world.seconds += 19.9
        #expect(world.retired() == [])
        #expect(world.cache.isCurrent(ips(1)[0], of: name) && world.cache.isCurrent(ips(3)[0], of: name))
        world.seconds += 0.1
        #expect(world.retired() == ips(1, 2))
        #expect(world.retired() == [] && world.cache.nextRetirement == .never)
        #expect(!world.cache.isCurrent(ips(1)[0], of: name) && world.cache.isCurrent(ips(3)[0], of: name))
    }

    @Test("A rotating record set retires nothing")
    func aSetThatTurnsRoundRetiresNothing() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1, 2), ttl: 10))
        for turn in 1...10 {
            world.seconds += 9
            #expect(world.retired() == [])
            guard case .refreshNow = world.lookup("a") else {
                Issue.record("a refresh is due")
                return
            }
            let update = world.resolved("a", found(turn % 2 == 0 ? ips(1, 2) : ips(2, 3), ttl: 10))
            #expect(update.left == (turn % 2 == 0 ? ips(3) : ips(1)))
        }
    }

    @Test("A different order of addresses is not a change")
    func theOrderOfAddressesIsNoChange() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1, 2), ttl: 0))
        let update = world.ask("a", found(ips(2, 1), ttl: 0))
        #expect(update.joined == [] && update.left == [] && world.cache.nextRetirement == .never)
    }

    @Test("The addresses of a name that disappears are retired")
    func aNameThatGoesAwayTakesItsAddressesAlong() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1), ttl: 10))
        world.cache.flush()
        #expect(world.ask("a", .notFound(ttlSeconds: 5)).left == ips(1), "noticed across a flush")
        world.seconds += 5
        #expect(world.retired() == ips(1))
    }

    @Test("Failures retire no addresses")
    func failuresRetireNothing() {
        var world = DNSCacheWorld()
        world.ask("a", found(ips(1), ttl: 10))
        world.seconds += 10
        #expect(world.ask("a", .timeout).left == [])
        #expect(world.cache.nextRetirement == .never)
        let unknown = world.cache.intern("b")
        #expect(world.cache.isCurrent(ips(9)[0], of: unknown), "never answered: nothing is known")
    }
}
