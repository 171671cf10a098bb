import Foundation

/// One figure compared between the two arms.
package struct MetricComparison: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        /// B is below A: the whole interval of the ratio is below 1.
        case lower
        /// B is above A: the whole interval of the ratio is above 1.
        case higher
        /// The 90 % interval is within the tolerance for equality (two one-sided tests).
        case noDifference
        /// None of the others.
        case undecided
    }

    /// How the figures of the pairs are combined.
    package enum Method: String, Sendable {
        /// Geometric means of each arm's windows, and so of the pairs' ratios. Used if every window has a figure above
        /// zero.
        case logRatio
        /// All windows of an arm as one. Used if some window has no figure, for example because no connection was
        /// opened.
        case sums
    }

    /// nil if no window has such a figure, and for `requestsPerConnection` also if no connection was opened.
    package var a: Double?
    package var b: Double?
    /// b ÷ a; nil if undefined.
    package var ratio: Double?
    /// The 95 % interval of the ratio. If one arm counted nothing, its bound assumes three unseen events.
    package var interval: Interval?
    /// The number of pairs that it is based on.
    package var pairs: Int
    /// The p-value of a two-sided signed-rank test over the pairs; nil if no pair differs.
    package var p: Double?
    package var verdict = Verdict.undecided
    package var method: Method

    /// `pairs`: the figure of each pair's windows. `metric` determines how zeros are treated; nil for a count of events
    /// over time. `equivalence`: the tolerance within which ratios count as equal.
    package init(
        _ pairs: [(a: Quotient, b: Quotient)], metric: Metric? = nil, resampling: Resampling, equivalence: Double
    ) {
        let isReciprocal = metric?.isReciprocal ?? false
        let pairs = isReciprocal ? pairs.map { ($0.a.reciprocal, $0.b.reciprocal) } : pairs
        let values = pairs.map { (a: $0.0.value ?? 0, b: $0.1.value ?? 0) }
        self.pairs = pairs.count
        let hasLogs = !pairs.isEmpty && values.allSatisfy { $0.a > 0 && $0.b > 0 }
        method = hasLogs ? .logRatio : .sums
        let estimate: ([Int]) -> Double?
        if hasLogs {
            let logs = values.map { log($0.b / $0.a) }
            estimate = { draw in exp(draw.reduce(0) { $0 + logs[$1] } / Double(draw.count)) }
            (a, b) = (Self.geometricMean(values.map(\.a)), Self.geometricMean(values.map(\.b)))
            p = SignedRank.p(logs)
        } else {
            estimate = { draw in
                let sums = Self.sums(draw.map { pairs[$0] })
                guard let a = sums.a.value, let b = sums.b.value, a + b > 0 else { return nil }
                return a > 0 ? b / a : .infinity
            }
            let sums = Self.sums(pairs)
            (a, b) = (sums.a.value, sums.b.value)
            p = SignedRank.p(values.map { $0.b - $0.a })
        }
        if let a, let b, a > 0 { ratio = b / a }
        let spread = resampling.spread(estimate)
        interval = spread?.interval(confidence: 0.95)
        var narrower = spread?.interval(confidence: 0.90)
        if !hasLogs, metric?.isOfEvents ?? true {
            let rare = Self.rareEvents(Self.sums(pairs))
            (interval, narrower) = (interval.map(rare), narrower.map(rare))
        }
        verdict = Self.verdict(interval, narrower, pairs: pairs.count, equivalence: equivalence)
        if isReciprocal { invert() }
    }

    private static func verdict(
        _ interval: Interval?, _ narrower: Interval?, pairs: Int, equivalence: Double
    ) -> Verdict {
        guard let interval, let narrower, pairs >= ExperimentPlan.minimumPairs else { return .undecided }
        if interval.high < 1 { return .lower }
        if interval.low > 1 { return .higher }
        let equal = Interval(low: 1 - equivalence, high: 1 / (1 - equivalence))
        return narrower.isWithin(equal) ? .noDifference : .undecided
    }

    /// An arm that never saw an event may have been lucky: with 95 % confidence, the true rate is at most three events
    /// in the observed time.
    private static func rareEvents(_ sums: (a: Quotient, b: Quotient)) -> (Interval) -> Interval {
        let most = { (quotient: Quotient) in 3 / quotient.under }
        return { interval in
            var interval = interval
            if sums.b.over == 0, let a = sums.a.value, a > 0, sums.b.under > 0 {
                interval = Interval(low: 0, high: most(sums.b) / a)
            }
            if sums.a.over == 0, let b = sums.b.value, b > 0, sums.a.under > 0 {
                interval = Interval(low: b / most(sums.a), high: .infinity)
            }
            return interval
        }
    }

    /// Inverts the comparison, because the reciprocal of the figure was compared.
    private mutating func invert() {
        func inverse(_ value: Double?) -> Double? { value.flatMap { $0 > 0 ? 1 / $0 : nil } }
        (a, b, ratio) = (inverse(a), inverse(b), inverse(ratio))
        interval = interval?.reciprocal
        switch verdict {
        case .lower: verdict = .higher
        case .higher: verdict = .lower
        case .noDifference, .undecided: break
        }
    }

    private static func sums(_ pairs: [(a: Quotient, b: Quotient)]) -> (a: Quotient, b: Quotient) {
        pairs.reduce((Quotient(0, per: 0), Quotient(0, per: 0))) { ($0.0 + $1.a, $0.1 + $1.b) }
    }

    private static func geometricMean(_ values: [Double]) -> Double {
        exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
    }
}
