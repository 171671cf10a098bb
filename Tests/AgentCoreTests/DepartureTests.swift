import AgentCore
import DNSWire
import PoolModel
import Testing

/// Hosts that make room for others: nothing is lost from the totals, and no name of theirs stands for a successor.
@Suite struct DepartureTests {
    private func description(_ number: Int, named: Bool = true) -> HostDescription {
        HostDescription(
            name: "h\(number).test", origin: "http://h\(number).test:80", isTLS: false, port: 80,
            location: named
                ? .name("h\(number).test") : .addresses([.ip(IPAddress(v4: 0x0A00_0001 + UInt32(number)), port: 80)]))
    }

    /// One exchange with a host that is new, in the place of the one idle longest where there are `most` already.
    private func visit(_ number: Int, most: Int, _ rig: inout Rig, named: Bool = true) throws -> HostID {
        let former = rig.machine.hosts.count < most ? nil : rig.machine.idleLongest()
        let host = rig.machine.addHost(description(number, named: named), replacing: former)
        let request = rig.arrive(host)
        if named { try rig.answer([0x0A00_0001 + UInt32(number)]) }
        try rig.connect()
        try rig.serve(request)
        rig.pass(0.01)
        return host
    }

    @Test("The origin that has been idle longest is evicted") func whoLeaves() throws {
        var rig = Rig()
        let hosts = try (0..<3).map { try visit($0, most: 3, &rig) }
        try rig.exchange(hosts[0])
        rig.pass(0.01)
        let next = try visit(3, most: 3, &rig)
        #expect(next.index == hosts[1].index && next != hosts[1])
        #expect(rig.closed.values.elementsEqual([.evictedForOtherHost]))
        #expect(rig.snapshot().hosts.map(\.name) == ["h0.test", "h3.test", "h2.test"])
        #expect(rig.snapshot().hosts.map(\.id) == [0, 3, 2])
    }

    @Test("A host with a request in progress or with its own settings is not evicted") func whoStays() throws {
        var rig = Rig()
        let hosts = try (0..<4).map { try visit($0, most: 4, &rig) }
        rig.arrive(hosts[0])
        rig.send(.keepAliveSet(.on, host: hosts[1]))
        rig.send(.hostAdjusted(hosts[2]) { $0.maxSocketsPerHost = 2 })
        #expect(rig.machine.idleLongest() == hosts[3])
        rig.arrive(hosts[3])
        #expect(rig.machine.idleLongest() == nil)
        let more = rig.machine.addHost(description(9), replacing: hosts[3])
        #expect(more.index == 4, "it takes nobody's place")
    }

    @Test("A request for an evicted host reaches no other host") func theNameOfADepartedHost() throws {
        var rig = Rig()
        let old = try visit(0, most: 1, &rig)
        let new = try visit(1, most: 1, &rig)
        #expect(old.index == new.index)
        let request = rig.arrive(old)
        #expect(rig.outcomes[request] == .failed(.invalidRequest))
        rig.send(.keepAliveSet(.off, host: old))
        rig.send(.hostAdjusted(old) { $0.maxSocketsPerHost = 1 })
        rig.send(.idleCloseRequested(host: old))
        #expect(rig.machine.keepAlive(of: new).isOn)
        #expect(rig.host(new).maxSockets == 64)
        #expect(rig.connections(new).idle == 1)
        let totals = rig.snapshot().totals.requests
        #expect(totals.started == 3 && totals.succeeded == 2 && totals.failed == 1)
    }

    @Test("Evictions keep totals and balances, and release DNS names", arguments: [1, 8, 40])
    func theBooks(most: Int) throws {
        var rig = Rig()
        var before = rig.snapshot().totals
        for number in 0..<300 {
            _ = try visit(number, most: most, &rig, named: number % 3 != 0)
            let totals = rig.snapshot().totals
            #expect(totals.requests.started == number + 1 && totals.requests.succeeded == number + 1)
            #expect(totals.connections.opened == number + 1)
            #expect(totals.connections.opened == totals.connections.closed + totals.connections.open)
            #expect(totals.connections.closed == totals.connections.closedByReason.total)
            #expect(totals.bytes.received >= before.bytes.received)
            #expect(totals.latency.response.count == number + 1)
            before = totals
        }
        #expect(rig.machine.hosts.count == most)
        #expect(rig.machine.dns.namesKnown <= most)
        #expect(rig.snapshot().dns.entries <= most)
    }

    @Test("A query for a released name is answered to nobody, and its number can be reused")
    func aQueryForAGoneName() throws {
        var rig = Rig()
        var cache = DNSCache()
        let name = cache.intern("a.test")
        #expect(cache.lookup(name, now: rig.now) == .startQuery)
        cache.release(name)
        #expect(cache.intern("b.test") != name)
        _ = cache.resolved(
            name, .addresses([IPAddress(v4: 1)], ttlSeconds: 60, source: .dns), now: rig.now)
        let next = cache.intern("c.test")
        #expect(next == name)
        #expect(cache.lookup(next, now: rig.now) == .startQuery, "it has nothing of its predecessor")
        cache.checkInvariants()
        rig.tick()
    }

    @Test("A host that was visited once takes little memory") func theSizeOfAHost() {
        #expect(MemoryLayout<HostPool>.stride <= 2048)
        var latency = LatencyHistogram()
        for value in 1...16 { latency.record(Nanoseconds(value) * 1_000_000) }
        #expect(latency.count == 16 && latency.minSeconds == 0.001)
        #expect(latency.seconds(atPercentile: 50).map { abs($0 - 0.008) < 0.0002 } == true)
    }
}

/// The first durations are kept one by one, and the rest in a histogram: nobody can tell.
@Suite struct FirstDurationsTests {
    @Test("Few durations give the same figures as a histogram, in any order and number", arguments: 0...40)
    func oneAndTheSame(count: Int) throws {
        var random = SplitMix64(seed: UInt64(count))
        var (whole, left, right, full) = (
            LatencyHistogram(), LatencyHistogram(), LatencyHistogram(), LatencyHistogram()
        )
        for number in 0..<count {
            let value = Nanoseconds(random.next() % 3_000_000_000)
            whole.record(value)
            if number % 3 == 0 { left.record(value) } else { right.record(value) }
        }
        for _ in 0..<20 { full.record(.seconds(1)) }
        var merged = left
        merged.merge(right)
        var other = right
        other.merge(left)
        for histogram in [merged, other] {
            #expect(histogram.count == count)
            #expect(histogram.minSeconds == whole.minSeconds && histogram.maxSeconds == whole.maxSeconds)
            for percent in [0.0, 50, 90, 99, 100] {
                #expect(histogram.seconds(atPercentile: percent) == whole.seconds(atPercentile: percent))
            }
            #expect(histogram.counts() == whole.counts())
            #expect(histogram.count(in: 0.5..<2) == whole.count(in: 0.5..<2))
        }
        var more = full
        more.merge(left)
        #expect(more.count == full.count + left.count)
        #expect(more.since(full).counts() == left.counts())
        #expect(more.counts(since: full) == left.counts())
        var rebuilt = LatencyHistogram()
        let isRebuilt = whole.edges.map { rebuilt.add(whole.counts(), edges: $0) }
        #expect(isRebuilt ?? (count == 0))
        #expect(rebuilt.counts() == whole.counts())
    }
}
