import Foundation
import Testing

@testable import PoolModel

@Suite("The table of counters")
struct CounterTableTests {
    /// Every count has a value of its own, so that two that were mixed up show.
    private static func numbered<Counts: Tabled>(_ counts: Counts, from first: Int) -> Counts {
        var counts = counts
        for (index, counter) in Counts.counters.enumerated() { counts[keyPath: counter.keyPath] = first + index }
        return counts
    }

    /// Row number n of the durations has n × `durations` of them.
    private static func metrics(from first: Int, durations: Int = 1) -> HostMetrics {
        var metrics = numbered(HostMetrics(), from: first)
        for (index, row) in LatencySet.rows.enumerated() {
            for _ in 0..<(index + 1) * durations { metrics.latency[keyPath: row.histogram].record(.milliseconds(1)) }
        }
        metrics.statuses = [200: first, 503: first + 1]
        for (index, cause) in FailureCause.allCases.enumerated() { metrics.errors.add(first + index, to: cause) }
        for (index, reason) in CloseReason.allCases.enumerated() {
            metrics.connections.closedByReason.add(first + index, to: reason)
        }
        for (index, decision) in RetryDecision.allCases.enumerated() {
            metrics.requests.retryDecisions.add(first + index, to: decision)
        }
        return metrics
    }

    private static func values(_ metrics: HostMetrics) -> [Int] {
        HostMetrics.counters.map { metrics[keyPath: $0.keyPath] }
            + HostMetrics.labelledCounters.flatMap { $0.counts(metrics).map(\.count) } + durations(metrics)
    }

    private static func durations(_ metrics: HostMetrics) -> [Int] {
        LatencySet.rows.map { metrics.latency[keyPath: $0.histogram].count }
    }

    /// The counts that a value has stored, at any depth: a group that is added later is looked into as today's are.
    private struct Stored {
        var integers: [Int] = []
        var labelled = 0
        var distributions = 0

        init(in value: Any) {
            for child in Mirror(reflecting: value).children { add(child.value) }
        }

        private mutating func add(_ value: Any) {
            switch value {
            case let number as Int: integers.append(number)
            case is LatencyHistogram: distributions += 1
            case is [Int: Int], is CountsBy<FailureCause>, is CountsBy<CloseReason>, is CountsBy<RetryDecision>:
                labelled += 1
            default:
                let inner = Stored(in: value)
                integers += inner.integers
                labelled += inner.labelled
                distributions += inner.distributions
            }
        }
    }

    @Test("Every stored count has a row, and no two rows are of one count")
    func everyCountHasARow() {
        let metrics = Stored(in: Self.numbered(HostMetrics(), from: 1))
        let unlisted = "a count has no row beside its property, or two rows are of one count"
        #expect(metrics.integers.sorted() == Array(1...HostMetrics.counters.count), "\(unlisted)")
        #expect(metrics.labelled == HostMetrics.labelledCounters.count, "\(unlisted)")
        #expect(metrics.distributions == LatencySet.rows.count, "\(unlisted)")
        let dns = Stored(in: Self.numbered(DNSCounts(), from: 1))
        #expect(dns.integers.sorted() == Array(1...DNSCounts.counters.count), "\(unlisted)")
        #expect(dns.labelled == DNSCounts.labelledCounters.count && dns.distributions == 0, "\(unlisted)")
    }

    @Test("Every row has a name of its own and a sentence that says what is counted")
    func rowsAreDocumented() {
        let rows =
            HostMetrics.counters.map { ($0.name, $0.help) } + HostMetrics.labelledCounters.map { ($0.name, $0.help) }
            + DNSCounts.counters.map { ($0.name, $0.help) } + LatencySet.rows.map { ($0.name, $0.help) }
        #expect(Set(rows.map(\.0)).count == rows.count)
        for (name, help) in rows { #expect(help.hasSuffix(".") && help.count > 10, "\(name)") }
    }

    @Test("Every count survives adding up")
    func addingUp() {
        var sum = Self.metrics(from: 1)
        sum.merge(Self.metrics(from: 1000))
        let expected = zip(Self.values(Self.metrics(from: 1)), Self.values(Self.metrics(from: 1000))).map { $0 + $1 }
        #expect(Self.values(sum) == expected)
    }

    @Test("A difference has the totals of the time between, and what is present at its end")
    func difference() {
        let (early, late) = (Self.metrics(from: 1), Self.metrics(from: 1000, durations: 3))
        let gained = late.since(early)
        #expect(Self.durations(gained) == LatencySet.rows.indices.map { ($0 + 1) * 2 })
        for counter in HostMetrics.counters {
            let (before, after) = (early[keyPath: counter.keyPath], late[keyPath: counter.keyPath])
            switch counter.kind {
            case .total: #expect(gained[keyPath: counter.keyPath] == after - before, "\(counter.name)")
            case .present, .peak: #expect(gained[keyPath: counter.keyPath] == after, "\(counter.name)")
            }
        }
        for counter in HostMetrics.labelledCounters {
            #expect(counter.counts(gained).allSatisfy { $0.count == 999 }, "\(counter.name)")
        }
        #expect(gained.statuses == [200: 999, 503: 999])
        #expect(late.since(late).statuses.isEmpty)
    }

    @Test("Every count survives JSON, under the path that reports use")
    func json() throws {
        let metrics = Self.metrics(from: 7)
        let data = try JSONEncoder().encode(metrics)
        #expect(try Self.values(JSONDecoder().decode(HostMetrics.self, from: data)) == Self.values(metrics))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for counter in HostMetrics.counters {
            let path = counter.name.split(separator: ".").map(String.init)
            let group = try #require(object[path[0]] as? [String: Any])
            #expect(group[path[1]] as? Int == metrics[keyPath: counter.keyPath], "\(counter.name)")
        }
        let dns = Self.numbered(DNSCounts(), from: 3)
        let dnsData = try JSONEncoder().encode(dns)
        #expect(try JSONDecoder().decode(DNSCounts.self, from: dnsData) == dns)
    }

    @Test("A count that is missing reads as zero, one that is not known is skipped")
    func growth() throws {
        let text = """
            {"requests": {"started": 5, "invented": 9}, "errors": {"connectRefused": 2, "inventedCause": 4},
             "inventedGroup": {"a": 1}, "statuses": {"200": 3, "9999": 1}, "tls": null,
             "latency": {"thinking": {"counts": [1]}, "connect": {"counts": [2], "min": 5, "max": 7, "sum": 12}}}
            """
        let metrics = try JSONDecoder().decode(HostMetrics.self, from: Data(text.utf8))
        #expect(metrics.requests.started == 5)
        #expect(metrics.requests.failed == 0)
        #expect(metrics.errors[.connectRefused] == 2)
        #expect(metrics.errors.total == 2)
        #expect(metrics.statuses == [200: 3])
        #expect(metrics.connections.opened == 0)
        #expect(metrics.tls.handshakes == 0)
        #expect(metrics.latency.connect.count == 2)
        #expect(metrics.latency.response.count == 0)
    }
}
