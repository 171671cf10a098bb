import func Glibc.exp
import func Glibc.log

/// One figure compared between the two arms.
package struct MetricComparison: Sendable, Equatable {
    package enum Verdict: String, Sendable {
        /// B is below A: the whole interval of the ratio is below 1, and p is at most 0.05.
        case lower
        /// B is above A: the whole interval of the ratio is above 1, and p is at most 0.05.
        case higher
        /// The 90 % interval is within the tolerance for equality (two one-sided tests). It outranks the others: a
        /// difference that is certain and too small to matter is no difference.
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

    /// The probability of error that a verdict may have.
    package static let significance = 0.05

    /// nil if no window has such a figure, and for `requestsPerConnection` also if no connection was opened.
    package var a: Double?
    package var b: Double?
    /// b ÷ a; nil if undefined.
    package var ratio: Double?
    /// The 95 % interval of the ratio; nil with too few pairs. If one arm counted nothing, its bound assumes three unseen
    /// bursts as large as those of the other arm.
    package var interval: Interval?
    /// The number of pairs that it is based on.
    package var pairs: Int
    /// The number of independent pairs that would say as much; lower than `pairs` if neighbouring pairs are alike.
    package var effectivePairs: Double
    /// The number of pairs whose windows differ, which alone tell something: a rare event leaves most pairs equal.
    package var tellingPairs: Int
    /// If too few pairs differ for any verdict: the number of pairs with which enough of them can be expected to.
    package var pairsNeeded: Int?
    /// The p-value of a two-sided signed-rank test over the pairs; nil if no pair differs.
    package var p: Double?
    /// `p` corrected for the number of headline figures; nil for other figures.
    package var adjustedP: Double?
    package var verdict = Verdict.undecided
    package var method: Method

    private var isEquivalent = false

    /// `pairs`: the figure of each pair's windows. `metric` determines how zeros are treated; nil for a count of events
    /// over time. `equivalence`: the tolerance within which ratios count as equal.
    package init(
        _ pairs: [(a: Quotient, b: Quotient)], metric: Metric? = nil, intervals: Intervals, equivalence: Double
    ) {
        let isReciprocal = metric?.isReciprocal ?? false
        let pairs = isReciprocal ? pairs.map { ($0.a.reciprocal, $0.b.reciprocal) } : pairs
        let values = pairs.map { (a: $0.0.value ?? 0, b: $0.1.value ?? 0) }
        self.pairs = pairs.count
        let hasLogs = !pairs.isEmpty && values.allSatisfy { $0.a > 0 && $0.b > 0 }
        method = hasLogs ? .logRatio : .sums
        tellingPairs = values.count { $0.a != $0.b }
        var both: Intervals.Both
        if hasLogs {
            let logs = values.map { log($0.b / $0.a) }
            both = intervals.ofMean(logs)
            both.at95 = both.at95?.map(exp)
            both.at90 = both.at90?.map(exp)
            (a, b) = (Self.geometricMean(values.map(\.a)), Self.geometricMean(values.map(\.b)))
            p = SignedRank.p(logs)
        } else {
            both = Self.intervals(pairs, values, intervals)
            let sums = Self.sums(pairs)
            (a, b) = (sums.a.value, sums.b.value)
            // Pairs are tested, and not events: the events of one burst are not independent of each other.
            p = SignedRank.p(values.map { $0.b - $0.a })
            if metric?.isOfEvents ?? true {
                let unseen = Self.unseenEvents(pairs)
                (both.at95, both.at90) = (both.at95.map(unseen), both.at90.map(unseen))
            }
        }
        if let a, let b, a > 0 { ratio = b / a }
        (interval, effectivePairs) = (both.at95, both.effectivePairs)
        let equal = Interval(low: 1 - equivalence, high: 1 / (1 - equivalence))
        isEquivalent = both.at90?.isWithin(equal) ?? false
        if isReciprocal { invert() }
    }

    /// Decides the verdict. `adjustedP`: p corrected for several figures; nil if this one stands for itself. `least`: the
    /// number of differing pairs below which p cannot be low enough.
    mutating func decide(adjustedP: Double?, least: Int = ExperimentPlan.minimumPairs) {
        self.adjustedP = adjustedP
        verdict = .undecided
        defer {
            if verdict == .undecided, tellingPairs > 0, tellingPairs < least {
                pairsNeeded = (pairs * least + tellingPairs - 1) / tellingPairs
            }
        }
        guard let interval, pairs >= ExperimentPlan.minimumPairs else { return }
        if isEquivalent {
            verdict = .noDifference
        } else if let p = adjustedP ?? p, p <= Self.significance {
            if interval.high < 1 { verdict = .lower }
            if interval.low > 1 { verdict = .higher }
        }
    }

    private static func intervals(
        _ pairs: [(a: Quotient, b: Quotient)], _ values: [(a: Double, b: Double)], _ intervals: Intervals
    ) -> Intervals.Both {
        if intervals.hasSessions { return intervals.ofRatio(values) }
        var both = intervals.of(pairs.map { SIMD4($0.b.over, $0.b.under, $0.a.over, $0.a.under) }) { sums in
            guard sums.y > 0, sums.w > 0, sums.x > 0 || sums.z > 0 else { return nil }
            return sums.z > 0 ? sums.x / sums.y / (sums.z / sums.w) : .infinity
        }
        // A ratio of counts cannot be negative.
        both.at95 = both.at95?.map { max(0, $0) }
        both.at90 = both.at90?.map { max(0, $0) }
        return both
    }

    /// An arm that never saw an event may have been lucky: with 95 % confidence, no more than three bursts were to be
    /// expected in the observed time. How large a burst is, the other arm shows by how much more than independent events
    /// the counts of its windows vary (their variance ÷ mean).
    private static func unseenEvents(_ pairs: [(a: Quotient, b: Quotient)]) -> (Interval) -> Interval {
        let sums = sums(pairs)
        func most(_ none: Quotient, _ other: [Double]) -> Double { 3 * burst(other) / none.under }
        return { interval in
            var interval = interval
            if sums.b.over == 0, let a = sums.a.value, a > 0, sums.b.under > 0 {
                interval = Interval(low: 0, high: max(most(sums.b, pairs.map(\.a.over)) / a, interval.high))
            }
            if sums.a.over == 0, let b = sums.b.value, b > 0, sums.a.under > 0 {
                interval = Interval(low: min(b / most(sums.a, pairs.map(\.b.over)), interval.low), high: .infinity)
            }
            return interval
        }
    }

    private static func burst(_ counts: [Double]) -> Double {
        let mean = counts.reduce(0, +) / Double(counts.count)
        guard counts.count > 1, mean > 0 else { return 1 }
        let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(counts.count - 1)
        return max(1, variance / mean)
    }

    /// Inverts the comparison, because the reciprocal of the figure was compared.
    private mutating func invert() {
        func inverse(_ value: Double?) -> Double? { value.flatMap { $0 > 0 ? 1 / $0 : nil } }
        (a, b, ratio) = (inverse(a), inverse(b), inverse(ratio))
        interval = interval?.reciprocal
    }

    private static func sums(_ pairs: [(a: Quotient, b: Quotient)]) -> (a: Quotient, b: Quotient) {
        pairs.reduce((Quotient(0, per: 0), Quotient(0, per: 0))) { ($0.0 + $1.a, $0.1 + $1.b) }
    }

    private static func geometricMean(_ values: [Double]) -> Double {
        exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
    }
}
