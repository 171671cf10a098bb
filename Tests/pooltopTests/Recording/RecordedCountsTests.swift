import PlainDocuments
import Testing

@testable import PoolModel
@testable import Recordings

@Suite("Counts in recordings")
struct RecordedCountsTests {
    /// Every count of every table has a value of its own.
    private static func snapshot(from first: Int, uptime: Double) -> AgentSnapshot {
        var snapshot = RecordedStory.told(seconds: 1)[0]
        snapshot.uptimeSeconds = uptime
        for (index, counter) in DNSCounts.counters.enumerated() {
            snapshot.dns[keyPath: counter.keyPath] = first + index
        }
        for host in snapshot.hosts.indices {
            var metrics = HostMetrics()
            for (index, counter) in HostMetrics.counters.enumerated() {
                metrics[keyPath: counter.keyPath] = first + host * 100 + index
            }
            for (index, label) in labels.enumerated() {
                for counter in HostMetrics.labelledCounters where counter.isLabel(label) {
                    _ = counter.set(&metrics, label, first + index)
                }
            }
            for (index, row) in LatencySet.rows.enumerated() {
                for _ in 0..<first + index { metrics.latency[keyPath: row.histogram].record(.milliseconds(2)) }
            }
            snapshot.hosts[host].metrics = metrics
        }
        return snapshot
    }

    private static let labels =
        CloseReason.allCases.map(\.rawValue) + FailureCause.allCases.map(\.rawValue)
        + RetryDecision.allCases.map(\.rawValue) + ["200", "503"]

    @Test("Every count of every table survives a recording, in its first line and in those that say what changed")
    func everyCount() throws {
        let told = [Self.snapshot(from: 1, uptime: 0), Self.snapshot(from: 500, uptime: 1)]
        let file = try TemporaryFile(RecordedStory.recording(told))
        var read: [AgentSnapshot] = []
        _ = try Recording(path: file.path) { snapshot, _ in read.append(snapshot) }
        try #require(read.count == told.count)
        for (found, wanted) in zip(read, told) {
            for counter in DNSCounts.counters {
                #expect(found.dns[keyPath: counter.keyPath] == wanted.dns[keyPath: counter.keyPath], "\(counter.name)")
            }
            for (host, other) in zip(found.hosts, wanted.hosts) { Self.compare(host.metrics, other.metrics) }
        }
    }

    private static func compare(_ found: HostMetrics, _ wanted: HostMetrics) {
        for counter in HostMetrics.counters {
            #expect(found[keyPath: counter.keyPath] == wanted[keyPath: counter.keyPath], "\(counter.name)")
        }
        for counter in HostMetrics.labelledCounters {
            let (one, other) = (counter.counts(found), counter.counts(wanted))
            #expect(!other.isEmpty, "no label of \(counter.name) was counted here")
            #expect(one.map(\.label) == other.map(\.label) && one.map(\.count) == other.map(\.count), "\(counter.name)")
        }
        for row in LatencySet.rows {
            #expect(
                found.latency[keyPath: row.histogram].count == wanted.latency[keyPath: row.histogram].count,
                "\(row.name)"
            )
        }
    }
}
