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
    /// Pairs that were measured and set aside because one of their windows was faulty.
    package var pairsSetAside: Int
    /// How many windows of each arm had each fault.
    package var faults: [(fault: WindowFault, a: Int, b: Int)]
    /// The number of sessions that the pairs come from.
    package var sessions: Int
    /// No request succeeded in any window. Nothing is computed then.
    package var isTargetDown: Bool
    /// The pairs with which every headline figure that differs can get a verdict.
    package var pairsNeeded: Int

    /// False if a guard rail failed, in which case no verdict is given. Too few pairs leave figures undecided instead.
    package var isComparable: Bool {
        pairs > 0 && !isTargetDown && guardRails.allSatisfy { $0.passed || $0.kind == .pairs }
    }

    /// True if there are several sessions, but too few for verdicts that would hold for a next one.
    package var hasTooFewSessions: Bool { sessions > 1 && sessions < ExperimentPlan.minimumSessions }

    /// At most so many verdicts of a difference are to be expected among the figures that are not headline figures, if the
    /// arms are equal.
    package var expectedFalseVerdicts: Double {
        let figures = metrics.filter { !$0.metric.isHeadline }.map(\.comparison) + shownHosts
        return MetricComparison.significance * Double(figures.count { $0.p != nil })
    }

    /// A single host has the figure of all hosts.
    private var shownHosts: [MetricComparison] { hosts.count > 1 ? hosts.map(\.connectionsPerSecond) : [] }

    package subscript(metric: Metric) -> MetricComparison? { metrics.first { $0.metric == metric }?.comparison }

    /// Takes every measured window in order; a pair with a missing window is left out. `loops`: the event loops that
    /// share the load. `generator`: randomness for the intervals of many pairs.
    package init(
        _ samples: [WindowSample], plan: ExperimentPlan, capacity model: CapacityPlan, loops: Int,
        generator: inout some RandomNumberGenerator
    ) {
        let measured = Self.pairs(of: samples)
        let counted = measured.filter(\.a.window.counts)
        isTargetDown = !samples.isEmpty && samples.allSatisfy { $0.finished == $0.failed }
        func faults(_ sample: WindowSample) -> [WindowFault] {
            WindowFault.all(in: sample, window: plan.window, loops: loops)
        }
        let (sound, faulty) = Self.split(counted) { faults($0.a).isEmpty && faults($0.b).isEmpty }
        let faultyWindows = [faulty.map(\.a), faulty.map(\.b)].map { $0.map(faults).filter { !$0.isEmpty } }
        self.faults = WindowFault.allCases.compactMap { fault in
            let counts = faultyWindows.map { $0.count { $0.contains(fault) } }
            return counts == [0, 0] ? nil : (fault, counts[0], counts[1])
        }
        pairsSetAside = faulty.count
        var evidence = GuardRail.Evidence(
            arms: [], pairs: sound.count, pairsNeeded: ExperimentPlan.minimumPairs, setAside: faulty.count,
            faulty: faultyWindows.map(\.count), loops: loops)
        // Where too many pairs were set aside, the figures of all are shown, because they tell why; without verdicts.
        let isSound = GuardRail.all(evidence).allSatisfy { $0.passed || $0.kind == .pairs }
        let warm = Self.withoutWarmUp(isSound ? sound : counted)
        let pairs = warm.pairs
        self.pairs = pairs.count
        let finished = pairs.reduce(0) { $0 + $1.a.finished - $1.a.failed + $1.b.finished - $1.b.failed }
        requestsPerWindow = pairs.isEmpty ? 0 : Double(finished) / Double(2 * pairs.count)
        pairsLeftOut = measured.count - pairs.count - (isSound ? faulty.count : 0)
        sessions = Set(pairs.map(\.a.window.session)).count
        let intervals = Intervals(sessions: pairs.map(\.a.window.session), generator: &generator)
        let arms = [pairs.map(\.a), pairs.map(\.b)]
        metrics = []
        hosts = []
        if !isTargetDown { (metrics, hosts) = Self.compared(pairs, intervals, plan.equivalence) }
        capacity = Capacity(
            isTargetDown ? [] : arms[0], isTargetDown ? [] : arms[1], model: model, intervals: intervals)
        let differing = metrics.count { $0.metric.isHeadline && $0.comparison.p != nil }
        pairsNeeded = Holm.pairsNeeded(figures: differing)
        evidence.arms = arms
        evidence.pairs = isSound ? pairs.count : sound.count
        evidence.pairsNeeded = pairsNeeded
        evidence.trend = warm.trend
        guardRails = GuardRail.all(evidence)
        if isComparable, !hasTooFewSessions { decide() }
    }

    /// Gives the verdicts. Headline figures are corrected for their number.
    private mutating func decide() {
        let headline = metrics.indices.filter { metrics[$0].metric.isHeadline }
        let adjusted = Holm.adjusted(headline.map { metrics[$0].comparison.p })
        let byIndex = Dictionary(uniqueKeysWithValues: zip(headline, adjusted))
        for index in metrics.indices {
            let least = metrics[index].metric.isHeadline ? pairsNeeded : ExperimentPlan.minimumPairs
            metrics[index].comparison.decide(adjustedP: byIndex[index] ?? nil, least: least)
        }
        for index in hosts.indices { hosts[index].connectionsPerSecond.decide(adjustedP: nil) }
    }

    private static func compared(
        _ pairs: [Pair], _ intervals: Intervals, _ equivalence: Double
    ) -> (
        metrics: [(metric: Metric, comparison: MetricComparison)],
        hosts: [(name: String, connectionsPerSecond: MetricComparison)]
    ) {
        let metrics = Metric.allCases.compactMap { metric -> (metric: Metric, comparison: MetricComparison)? in
            let quotients = pairs.compactMap { pair in
                metric.quotient(pair.a).flatMap { a in metric.quotient(pair.b).map { (a: a, b: $0) } }
            }
            // A figure that only some pairs have is left out, because it would be based on other pairs than the rest.
            guard quotients.count == pairs.count else { return nil }
            return (
                metric,
                MetricComparison(quotients, metric: metric, intervals: intervals, equivalence: equivalence)
            )
        }
        let hosts = hostNames(pairs).map { name in
            let quotients = pairs.map { (a: $0.a.openings(at: name), b: $0.b.openings(at: name)) }
            return (
                name: name,
                connectionsPerSecond: MetricComparison(quotients, intervals: intervals, equivalence: equivalence)
            )
        }
        return (metrics, hosts)
    }

    typealias Pair = (a: WindowSample, b: WindowSample)

    private static func split(_ pairs: [Pair], _ isSound: (Pair) -> Bool) -> (sound: [Pair], faulty: [Pair]) {
        pairs.reduce(into: ([], [])) { if isSound($1) { $0.0.append($1) } else { $0.1.append($1) } }
    }

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
