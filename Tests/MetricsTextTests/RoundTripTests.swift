import PoolModel
import Testing

@testable import MetricsText

@Suite("Metrics written and read again") struct RoundTripTests {
    private static func again(_ snapshot: AgentSnapshot, _ format: ExpositionFormat) -> AgentSnapshot {
        var writer = MetricsWriter()
        var source = MetricsSource(name: "test")
        let text = ExpositionReader.read(writer.write(snapshot, as: format))
        return source.read(text, takenAt: snapshot.takenAt, uptimeSeconds: snapshot.uptimeSeconds)
    }

    private static let snapshots = [
        SampleSnapshots.busy(hosts: 5, recordsEach: 300), SampleSnapshots.watched,
        SampleSnapshots.snapshot([
            SampleSnapshots.host(0, "a \"b\"\\\n", "https://[::1]:8443"),
            SampleSnapshots.host(1, "empty", "http://e:1", HostMetrics()),
        ]),
    ]

    @Test("Every count is the same afterwards, in both formats", arguments: 0..<3, ExpositionFormat.allCases)
    func counts(_ index: Int, _ format: ExpositionFormat) throws {
        let before = Self.snapshots[index]
        let after = Self.again(before, format)
        #expect(after.hosts.map(\.name) == before.hosts.map(\.name) && after.hosts.map(\.id) == before.hosts.map(\.id))
        #expect(after.hosts.map(\.origin) == before.hosts.map(\.origin))
        for (old, new) in zip(before.hosts, after.hosts) {
            for counter in HostMetrics.counters {
                #expect(new.figures[counter] == old.figures[counter], "\(old.name): \(counter.name)")
            }
            for counter in HostMetrics.labelledCounters where old.certainty[counter.group] != .unknown {
                let counts = counter.counts(new.metrics)
                #expect(counts.elementsEqual(counter.counts(old.metrics)) { $0 == $1 }, "\(counter.name)")
            }
            for row in LatencySet.rows where old.certainty[row.group] != .unknown {
                let (was, now) = (
                    old.metrics.latency[keyPath: row.histogram], new.metrics.latency[keyPath: row.histogram]
                )
                #expect(now.count == was.count, "\(row.name)")
                #expect(DurationBuckets.cumulative(now) == DurationBuckets.cumulative(was), "\(row.name)")
                #expect(abs((now.meanSeconds ?? 0) - (was.meanSeconds ?? 0)) < 1e-9, "\(row.name)")
            }
        }
        for counter in DNSCounts.counters {
            #expect(after.dns[keyPath: counter.keyPath] == before.dns[keyPath: counter.keyPath], "\(counter.name)")
        }
        #expect(after.process.cpuSeconds == before.process.cpuSeconds)
    }

    @Test("Certainty comes back, with percentiles as estimates at best")
    func certainty() throws {
        let watched = try #require(Self.again(SampleSnapshots.watched, .openMetrics).hosts.first)
        let original = try #require(SampleSnapshots.watched.hosts.first)
        for group in FigureGroup.allCases where group != .closer && group != .cpu {
            #expect(watched.certainty[group] == original.certainty[group], "\(group)")
        }
        let host = try #require(Self.again(Self.snapshots[2], .openMetrics).hosts.first)
        #expect(host.certainty.exceptions.map(\.group) == [.latency])
        #expect(
            host.maxSockets == 64 && host.idleLimitSeconds == 60 && host.oldestWaitSeconds == 0.25 && host.keepAlive)
    }

    @Test("Our own names are not taken for those of .NET")
    func notDotnet() {
        var writer = MetricsWriter()
        var source = MetricsSource(name: "test")
        _ = source.read(
            ExpositionReader.read(writer.write(Self.snapshots[0], as: .openMetrics)), takenAt: 0, uptimeSeconds: 0)
        #expect(source.dialects == [.pooltop])
    }

    @Test("Every set of labels in the tables is read")
    func sets() {
        var metrics = HostMetrics()
        for status in [200, 404] { metrics.statuses[status] = status }
        for (index, cause) in FailureCause.allCases.enumerated() { metrics.errors.add(index + 1, to: cause) }
        for (index, reason) in CloseReason.allCases.enumerated() {
            metrics.connections.closedByReason.add(index + 1, to: reason)
        }
        for (index, decision) in RetryDecision.allCases.enumerated() {
            metrics.requests.retryDecisions.add(index + 1, to: decision)
        }
        let after = Self.again(
            SampleSnapshots.snapshot([SampleSnapshots.host(0, "a", "http://a:1", metrics)]), .openMetrics)
        for counter in HostMetrics.labelledCounters {
            #expect(!counter.counts(metrics).isEmpty, "\(counter.name)")
            let counts = counter.counts(after.hosts[0].metrics)
            #expect(counts.elementsEqual(counter.counts(metrics)) { $0 == $1 }, "\(counter.name)")
        }
    }
}
