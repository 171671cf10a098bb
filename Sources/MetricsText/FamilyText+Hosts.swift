internal import PoolModel

/// The figures of hosts.
extension FamilyText {
    /// A family of the table of counters. Several rows share one where a convention tells them apart by a label.
    private struct CounterFamily: Sendable {
        let family: Family
        /// `index` is the row's in the table.
        var rows: [(index: Int, group: FigureGroup, label: Labels)]
    }

    private static func families<Counts: Tabled>(of counts: Counts.Type) -> [CounterFamily] {
        var families: [CounterFamily] = []
        for (index, counter) in Counts.counters.enumerated() {
            let family = FamilyName.family(of: counter)
            let row = (index: index, group: counter.group, label: FamilyName.label(of: counter))
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

    /// The families of hosts and of the DNS cache, as they are written.
    static let ofTables: [Family] =
        counters.map(\.family) + sets.map(\.family) + HostGauge.limits.map(\.family) + HostGauge.kernel.map(\.family)
        + durations.map(\.family) + dns.map(\.family)

    mutating func writeCounters(of rows: [HostRow]) {
        for family in Self.counters {
            begin(family.family)
            for row in rows {
                for (index, group, label) in family.rows {
                    sample(row.counts[index], row.labels, label, row.certainty(group))
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
            for (index, _, label) in family.rows {
                sample(counts[keyPath: DNSCounts.counters[index].keyPath], Labels(), label, certainty)
            }
        }
    }
}
