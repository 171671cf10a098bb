import MetricsText

/// The answers of one round as they come in.
struct RoundAnswers: Sendable {
    /// A row of an answer.
    enum RowKey: Hashable, Sendable {
        case total
        case group(String)
        case instance(InstanceID)
        case host(InstanceID, name: String, origin: String)
    }

    struct Presence: Sendable {
        var ageSeconds: Double
        var labels: [MetricSample.Label]
    }

    var namesAreKnown = false
    var presence: [Dialect: [InstanceID: Presence]] = [:]
    var past: [Dialect: [InstanceID: Presence]] = [:]
    /// Prometheus's clock when it said who is there.
    var serverTime: Double?
    /// Hosts of all instances; nil: nobody asked, or nobody knows.
    var hostCount: Int?
    private(set) var rows: [Dialect: [RowKey: FleetReadings]] = [:]
    /// The labels that tell a host apart in its dialect.
    private(set) var hostLabels: [Dialect: [RowKey: [MetricSample.Label]]] = [:]
    /// The measures that were answered.
    private(set) var answered: [Dialect: [FleetScope: Set<FleetMeasure>]] = [:]
    private var kinds: [FleetProblem] = []

    var isPresenceKnown: Bool { !presence.isEmpty }

    mutating func note(_ kind: FleetProblem.Kind) {
        if let known = kinds.firstIndex(where: { $0.kind == kind }) { return kinds[known].count += 1 }
        // There are few kinds, but their words come from outside.
        if kinds.count < 20 { kinds.append(FleetProblem(kind: kind, count: 1)) }
    }

    func problems(_ hasNoMetrics: Bool, _ isWindowLengthened: Bool) -> [FleetProblem] {
        kinds + (hasNoMetrics ? [FleetProblem(kind: .noMetrics, count: 1)] : [])
            + (isWindowLengthened ? [FleetProblem(kind: .windowLengthened, count: 1)] : [])
    }

    /// The seconds since the last sample of each instance. An instance has several rows where the series that say it have
    /// more labels; what they agree about are the labels of the target.
    static func presence(_ answer: PrometheusAnswer) -> [InstanceID: Presence] {
        var all: [InstanceID: Presence] = [:]
        for series in answer.series {
            guard let age = series.points.last?.finite else { continue }
            let id = InstanceID(series.labels)
            let labels = series.labels.filter { !["job", "instance", "__name__"].contains($0.name) }
            guard var known = all[id] else {
                all[id] = Presence(ageSeconds: max(0, age), labels: labels)
                continue
            }
            known.ageSeconds = min(known.ageSeconds, max(0, age))
            known.labels = known.labels.filter { labels.contains($0) }
            all[id] = known
        }
        return all
    }

    mutating func take(
        _ answer: PrometheusAnswer, to measure: FleetMeasure, of dialect: Dialect, _ scope: FleetScope
    ) {
        answered[dialect, default: [:]][scope, default: []].insert(measure)
        let estimate = MetricsWriter.estimateLabel
        let isOfAllHosts = scope == .hosts(of: nil) && measure.isSummable
        if isOfAllHosts { answered[dialect, default: [:]][.instances, default: []].insert(measure) }
        for series in answer.series {
            guard let value = series.points.last?.value else { continue }
            let isEstimate = series[label: estimate.name] == estimate.value
            func add(to key: RowKey) {
                if case .set(let set) = measure {
                    rows[dialect, default: [:]][key, default: FleetReadings()]
                        .add(set, series[label: set.ownSeries.label], value)
                } else {
                    rows[dialect, default: [:]][key, default: FleetReadings()]
                        .add(measure, value, isEstimate: isEstimate)
                }
            }
            if isOfAllHosts { add(to: .instance(InstanceID(series.labels))) }
            guard let key = Self.key(series, dialect, scope) else { continue }
            add(to: key)
            if case .host = key, hostLabels[dialect]?[key] == nil {
                hostLabels[dialect, default: [:]][key] = series.labels.filter { dialect.hostLabels.contains($0.name) }
            }
        }
    }

    private static func key(_ series: PrometheusAnswer.Series, _ dialect: Dialect, _ scope: FleetScope) -> RowKey? {
        switch scope {
        case .total, .instance, .host: .total
        case .groups(let label): .group(series[label: label] ?? "")
        case .instances: .instance(InstanceID(series.labels))
        case .hosts:
            dialect.host(of: series.labels).map {
                .host(InstanceID(series.labels), name: $0.name, origin: $0.origin)
            }
        }
    }
}
