package import PoolModel

/// Series of a dialect that say one thing, for those who ask a database for them instead of reading a whole text.
package struct DialectSeries: Sendable, Equatable {
    /// A condition on a label. A label without a value is the same as none.
    package enum Condition: Sendable, Equatable {
        case has(String, [String])
        case hasAny(String)
        case hasNone(String, [String])
        case lacks(String)
    }

    /// The name of the samples; for distributions, with `_bucket`.
    package let name: String
    package let conditions: [Condition]
    /// Our units in one of theirs.
    package let scale: Double

    init(_ name: String, _ conditions: [Condition] = [], scale: Double = 1) {
        self.name = name
        self.conditions = conditions
        self.scale = scale
    }
}

extension Dialect {
    /// The series that say a fact, whichever of their names is there; empty: the dialect does not say it.
    package func series(of fact: Fact) -> [DialectSeries] {
        if self == .pooltop { return Self.ownSeries(of: fact) }
        return rows.compactMap { row in
            guard case .fact(fact) = row.meaning else { return nil }
            return DialectSeries(row.name, row.conditions.map(\.ofSeries))
        }
    }

    /// The buckets of a distribution of durations.
    package func buckets(
        of histogram: any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable
    ) -> [DialectSeries] {
        if self == .pooltop {
            return LatencySet.rows.filter { $0.histogram == histogram }
                .map { DialectSeries(MetricsWriter.sample(of: $0) + "_bucket") }
        }
        return rows.compactMap { row in
            guard case .durations(histogram, let unit) = row.meaning else { return nil }
            return DialectSeries(row.name + "_bucket", row.conditions.map(\.ofSeries), scale: unit)
        }
    }

    /// The labels that tell series of one process apart, so that the others are the process's own.
    package var labelsWithinProcess: [String] {
        let conditions = rows.flatMap(\.conditions).map(\.label)
        return Array(Set(hostLabels + conditions + [MetricsWriter.estimateLabel.name, "le"])).sorted()
    }

    /// The name and the origin of the host that a sample is about; nil: its labels do not say.
    package func host(of labels: [MetricSample.Label]) -> (name: String, origin: String)? {
        HostIdentity(MetricSample(name: "", labels: labels, value: 0), self).map { ($0.name, $0.origin) }
    }

    // MARK: Our own

    /// The counts of our own tables that are facts. Those of reasons are one family that a label divides.
    private static func ownSeries(of fact: Fact) -> [DialectSeries] {
        if let counter = ownCounters[fact].map({ HostMetrics.counter($0) }) {
            let sample = MetricsWriter.sample(of: counter)
            return [DialectSeries(sample.name, sample.label.map { [.has($0.name, [$0.value])] } ?? [])]
        }
        guard let set = HostMetrics.labelledCounters.first(where: { $0.name == "connections.closedByReason" }) else {
            return []
        }
        let sample = MetricsWriter.sample(of: set)
        let remote = CloseReason.allCases.filter(\.isRemote).map(\.rawValue)
        switch fact {
        case .closedRemote: return [DialectSeries(sample.name, [.has(sample.label, remote)])]
        case .closedLocal:
            // Neither side is known of some.
            let others = remote + [CloseReason.closerUnknown.rawValue]
            return [DialectSeries(sample.name, [.hasNone(sample.label, others)])]
        default: return []
        }
    }

    private static let ownCounters: [Fact: any WritableKeyPath<HostMetrics, Int> & Sendable] = [
        .active: \.connections.active, .idle: \.connections.idle, .queued: \.requests.queued,
        .inFlight: \.requests.inFlight, .opened: \.connections.opened, .closed: \.connections.closed,
        .attempts: \.connections.attempts, .answered: \.requests.succeeded, .failed: \.requests.failed,
        .cancelled: \.requests.cancelled, .retried: \.requests.retried, .onReused: \.requests.onReusedConnection,
        .onNew: \.requests.onNewConnection, .handshakes: \.tls.handshakes, .handshakesFailed: \.tls.failed,
        .resumed: \.tls.resumed,
        .bytesSent: \.bytes.sent, .bytesReceived: \.bytes.received,
    ]
}

/// Counts that a label divides, by their name in the tables.
package enum CountSet: String, Sendable, CaseIterable {
    case statuses, errors
    case closeReasons = "connections.closedByReason"

    /// The series of our own writer, and the label; other dialects say these in ways of their own.
    package var ownSeries: (series: DialectSeries, label: String) {
        guard let set = HostMetrics.labelledCounters.first(where: { $0.name == rawValue }) else {
            preconditionFailure("a set without a row in the table of counters: \(rawValue)")
        }
        let sample = MetricsWriter.sample(of: set)
        return (DialectSeries(sample.name), sample.label)
    }

    /// False for what comes from a newer version, or from somebody else.
    package func isKnown(_ value: String) -> Bool {
        switch self {
        case .statuses: Int(value).map { (100...599).contains($0) } ?? false
        case .errors: FailureCause(rawValue: value) != nil
        case .closeReasons: CloseReason(rawValue: value) != nil
        }
    }
}

extension DialectRow.Condition {
    fileprivate var ofSeries: DialectSeries.Condition {
        switch (isWanted, value) {
        case (true, let value?): .has(label, [value])
        case (true, nil): .hasAny(label)
        case (false, let value?): .hasNone(label, [value])
        case (false, nil): .lacks(label)
        }
    }
}
