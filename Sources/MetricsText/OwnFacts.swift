internal import PoolModel

/// Figures of our own writer that belong to no host: outcomes of the DNS cache.
struct OwnFacts: Sendable {
    enum Place: Sendable {
        /// A row of `DNSCounts.counters`.
        case dns(Int)
    }

    private var counts = DNSCounts()
    private var totals: [Int: Double] = [:]
    private var certainty: Certainty = .unknown

    var dns: (counts: DNSCounts, certainty: Certainty) { (counts, certainty) }

    mutating func beginScrape() { certainty = .unknown }

    /// `value` is the growth of a total; nil for one that cannot be counted.
    mutating func read(_ place: Place, _ sample: MetricSample, _ value: Double?) {
        guard case .dns(let index) = place, let value else { return }
        let counter = DNSCounts.counters[index]
        let count = counter.kind.isTotal ? totals[index, default: 0] + value : value
        totals[index] = count
        counts[keyPath: counter.keyPath] = Int(min(max(0, count), HostFacts.most).rounded())
        certainty = max(certainty == .unknown ? .exact : certainty, OwnHostFacts.certainty(of: sample))
    }

    /// The names of our writer, from the same tables.
    static func addEntries(to table: inout DialectTable) {
        func add(
            _ name: String, _ place: DialectTable.Entry.Target, isTotal: Bool, _ group: FigureGroup? = nil,
            scale: Double = 1, _ conditions: [DialectRow.Condition] = []
        ) {
            table.add(
                DialectTable.Entry(
                    dialect: .pooltop, place: place, conditions: conditions, isTotal: isTotal, group: group,
                    scale: scale),
                name: name)
        }
        func sample(_ family: Family) -> String { String(decoding: family.sample, as: UTF8.self) }

        for (index, counter) in HostMetrics.counters.enumerated() {
            let label = FamilyName.conventions[counter.name]?.state
            add(
                sample(FamilyName.family(of: counter)), .fixed(.counter(index)), isTotal: counter.kind.isTotal,
                counter.group, label.map { [.has($0.name, $0.value)] } ?? [])
        }
        for (index, counter) in HostMetrics.labelledCounters.enumerated() {
            let label = FamilyName.label(of: counter.name)
            add(
                sample(FamilyName.family(of: counter)), .set(index: index, label: label), isTotal: true, counter.group)
        }
        for (index, row) in LatencySet.rows.enumerated() {
            let name = FamilyName.family(of: row).name
            add(name + "_bucket", .bucket(row: index, unit: 1), isTotal: true, row.group)
            add(name + "_sum", .fixed(.sum(index)), isTotal: true)
        }
        for (index, counter) in DNSCounts.counters.enumerated() {
            add(sample(FamilyName.family(of: counter)), .whole(.dns(index)), isTotal: counter.kind.isTotal)
        }
        for gauge in HostGauge.limits {
            guard let fact = gauge.fact else { continue }
            add(
                gauge.family.name, .fixed(.fact(fact)), isTotal: false, gauge.group,
                scale: gauge.family.unit == nil ? 1 : 1e9)
        }
    }
}

/// How well our own writer says the figures of one host.
struct OwnHostFacts: Sendable {
    private var groups: [FigureGroup: Certainty] = [:]

    static func certainty(of sample: MetricSample) -> Certainty {
        sample[label: "certainty"] == Certainty.estimate.rawValue ? .estimate : .exact
    }

    private static let openRows = HostMetrics.counters.indices.filter {
        ["connections.active", "connections.idle"].contains(HostMetrics.counters[$0].name)
    }

    static func open(_ facts: HostFacts) -> Int {
        openRows.reduce(0) { $0 + (facts.count(.counter($1)) ?? 0) }
    }

    mutating func beginScrape() { groups = [:] }

    /// A group is as uncertain as its least certain sample.
    mutating func note(_ group: FigureGroup?, _ sample: MetricSample) {
        guard let group else { return }
        groups[group] = max(groups[group] ?? .exact, Self.certainty(of: sample))
    }

    /// The figures of a host; one that has no sample is unknown.
    func host(_ facts: HostFacts) -> HostSnapshot {
        var metrics = HostMetrics()
        for (index, counter) in HostMetrics.counters.enumerated() {
            metrics[keyPath: counter.keyPath] = facts.count(.counter(index)) ?? 0
        }
        for case (.label(let index, let label), _) in facts.totals {
            let count = facts.count(.label(index, label)) ?? 0
            Self.set(HostMetrics.labelledCounters[index].name, label, count, in: &metrics)
        }
        // These died with their process, and it could not count them.
        metrics.connections.closed += facts.lostConnections
        metrics.connections.closedByReason.add(facts.lostConnections, to: .closerUnknown)
        for (index, row) in LatencySet.rows.enumerated() {
            metrics.latency[keyPath: row.histogram] = facts.durations(index) ?? LatencyHistogram()
        }
        func number(_ fact: Fact) -> Int? { facts.count(.fact(fact)) }
        func seconds(_ fact: Fact) -> Double? { number(fact).map { Double($0) / 1e9 } }
        let idleLimit = seconds(.idleLimitNanoseconds)
        let oldestWait = seconds(.oldestWaitNanoseconds)
        return HostSnapshot(
            id: 0, name: "", origin: "", isTLS: false, keepAlive: number(.keepAlive) != 0, keepAliveIsOwn: false,
            maxSockets: number(.socketLimit) ?? 0, maxFreeSockets: number(.idleSocketLimit) ?? 0,
            idleLimitSeconds: idleLimit, idleLimitOrigin: idleLimit == nil ? .none : .own,
            oldestWaitSeconds: oldestWait == 0 ? nil : oldestWait, metrics: metrics, certainty: certainties(metrics),
            addresses: [])
    }

    private func certainties(_ metrics: HostMetrics) -> Certainties {
        var certainty = Certainties(groups)
        for group in FigureGroup.allCases where groups[group] == nil { certainty[group] = .unknown }
        // Sets without a count have no samples; where nothing was closed, nothing has a reason.
        if metrics.connections.closed == 0, certainty[.connections] != .unknown { certainty[.closeReasons] = .exact }
        certainty[.closer] = certainty[.closeReasons]
        // Percentiles of buckets are estimates.
        if certainty[.latency] == .exact { certainty[.latency] = .estimate }
        return certainty
    }

    /// Labels of a newer version are skipped.
    private static func set(_ name: String, _ label: String, _ count: Int, in metrics: inout HostMetrics) {
        switch name {
        case "statuses": if let code = Int(label), (100...599).contains(code) { metrics.statuses[code] = count }
        case "errors": if let cause = FailureCause(rawValue: label) { metrics.errors.add(count, to: cause) }
        case "requests.retryDecisions":
            if let decision = RetryDecision(rawValue: label) {
                metrics.requests.retryDecisions.add(count, to: decision)
            }
        case "connections.closedByReason":
            if let reason = CloseReason(rawValue: label) { metrics.connections.closedByReason.add(count, to: reason) }
        default: assertionFailure("a set of labels that is not read: \(name)")
        }
    }
}

extension Counter.Kind {
    /// True for what never goes down; a peak does not either, but it is no sum over restarts.
    var isTotal: Bool {
        switch self {
        case .total: true
        case .present, .peak: false
        }
    }
}
