import MetricsText
import PoolModel

/// The answers of a round about one row of one dialect.
struct FleetReadings: Sendable {
    struct Reading: Sendable, Equatable {
        var value: Double
        var isEstimate = false

        var figure: Figure<Double> { isEstimate ? .estimate(value) : .exact(value) }
    }

    private(set) var values: [FleetMeasure: Reading] = [:]
    /// Per second, by the value of the label.
    private(set) var sets: [CountSet: [String: Double]] = [:]
    /// True: at least one series has two samples in the window. Before that, no rate is known, and none is zero.
    private(set) var hasRates = false

    mutating func add(_ measure: FleetMeasure, _ value: Double, isEstimate: Bool) {
        guard value.isFinite else { return }
        switch measure {
        case .fact(let fact): hasRates = hasRates || fact.isTotal
        case .change: hasRates = true
        case .set, .responseTime, .hosts, .multiplexed: break
        }
        guard measure.isSummable, let known = values[measure] else {
            return values[measure] = Reading(value: value, isEstimate: isEstimate)
        }
        values[measure] = Reading(value: known.value + value, isEstimate: known.isEstimate || isEstimate)
    }

    /// Values of labels that are none are skipped.
    mutating func add(_ set: CountSet, _ label: String?, _ value: Double) {
        guard value.isFinite, let label, set.isKnown(label) else { return }
        sets[set, default: [:]][label, default: 0] += value
    }
}

/// The measures that a dialect was asked for, and what a missing answer to one means.
struct FleetQuestions: Sendable {
    let dialect: Dialect
    let asked: Set<FleetMeasure>
    /// True: it was asked for what only reports need.
    var isDetailed: Bool { asked.contains(.fact(.bytesSent)) || asked.contains(.set(.statuses)) }
    /// Present counts that are one metric with different labels.
    private let siblings: [Fact: [Fact]]

    init(_ dialect: Dialect, asked: Set<FleetMeasure>) {
        self.dialect = dialect
        self.asked = asked
        let present: [Fact] = [.open, .active, .idle, .queued, .inFlight]
        siblings = Dictionary(
            uniqueKeysWithValues: present.map { fact in
                let names = Set(dialect.series(of: fact).map(\.name))
                let others = present.filter { other in
                    other != fact && dialect.series(of: other).contains { names.contains($0.name) }
                }
                return (fact, others)
            })
    }

    /// Nil: nothing says it. A series that is not there is zero only where it would have begun with the first thing that
    /// it counts.
    func reading(_ fact: Fact, _ readings: FleetReadings) -> FleetReadings.Reading? {
        if let known = readings.values[.fact(fact)] { return known }
        guard asked.contains(.fact(fact)) else { return nil }
        if dialect == .pooltop {
            // Our own writer has every count from the start, and only reasons begin with the first close.
            let other: Fact? = fact == .closedLocal ? .closedRemote : fact == .closedRemote ? .closedLocal : nil
            return other.flatMap { readings.values[.fact($0)] }.map { .init(value: 0, isEstimate: $0.isEstimate) }
        }
        if fact.isTotal {
            return dialect.traits.seriesBeginWithFirstCount && readings.hasRates ? .init(value: 0) : nil
        }
        return (siblings[fact] ?? []).contains { readings.values[.fact($0)] != nil } ? .init(value: 0) : nil
    }
}
