internal import PoolModel

/// The figures of hosts.
extension FamilyText {
    /// A family of the table of counters. Several rows share one where a convention tells them apart by a label.
    private struct CounterFamily<Counts: Tabled>: Sendable {
        let family: Family
        var rows: [(counter: Counter<Counts>, label: Labels)]
    }

    private static func families<Counts: Tabled>(of counts: Counts.Type) -> [CounterFamily<Counts>] {
        var families: [CounterFamily<Counts>] = []
        for counter in Counts.counters {
            let family = FamilyName.family(of: counter)
            let row = (counter: counter, label: FamilyName.label(of: counter))
            if let known = families.firstIndex(where: { $0.family.name == family.name }) {
                families[known].rows.append(row)
            } else {
                families.append(CounterFamily(family: family, rows: [row]))
            }
        }
        return families
    }

    private static let counters = families(of: HostMetrics.self)
    private static let dns = families(of: DNSCounts.self)
    private static let sets = HostMetrics.labelledCounters.map {
        (counter: $0, family: FamilyName.family(of: $0), label: FamilyName.label(of: $0.name))
    }
    private static let durations = LatencySet.rows.map { (row: $0, family: FamilyName.family(of: $0)) }

    mutating func writeCounters(of rows: [HostRow]) {
        for family in Self.counters {
            begin(family.family)
            for row in rows {
                for (counter, label) in family.rows {
                    sample(
                        row.metrics[keyPath: counter.keyPath], row.labels, label, row.certainty(counter.group))
                }
            }
        }
        for (counter, family, label) in Self.sets {
            begin(family)
            for row in rows {
                for (value, count) in counter.counts(row.metrics) {
                    sample(count, row.labels, Labels(label, value), row.certainty(counter.group))
                }
            }
        }
    }

    mutating func writeDurations(of rows: [HostRow], _ cache: inout BucketCache) {
        for (index, (row, family)) in Self.durations.enumerated() {
            begin(family)
            for host in rows where host.certainty(row.group) != .unknown {
                let histogram = host.metrics.latency[keyPath: row.histogram]
                guard let mean = histogram.meanSeconds else { continue }
                let counts = cache.cumulative(histogram, host: host.host?.id, row: index)
                samples(counts, sum: mean * Double(histogram.count), host.labels, host.certainty(row.group))
            }
        }
    }

    mutating func writeDNS(_ counts: DNSCounts, _ certainty: Certainty) {
        for family in Self.dns {
            begin(family.family)
            for (counter, label) in family.rows { sample(counts[keyPath: counter.keyPath], Labels(), label, certainty) }
        }
    }
}
