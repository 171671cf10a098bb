/// One counter, declared once. Merging, differences, JSON, recordings, checks and metrics are all derived from these
/// rows, so a new counter needs only a row here and the code that increments it.
///
/// `Counts` is the type that contains it: `HostMetrics` or `DNSCounts`.
package struct Counter<Counts: Sendable>: Sendable {
    /// How a count behaves over time.
    package enum Kind: Sendable {
        /// It never decreases; the value for a time window is the difference between its ends.
        case total
        /// A present count; the value for a window is the one at its end.
        case present
        /// The highest value so far. It cannot be computed for a window, which shows the highest so far.
        case peak
    }

    /// The unit of a count.
    package enum Unit: String, Sendable {
        case requests, connections, dials, handshakes, bytes, lookups, queries, names
    }

    /// The path in every JSON document: `requests.started`.
    package let name: String
    /// The group of figures that a source knows equally well as this one.
    package let group: FigureGroup
    package let kind: Kind
    package let unit: Unit
    /// One sentence for users about what exactly is counted.
    package let help: String
    package let keyPath: any WritableKeyPath<Counts, Int> & Sendable
    /// The path, split into names once.
    let path: [NameKey]

    package init(
        _ name: String, _ group: FigureGroup, _ kind: Kind, _ unit: Unit,
        _ keyPath: any WritableKeyPath<Counts, Int> & Sendable, _ help: String
    ) {
        self.name = name
        self.group = group
        self.kind = kind
        self.unit = unit
        self.help = help
        self.keyPath = keyPath
        path = NameKey.path(name)
    }
}

/// A counter for each label of a set, such as failures by cause or closes by reason. All of them are totals.
package struct LabelledCounter<Counts: Sendable>: Sendable {
    /// The path in every JSON document: `connections.closedByReason`.
    package let name: String
    /// The group of figures that a source knows equally well as these.
    package let group: FigureGroup
    package let unit: Counter<Counts>.Unit
    /// One sentence for users about what exactly is counted.
    package let help: String
    /// True if this label is valid.
    package let isLabel: @Sendable (String) -> Bool
    /// The labels with a count, in a fixed order.
    package let counts: @Sendable (Counts) -> [(label: String, count: Int)]
    let path: [NameKey]
    let add: @Sendable (inout Counts, _ other: Counts) -> Void
    let subtract: @Sendable (inout Counts, _ earlier: Counts) -> Void
    /// Sets one label's count; false if there is no such label.
    package let set: @Sendable (inout Counts, _ label: String, _ count: Int) -> Bool

    /// A closed set of labels: the cases of an enum.
    package init<Key>(
        _ name: String, _ group: FigureGroup, _ unit: Counter<Counts>.Unit,
        _ keyPath: any WritableKeyPath<Counts, CountsBy<Key>> & Sendable, _ help: String
    ) {
        self.name = name
        self.group = group
        self.unit = unit
        self.help = help
        path = NameKey.path(name)
        isLabel = { Key(rawValue: $0) != nil }
        counts = { $0[keyPath: keyPath].nonZero.map { (label: $0.key.rawValue, count: $0.count) } }
        add = { $0[keyPath: keyPath].merge($1[keyPath: keyPath]) }
        subtract = { $0[keyPath: keyPath] = $0[keyPath: keyPath].since($1[keyPath: keyPath]) }
        set = { counts, label, count in
            guard let key = Key(rawValue: label) else { return false }
            counts[keyPath: keyPath].add(count - counts[keyPath: keyPath][key], to: key)
            return true
        }
    }

    /// Status codes; a server may send any from 100 to 599.
    package init(
        statuses name: String, _ group: FigureGroup, _ keyPath: any WritableKeyPath<Counts, [Int: Int]> & Sendable,
        _ help: String
    ) {
        @Sendable func code(_ label: String) -> Int? { Int(label).flatMap { (100...599).contains($0) ? $0 : nil } }
        self.name = name
        self.group = group
        unit = .requests
        self.help = help
        path = NameKey.path(name)
        isLabel = { code($0) != nil }
        counts = { counts in
            counts[keyPath: keyPath].sorted { $0.key < $1.key }.map { (label: "\($0.key)", count: $0.value) }
        }
        add = { counts, other in counts[keyPath: keyPath].merge(other[keyPath: keyPath], uniquingKeysWith: +) }
        subtract = { counts, earlier in
            counts[keyPath: keyPath].merge(earlier[keyPath: keyPath].mapValues { -$0 }, uniquingKeysWith: +)
            counts[keyPath: keyPath] = counts[keyPath: keyPath].filter { $0.value != 0 }
        }
        set = { counts, label, count in
            guard let code = code(label) else { return false }
            counts[keyPath: keyPath][code] = count
            return true
        }
    }
}

/// A distribution of durations, declared once.
package struct DurationRow: Sendable {
    /// Its name below `latency` in every JSON document: `queueWait`.
    package let name: String
    /// The group of figures that a source knows equally well as these.
    package let group: FigureGroup
    /// One sentence for users about what exactly is measured.
    package let help: String
    package let histogram: any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable

    package init(
        _ name: String, _ group: FigureGroup,
        _ histogram: any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable, _ help: String
    ) {
        self.name = name
        self.group = group
        self.help = help
        self.histogram = histogram
    }
}

/// A set of counts that is declared in a table.
package protocol Tabled: Sendable {
    static var counters: [Counter<Self>] { get }
    static var labelledCounters: [LabelledCounter<Self>] { get }
}

extension Tabled {
    /// Adds another value's counts. Present counts and totals are summed; the sum of peaks is an upper bound.
    package mutating func addCounts(of other: Self) {
        for counter in Self.counters { self[keyPath: counter.keyPath] += other[keyPath: counter.keyPath] }
        for counter in Self.labelledCounters { counter.add(&self, other) }
    }

    /// Subtracts an earlier value of the same counts; present counts are unchanged.
    package mutating func subtractCounts(of earlier: Self) {
        for counter in Self.counters {
            switch counter.kind {
            case .total: self[keyPath: counter.keyPath] -= earlier[keyPath: counter.keyPath]
            case .present, .peak: break
            }
        }
        for counter in Self.labelledCounters { counter.subtract(&self, earlier) }
    }
}
