import AgentCore
import DNSWire
import Foundation
import PoolModel
import Testing

/// A seeded walk over everything that can happen to the cache, beside a simple model of those who wait. A failing run
/// prints its seed; `DNS_SEED=… swift test --filter DNS` repeats it.
@Suite("DNS cache: random walk")
struct DNSCacheWalkTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    /// The caller's view: the queries that it has started, and the waiters, by name.
    private struct Walk {
        var cache = DNSCache()
        var random: Generator
        var now = Moment(nanoseconds: .seconds(100))
        var names: [NameID] = []
        var queries: [Int]
        var waiting: [Int]
        var retired: [DNSRetirement] = []
        var counts = DNSCounts()

        init(seed: UInt64, names count: Int) {
            random = Generator(state: seed)
            queries = Array(repeating: 0, count: count)
            waiting = Array(repeating: 0, count: count)
            for number in 0..<count { names.append(cache.intern("name\(number)")) }
        }

        mutating func step() {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<55: lookup()
            case 55..<85: resolve()
            case 85..<93: now = now + .milliseconds(Int64.random(in: 0...8000, using: &random))
            case 93..<96: refresh()
            case 96..<99: now = now + .milliseconds(Int64.random(in: 0...500, using: &random))
            case 99 where Bool.random(using: &random): cache.flush()
            default: changeSettings()
            }
            let before = retired.count
            cache.takeRetired(now: now, into: &retired)
            for gone in retired[before...] { #expect(!cache.isCurrent(gone.address, of: gone.name)) }
            #expect(cache.nextRetirement > now)
            check()
        }

        private mutating func lookup() {
            let index = Int.random(in: 0..<names.count, using: &random)
            counts.lookups += 1
            switch cache.lookup(names[index], now: now) {
            case .fresh: counts.hits += 1
            case .refreshNow:
                counts.hits += 1
                queries[index] += 1
            case .stale: counts.staleHits += 1
            case .staleRefreshNow:
                counts.staleHits += 1
                queries[index] += 1
            case .negative: counts.negativeHits += 1
            case .startQuery:
                counts.misses += 1
                queries[index] += 1
                waiting[index] += 1
            case .join:
                counts.coalesced += 1
                waiting[index] += 1
                #expect(queries[index] > 0, "nobody joins what is not on its way")
            }
        }

        private mutating func refresh() {
            let index = Int.random(in: 0..<names.count, using: &random)
            if cache.refresh(names[index], now: now) {
                #expect(queries[index] == 0)
                queries[index] += 1
            }
        }

        private mutating func resolve() {
            let busy = queries.indices.filter { queries[$0] > 0 }
            guard let index = busy.randomElement(using: &random) else { return }
            queries[index] -= 1
            let ttl = UInt32.random(in: 0...30, using: &random)
            let outcome: ResolutionOutcome
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1: outcome = .timeout
            case 2...3: outcome = .serverFailure
            case 4: outcome = .notFound(ttlSeconds: ttl)
            default:
                let addresses = ips(1, 2, 3, 4).filter { _ in Bool.random(using: &random) }
                outcome = .addresses(addresses, ttlSeconds: ttl, source: .dns)
            }
            let update = cache.resolved(names[index], outcome, now: now)
            switch update.waiters {
            case .all: waiting[index] = 0
            case .oldest: waiting[index] = max(waiting[index] - 1, 0)
            case .none: Issue.record("the query was on its way")
            }
            if case .addresses(let entry) = update.answer { #expect(!entry.addresses.isEmpty) }
            #expect(queries[index] > 0 || waiting[index] == 0, "nobody is left behind")
        }

        private mutating func changeSettings() {
            var settings = cache.settings
            switch Int.random(in: 0..<4, using: &random) {
            case 0: settings.isEnabled = Int.random(in: 0..<4, using: &random) > 0
            case 1: settings.size = Int.random(in: 0...24, using: &random)
            case 2: settings.maxTTL = .seconds(Double.random(in: 0...30, using: &random))
            default: settings.staleLimit = .seconds(Double.random(in: 0...300, using: &random))
            }
            cache.apply(settings)
        }

        private func check() {
            cache.checkInvariants()
            let now = cache.counts
            #expect(now.lookups == counts.lookups && now.hits == counts.hits && now.staleHits == counts.staleHits)
            #expect(now.negativeHits == counts.negativeHits && now.misses == counts.misses)
            #expect(now.coalesced == counts.coalesced)
            #expect(now.lookups == now.hits + now.staleHits + now.negativeHits + now.misses + now.coalesced)
            #expect(cache.ignoredEvents == 0)
        }
    }

    @Test("The counts add up after every step of a random walk")
    func theCountsAddUpAfterEveryStep() {
        let chosen = ProcessInfo.processInfo.environment["DNS_SEED"].flatMap(UInt64.init)
        let seed = chosen ?? UInt64.random(in: 0...UInt64.max)
        print("DNS cache walk: DNS_SEED=\(seed)")
        var walk = Walk(seed: seed, names: 12)
        for _ in 0..<20_000 { walk.step() }
        let counts = walk.cache.counts
        let reached = [
            counts.hits, counts.staleHits, counts.negativeHits, counts.misses, counts.coalesced, walk.retired.count,
        ]
        #expect(reached.allSatisfy { $0 > 50 }, "every outcome was reached: \(reached), DNS_SEED=\(seed)")
    }
}
