import Foundation
import PoolModel

/// The outcome of an experiment.
package struct Comparison: Sendable {
    /// In the order of `Metric.allCases`, without those that no window has.
    package var metrics: [(metric: Metric, comparison: MetricComparison)]
    /// New connections per second to each downstream, in the order of the hosts.
    package var hosts: [(name: String, connectionsPerSecond: MetricComparison)]
    package var guardRails: [GuardRail]
    package var capacity: Capacity
    /// The number of pairs that count.
    package var pairs: Int
    /// The average number of successful requests in a counted window, which is the sample size of its quantiles.
    package var requestsPerWindow: Double
    /// Pairs that were measured and left out: the lead pairs of each session, and those during its warm-up.
    package var pairsLeftOut: Int
    /// The number of sessions that the pairs come from.
    package var sessions: Int

    /// False if a guard rail failed, in which case no verdict is given.
    package var isComparable: Bool { guardRails.allSatisfy(\.passed) }

    package subscript(metric: Metric) -> MetricComparison? { metrics.first { $0.metric == metric }?.comparison }

    /// Takes every measured window in order; a pair with a missing window is left out. `loops`: the event loops that
    /// share the load. `generator`: randomness for the resampling.
    package init(
        _ samples: [WindowSample], plan: ExperimentPlan, capacity model: CapacityPlan, loops: Int,
        generator: inout some RandomNumberGenerator
    ) {
        let measured = Self.pairs(of: samples)
        let warm = Self.withoutWarmUp(measured.filter(\.a.window.counts))
        let pairs = warm.pairs
        self.pairs = pairs.count
        let finished = pairs.reduce(0) { $0 + $1.a.finished - $1.a.failed + $1.b.finished - $1.b.failed }
        requestsPerWindow = pairs.isEmpty ? 0 : Double(finished) / Double(2 * pairs.count)
        pairsLeftOut = measured.count - pairs.count
        sessions = Set(pairs.map(\.a.window.session)).count
        let resampling = Resampling(sessions: pairs.map(\.a.window.session), generator: &generator)
        let arms = [pairs.map(\.a), pairs.map(\.b)]
        guardRails = GuardRail.all(arms: arms, pairs: pairs.count, loops: loops, trend: warm.trend)
        let isComparable = guardRails.allSatisfy(\.passed)
        func compare(_ quotients: [(a: Quotient, b: Quotient)], _ metric: Metric?) -> MetricComparison {
            var comparison = MetricComparison(
                quotients, metric: metric, resampling: resampling, equivalence: plan.equivalence)
            if !isComparable { comparison.verdict = .undecided }
            return comparison
        }
        metrics = Metric.allCases.compactMap { metric in
            let quotients = pairs.compactMap { pair in
                metric.quotient(pair.a).flatMap { a in metric.quotient(pair.b).map { (a: a, b: $0) } }
            }
            // A figure that only some pairs have is left out, because it would be based on other pairs than the rest.
            guard quotients.count == pairs.count else { return nil }
            return (metric, compare(quotients, metric))
        }
        hosts = Self.hostNames(pairs).map { name in
            (name, compare(pairs.map { ($0.a.openings(at: name), $0.b.openings(at: name)) }, nil))
        }
        capacity = Capacity(arms[0], arms[1], model: model, resampling: resampling)
    }

    typealias Pair = (a: WindowSample, b: WindowSample)

    private static func pairs(of samples: [WindowSample]) -> [Pair] {
        var waiting: WindowSample?
        var pairs: [Pair] = []
        for sample in samples {
            guard let first = waiting, first.window.session == sample.window.session,
                first.window.pair == sample.window.pair
            else {
                waiting = sample
                continue
            }
            waiting = nil
            pairs.append(first.window.arm == .a ? (first, sample) : (sample, first))
        }
        return pairs
    }

    /// Leaves out the pairs at the beginning of each session during which the CPU per request still changed in one
    /// direction.
    private static func withoutWarmUp(_ pairs: [Pair]) -> (pairs: [Pair], trend: Double?) {
        var kept: [Pair] = []
        var trends: [Double] = []
        for session in Set(pairs.map(\.a.window.session)).sorted() {
            let own = pairs.filter { $0.a.window.session == session }
            let ratios = own.map { pair -> Double in
                let (a, b) = (Metric.cpuSecondsPerRequest.quotient(pair.a)?.value ?? 0, pair.b)
                return a > 0 ? (Metric.cpuSecondsPerRequest.quotient(b)?.value ?? 0) / a : 0
            }
            let lead = Trend.lead(of: ratios)
            kept += own.dropFirst(lead)
            if let p = Trend.p(Array(ratios.dropFirst(lead))) { trends.append(p) }
        }
        return (kept, trends.min())
    }

    private static func hostNames(_ pairs: [Pair]) -> [String] {
        var names: [String] = []
        for sample in pairs.flatMap({ [$0.a, $0.b] }) {
            for host in sample.hosts where !names.contains(host.name) { names.append(host.name) }
        }
        return names
    }
}

extension WindowSample {
    fileprivate func openings(at host: String) -> Quotient {
        let opened = hosts.reduce(0) { $0 + ($1.name == host ? $1.connectionsOpened : 0) }
        return Quotient(Double(opened), per: seconds)
    }
}
