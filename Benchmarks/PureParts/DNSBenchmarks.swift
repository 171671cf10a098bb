import AgentCore
import DNSWire
import PoolModel

/// Lookups that the cache answers, over a thousand names with two addresses each.
let dnsBenchmarks: [Maker] = [
    Maker("DNS cache: a lookup that hits, 1000 names") { name in
        var cache = DNSCache()
        let now = Moment(nanoseconds: .seconds(1000))
        let addresses = [IPAddress(v4: 0x7F00_0001), IPAddress(v4: 0x7F00_0002)]
        let names = (0..<1000).map { cache.intern("host-\($0).pooltop.test") }
        for id in names {
            _ = cache.lookup(id, now: now)
            _ = cache.resolved(id, .addresses(addresses, ttlSeconds: 300, source: .dns), now: now)
        }
        return Benchmark(name: name, unit: .nanoseconds, goal: .atMost(100)) { count in
            var found = 0
            var next = 0
            for _ in 0..<count {
                // A stride that leaves no two lookups of neighbours in a row.
                next = (next + 377) % names.count
                if case .fresh(let entry) = cache.lookup(names[next], now: now), entry.addresses.count == 2 {
                    found += 1
                }
            }
            return found
        }
    }
]
