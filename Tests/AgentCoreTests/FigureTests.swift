import AgentCore
import Foundation
import PoolModel
import Testing

/// Figures: distributions, counts as JSON, snapshots of several loops, the capacity model.
@Suite struct FigureTests {
    private func histogram(_ seconds: [Double]) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for value in seconds { histogram.record(.seconds(value)) }
        return histogram
    }

    @Test("An empty distribution has no figures")
    func anEmptyDistributionHasNoFigures() {
        let empty = LatencyHistogram()
        #expect(empty.count == 0)
        #expect(empty.minSeconds == nil && empty.maxSeconds == nil && empty.meanSeconds == nil)
        #expect(empty.seconds(atPercentile: 50) == nil)
        #expect(empty.count(in: 0..<10) == 0)
    }

    /// They share a storage until something is recorded.
    @Test("Empty distributions share storage but are independent")
    func emptyDistributionsAreIndependent() {
        var (one, other) = (LatencyHistogram(), LatencyHistogram())
        one.record(.milliseconds(3))
        #expect(one.count(in: 0..<1) == 1)
        #expect(other.count == 0 && LatencyHistogram().count == 0)
        other.record(.seconds(3))
        #expect(one.count(in: 1..<10) == 0 && other.count(in: 1..<10) == 1)
    }

    @Test(
        "Responses are counted by status code",
        arguments: [[200], [200, 404, 200, 100, 999, 0, 404, 200], (0...999).reversed(), Array(300..<400)])
    func responsesAreCountedByTheirCode(codes: [Int]) {
        var statuses = StatusCounts()
        #expect(statuses.byCode.isEmpty)
        for code in codes + codes { statuses.add(code) }
        #expect(statuses.byCode == Dictionary(grouping: codes, by: \.self).mapValues { 2 * $0.count })
    }

    @Test("Recorded figures are accurate to one percent")
    func figuresLieWithinOneHundredth() throws {
        let seconds = histogram((1...1000).map { Double($0) / 1000 })
        #expect(seconds.count == 1000)
        for percent in [1.0, 10, 50, 90, 99, 99.9, 100] {
            let exact = percent / 100
            let seen = try #require(seconds.seconds(atPercentile: percent))
            #expect(abs(seen - exact) <= exact * 0.011, "p\(percent): \(seen)")
        }
        #expect(abs(try #require(seconds.meanSeconds) - 0.5005) < 1e-9)
        #expect(try #require(seconds.minSeconds) == 0.001)
    }

    @Test("Percentiles lie between the extremes")
    func percentilesLieBetweenTheExtremes() throws {
        let one = histogram([0.123456])
        #expect(one.seconds(atPercentile: 0) == one.seconds(atPercentile: 100))
        let (median, least, greatest) = (one.seconds(atPercentile: 50), one.minSeconds, one.maxSeconds)
        #expect(try #require(least) <= #require(median) && #require(median) <= #require(greatest))
    }

    @Test("Extreme durations are clamped")
    func absurdDurationsAreClamped() throws {
        var histogram = LatencyHistogram()
        histogram.record(-5)
        histogram.record(.max)
        #expect(histogram.count == 2)
        #expect(histogram.minSeconds == 0)
        #expect(try #require(histogram.maxSeconds) <= 86_400 * 1.01)
    }

    @Test(
        "Records can be counted in a range",
        arguments: [
            (0.0..<1.0, 2), (0.0..<0.05, 1), (0.05..<0.5, 1), (0.5..<100.0, 1), (0.0..<1e12, 3), (7.0..<8.0, 0),
            (1e6..<1e7, 0), (-5.0..<0.0, 0), (0.0..<0.0, 0), (3.0..<Double.infinity, 0), (1.0..<Double.infinity, 1),
        ])
    func countsInARange(range: Range<Double>, count: Int) {
        #expect(histogram([0.01, 0.1, 2]).count(in: range) == count)
    }

    @Test("Counts of adjacent ranges add up")
    func rangesAddUp() {
        var random = SplitMix64(seed: 3)
        let all = histogram((0..<500).map { _ in random.unit() * random.unit() * 30 })
        let edges = [0, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, .infinity]
        #expect(zip(edges, edges.dropFirst()).reduce(0) { $0 + all.count(in: $1.0..<$1.1) } == 500)
    }

    @Test("The distribution of a window is the difference of two copies")
    func aWindowIsTheDifference() throws {
        var all = histogram([0.001, 0.001, 5])
        let earlier = all
        #expect(all.since(earlier).count == 0)
        for value in [0.001, 0.02, 0.3, 70] { all.record(.seconds(value)) }
        let window = all.since(earlier)
        #expect(window.count == 4)
        #expect(abs(try #require(window.meanSeconds) - 70.321 / 4) < 1e-6)
        #expect(abs(try #require(window.minSeconds) - 0.001) < 0.00002)
        #expect(abs(try #require(window.maxSeconds) - 70) < 0.8)
        #expect(window.count(in: 4..<6) == 0)
        #expect(all.since(LatencyHistogram()).count == all.count)
    }

    @Test("The windows of a random history add up", arguments: 1...10) func windowsOfARandomHistoryAddUp(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var all = LatencyHistogram()
        var sum = LatencyHistogram()
        for _ in 0..<10 {
            let earlier = all
            for _ in 0..<50 { all.record(Int64(random.next() >> (20 + random.next() % 30))) }
            sum.merge(all.since(earlier))
        }
        #expect(sum.count == all.count)
        for percent in [0.0, 25, 50, 75, 95, 100] {
            let (left, right) = (sum.seconds(atPercentile: percent) ?? 0, all.seconds(atPercentile: percent) ?? 0)
            #expect(abs(left - right) <= max(right * 0.02, 1e-6), "p\(percent)")
        }
    }

    @Test("Merged distributions add up")
    func mergingAddsUp() throws {
        var left = histogram([0.1, 0.2])
        left.merge(histogram([300, 0.001]))
        left.merge(LatencyHistogram())
        #expect(left.count == 4)
        #expect(left.minSeconds == 0.001)
        #expect(abs(try #require(left.maxSeconds) - 300) < 3)
        var empty = LatencyHistogram()
        empty.merge(left)
        #expect(empty.count == 4)
    }

    @Test("Distributions survive JSON")
    func figuresSurviveJSON() throws {
        let before = histogram([0.1, 0.2, 40])
        let after = try JSONDecoder().decode(LatencyHistogram.self, from: JSONEncoder().encode(before))
        #expect(after.count == 3)
        #expect(after.seconds(atPercentile: 50) == before.seconds(atPercentile: 50))
        var counts = CountsBy<FailureCause>()
        counts.add(2, to: .peerReset)
        let data = try JSONEncoder().encode(counts)
        #expect(String(decoding: data, as: UTF8.self) == #"{"peerReset":2}"#)
        #expect(try JSONDecoder().decode(CountsBy<FailureCause>.self, from: data) == counts)
        // A newer version's labels are passed over.
        let newer = Data(#"{"unheardOf":1,"peerReset":2}"#.utf8)
        #expect(try JSONDecoder().decode(CountsBy<FailureCause>.self, from: newer) == counts)
    }

    @Test("The snapshots of several loops merge into one")
    func snapshotsOfSeveralLoopsMakeOne() throws {
        var parts: [AgentSnapshot] = []
        for _ in 0..<3 {
            var (rig, host) = Rig.one { $0.maxTotalSockets = 10 }
            _ = try rig.idleConnections(2, at: host)
            rig.arrive(host)
            rig.arrive(host)
            rig.arrive(host)
            rig.pass(1)
            rig.send(.keepAliveSet(.on, host: host))
            rig.send(.keepAliveSet(.off, host: host))
            parts.append(rig.snapshot(sockets: true))
        }
        let sum = try #require(AgentSnapshot.merged(parts))
        #expect(sum.totals.requests.started == 15)
        #expect(sum.maxTotalSockets == 30)
        #expect(sum.hosts.count == 1)
        #expect(sum.hosts[0].maxSockets == 192)
        let ids = (sum.hosts[0].sockets ?? []).map(\.id)
        #expect(Set(ids).count == 9 && ids == ids.sorted())
        #expect(sum.hosts[0].addresses.count == 1)
        #expect(sum.hosts[0].addresses[0].connectionsOpened == 6)
        #expect(sum.hosts[0].oldestWaitSeconds == 1)
        #expect(sum.events.count { $0.level == .mark } == 1, "a person did it once")
        #expect(AgentSnapshot.merged([]) == nil)
        #expect(AgentSnapshot.merged([parts[0]])?.hosts[0].sockets?.map(\.id) == parts[0].hosts[0].sockets?.map(\.id))
    }

    /// Only one of the loops has met the server's hint: it holds for all that a person sees.
    @Test("A value that only one loop knows about a server is shown")
    func whatOneLoopKnowsOfAServerIsShown() throws {
        let (rig, host) = Rig.one()
        let hints: [KeepAliveHint?] = [
            nil, KeepAliveHint(timeoutSeconds: 5, max: 100), KeepAliveHint(timeoutSeconds: 20, max: 70),
        ]
        var snapshots: [AgentSnapshot] = []
        for hint in hints {
            var part = rig
            if let hint {
                let request = part.arrive(host)
                try part.connect()
                try part.serve(request, hint: hint)
            }
            snapshots.append(part.snapshot())
        }
        let alone = snapshots[1].hosts[0]
        let merged = try #require(AgentSnapshot.merged(snapshots)?.hosts.first)
        #expect(alone.idleLimitSeconds == 4 && snapshots[0].hosts[0].idleLimitSeconds == 60)
        #expect(merged.idleLimitSeconds == 4 && merged.idleLimitOrigin == .hint)
        #expect(merged.hintTimeoutSeconds == 5)
        #expect(merged.hintMax == 70)
    }

    @Test("DNS records of all loops are shown")
    func recordsOfAllLoopsAreShown() throws {
        func part(remaining: Double, hits: Int, misses: Int) throws -> AgentSnapshot {
            var (rig, _) = Rig.one()
            var snapshot = rig.snapshot()
            let record = """
                {"hostID": 0, "name": "a", "addresses": ["127.0.0.\(hits)"], "ttlSeconds": 5, "source": "dns",
                 "remainingSeconds": \(remaining), "hits": \(hits), "misses": \(misses)}
                """
            snapshot.dnsRecords = [try JSONDecoder().decode(DNSRecordSnapshot.self, from: Data(record.utf8))]
            return snapshot
        }
        var other = try part(remaining: 4, hits: 2, misses: 3)
        other.dnsRecords += try part(remaining: 1, hits: 9, misses: 1).dnsRecords
        other.dnsRecords[1].name = "b"
        let merged = try #require(AgentSnapshot.merged([try part(remaining: 1, hits: 1, misses: 1), other]))
        #expect(merged.dnsRecords.map(\.name) == ["a", "b"])
        #expect(merged.dnsRecords[0].hits == 3 && merged.dnsRecords[0].misses == 4)
        #expect(merged.dnsRecords[0].addresses == ["127.0.0.2"] && merged.dnsRecords[0].remainingSeconds == 4)
    }

    @Test("The number of containers follows from the load")
    func containersForALoad() {
        var model = CapacityModel()
        #expect(model.containers(requestsPerSecond: 3333.3, httpCPUSecondsPerRequest: 0.0001) == 4)
        #expect(model.containers(requestsPerSecond: 0, httpCPUSecondsPerRequest: 0.0001) == 1)
        #expect(model.containers(requestsPerSecond: nil, httpCPUSecondsPerRequest: 0.0001) == nil)
        #expect(model.load(requestsPerSecond: 1, httpCPUSecondsPerRequest: nil) == nil)
        model.cores = 2
        model.utilisation = 0.5
        model.ownCPUSecondsPerRequest = 0
        #expect(model.containers(requestsPerSecond: 1000, httpCPUSecondsPerRequest: 0.002) == 2)
        #expect(model.containers(requestsPerSecond: 1001, httpCPUSecondsPerRequest: 0.002) == 3)
    }

    /// Slots are used again: their order is not the order in which connections were opened.
    @Test("Sockets are listed oldest first, and only on request")
    func socketsAreListedOldestFirstWhereTheyAreAskedFor() throws {
        var (rig, host) = Rig.one()
        let other = rig.addHost("b")
        let first = try rig.idleConnections(3, at: host)
        let others = try rig.idleConnections(2, at: other)
        rig.peerEnds(first[0])
        let busy = (0..<3).map { _ in rig.arrive(host) }
        try rig.connect()
        let seen = rig.machine.snapshot(now: rig.now, wallClock: 0, socketsFor: [host.index, 7])
        let expected = first.dropFirst().map(\.serial) + [try #require(rig.connection(of: busy[2])).serial]
        #expect(seen.hosts[0].sockets?.map(\.id) == expected)
        #expect(seen.hosts[1].sockets == nil)
        #expect(rig.host(other).sockets?.map(\.id) == others.map(\.serial))
        #expect(rig.snapshot().hosts.allSatisfy { $0.sockets == nil })
    }

    @Test("Open connections are counted by address")
    func openConnectionsAreCountedAtTheirAddress() throws {
        var rig = Rig { $0.scheduling = .roundRobin }
        let host = rig.addHost("a", addresses: 3)
        let single = rig.addHost("b")
        _ = try rig.idleConnections(4, at: single)
        let requests = (0..<3).map { _ in rig.arrive(host) }
        // The first dial comes to its second address, and one is still under way.
        try rig.refuse()
        try rig.connect()
        try rig.connect()
        try #require(rig.connects.count == 1)
        let addresses = rig.host(host).addresses
        let expected = addresses.indices.map { peer in
            requests.count { request in
                guard let id = rig.connection(of: request) else { return false }
                return rig.machine.connections[id.slot].address == peer
            }
        }
        #expect(addresses.map(\.open) == expected && expected.reduce(0, +) == 2)
        #expect(rig.host(single).addresses.map(\.open) == [4])
    }
}
