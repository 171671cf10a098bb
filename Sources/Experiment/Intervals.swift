import PoolModel

/// Intervals for figures of pairs, by inverting the sign-flip test.
///
/// The order of the arms in a pair is drawn at random, so if the arms were equal, the sign of each pair's log-ratio would
/// be a coin toss, whatever the windows have in common with their neighbours: bursts, periods, slow changes. The figures
/// of all subsets of the pairs then divide the line into intervals that are equally likely to contain the true value
/// (Hartigan, 1969). The interval between the k-th lowest and the k-th highest holds it with a probability of
/// 1 − 2k ÷ 2ⁿ, without any assumption about the distribution. In simulations Student's t is too wide with bursts (98 %),
/// and the percentiles of a bootstrap are too narrow with few pairs (90 %).
///
/// With several sessions the unit is the session, and the interval is Student's t over the sessions, because four of them
/// have too few subsets.
package struct Intervals: Sendable {
    /// The pairs of each session, as indices.
    private let sessions: [[Int]]
    private let pairs: Int
    private let seed: UInt64

    /// Up to this number of pairs all subsets are taken, above it as many as `draws` at random.
    private static let exhaustive = 13
    private static let draws = 9_999

    /// The intervals of one figure; nil if there are too few pairs for that confidence.
    package struct Both: Sendable, Equatable {
        package var at95: Interval?
        package var at90: Interval?
        /// The number of independent pairs that would say as much. Less than the number of pairs if neighbouring pairs
        /// are alike.
        package var effectivePairs: Double
    }

    /// `sessions`: the session of each pair, in the order in which figures will be given.
    package init(sessions: [Int], generator: inout some RandomNumberGenerator) {
        self.sessions = Dictionary(grouping: sessions.indices) { sessions[$0] }.sorted { $0.key < $1.key }.map(\.value)
        pairs = sessions.count
        seed = generator.next()
    }

    /// The intervals of the values' mean.
    ///
    /// An effect that itself changes slowly makes neighbouring pairs alike, which the random order cannot prevent. If
    /// neighbours are correlated, the interval is widened to that of fewer, independent pairs. Where they only seem so by
    /// chance, this makes 95 % about 96 %. With six pairs nothing can be said about it, and their 95 % is 97 % already.
    package func ofMean(_ values: [Double]) -> Both {
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        var both = ofPlainMean(values)
        guard sessions.count == 1, values.count > ExperimentPlan.minimumPairs else { return both }
        let correlation = Self.correlationOfNeighbours(values, mean)
        guard correlation > 0 else { return both }
        let inflation = (1 + correlation) / (1 - correlation)
        both.effectivePairs /= inflation
        func widened(_ interval: Interval) -> Interval {
            let factor = inflation.squareRoot()
            return Interval(low: mean - factor * (mean - interval.low), high: mean + factor * (interval.high - mean))
        }
        both.at95 = both.at95.map(widened)
        both.at90 = both.at90.map(widened)
        return both
    }

    /// The means of all subsets without the generality of `of`, because most figures are means.
    private func ofPlainMean(_ values: [Double]) -> Both {
        guard sessions.count == 1, values.count <= Self.exhaustive else {
            return of(values.map { SIMD4($0, 1, 0, 0) }) { $0.x / $0.y }
        }
        var sums = [Double](repeating: 0, count: 1 << values.count)
        var means: [Double] = []
        means.reserveCapacity(sums.count)
        for subset in 1..<sums.count {
            sums[subset] = sums[subset & (subset - 1)] + values[subset.trailingZeroBitCount]
            means.append(sums[subset] / Double(subset.nonzeroBitCount))
        }
        means.sort()
        return Both(
            at95: Self.interval(means, undefined: 0, confidence: 0.95),
            at90: Self.interval(means, undefined: 0, confidence: 0.9), effectivePairs: Double(pairs))
    }

    /// Adjusted for the bias of −1 ÷ n that the correlation has in short series; at most 0.8.
    private static func correlationOfNeighbours(_ values: [Double], _ mean: Double) -> Double {
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        guard values.count > 2, squares > 0 else { return 0 }
        let products = zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
        return min(0.8, products / squares + 1 / Double(values.count))
    }

    /// The intervals of a figure that is computed from sums over pairs. `terms`: what each pair adds to the four sums.
    /// `figure`: nil if the sums do not define it; such subsets count as unknown on both sides.
    package func of(_ terms: [SIMD4<Double>], figure: (SIMD4<Double>) -> Double?) -> Both {
        if sessions.count > 1 {
            let figures = sessions.compactMap { figure($0.reduce(SIMD4(repeating: 0)) { $0 + terms[$1] }) }
            guard figures.count == sessions.count, figures.allSatisfy(\.isFinite) else {
                return Both(effectivePairs: Double(pairs))
            }
            return Both(
                at95: Self.student(figures, confidence: 0.95), at90: Self.student(figures, confidence: 0.9),
                effectivePairs: Double(pairs))
        }
        let sums = subsetSums(terms)
        let figures = sums.compactMap(figure).filter { !$0.isNaN }.sorted()
        func interval(_ confidence: Double) -> Interval? {
            Self.interval(figures, undefined: sums.count - figures.count, confidence: confidence)
        }
        return Both(at95: interval(0.95), at90: interval(0.9), effectivePairs: Double(pairs))
    }

    /// The intervals of the ratio of two rates over sessions, some of which may be zero (Fieller, 1954).
    func ofRatio(_ rates: [(a: Double, b: Double)]) -> Both {
        guard sessions.count > 1 else { return Both(effectivePairs: Double(pairs)) }
        let means = sessions.map { session in
            (
                a: session.reduce(0) { $0 + rates[$1].a } / Double(session.count),
                b: session.reduce(0) { $0 + rates[$1].b } / Double(session.count)
            )
        }
        return Both(
            at95: Self.fieller(means, confidence: 0.95), at90: Self.fieller(means, confidence: 0.9),
            effectivePairs: Double(pairs))
    }

    var hasSessions: Bool { sessions.count > 1 }

    // MARK: Subsets

    private func subsetSums(_ terms: [SIMD4<Double>]) -> [SIMD4<Double>] {
        guard !terms.isEmpty else { return [] }
        guard terms.count > Self.exhaustive else {
            var sums = [SIMD4<Double>](repeating: .zero, count: 1 << terms.count)
            for subset in 1..<sums.count {
                sums[subset] = sums[subset & (subset - 1)] + terms[subset.trailingZeroBitCount]
            }
            return Array(sums.dropFirst())
        }
        var generator = SplitMix64(seed: seed)
        return (0..<Self.draws).map { _ in
            var (sum, bits, isEmpty) = (SIMD4<Double>.zero, UInt64(0), true)
            repeat {
                for (index, term) in terms.enumerated() {
                    if index.isMultiple(of: 64) { bits = generator.next() }
                    if bits & 1 == 1 {
                        sum += term
                        isEmpty = false
                    }
                    bits >>= 1
                }
            } while isEmpty
            return sum
        }
    }

    /// `sorted`: the defined figures in ascending order.
    private static func interval(_ sorted: [Double], undefined: Int, confidence: Double) -> Interval? {
        let places = sorted.count + undefined + 1
        let outside = Int((1 - confidence) / 2 * Double(places) + 1e-9)
        guard outside >= 1, !sorted.isEmpty else { return nil }
        let (low, high) = (outside - 1 - undefined, places - 1 - outside)
        return Interval(
            low: low < 0 ? -.infinity : sorted[low], high: high < sorted.count ? sorted[high] : .infinity)
    }

    // MARK: Sessions

    private static func student(_ values: [Double], confidence: Double) -> Interval {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let reach =
            StudentT.quantile(confidence: confidence, freedom: values.count - 1) * (variance / count).squareRoot()
        return Interval(low: mean - reach, high: mean + reach)
    }

    private static func fieller(_ rates: [(a: Double, b: Double)], confidence: Double) -> Interval? {
        let count = Double(rates.count)
        let mean = rates.reduce((a: 0.0, b: 0.0)) { ($0.a + $1.a / count, $0.b + $1.b / count) }
        guard mean.a > 0 || mean.b > 0 else { return nil }
        let t = StudentT.quantile(confidence: confidence, freedom: rates.count - 1)
        func covariance(_ product: ((a: Double, b: Double)) -> Double) -> Double {
            t * t * rates.reduce(0) { $0 + product(($1.a - mean.a, $1.b - mean.b)) } / (count * (count - 1))
        }
        let square = mean.a * mean.a - covariance { $0.a * $0.a }
        let half = mean.a * mean.b - covariance { $0.a * $0.b }
        let rest = mean.b * mean.b - covariance { $0.b * $0.b }
        // If A's rate is not distinguishable from zero, there is no upper bound, and a lower one only in part.
        guard square > 0 else { return Interval(low: 0, high: .infinity) }
        let root = max(0, half * half - square * rest).squareRoot()
        return Interval(low: max(0, (half - root) / square), high: (half + root) / square)
    }
}

/// The quantiles of Student's t that intervals at 90 % and 95 % need.
enum StudentT {
    private static let at95 = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281]
    private static let at90 = [6.3138, 2.92, 2.3534, 2.1318, 2.015, 1.9432, 1.8946, 1.8595, 1.8331, 1.8125]

    /// `confidence`: 0.95, or 0.9 for anything below. `freedom`: at least 1.
    static func quantile(confidence: Double, freedom: Int) -> Double {
        let table = confidence < 0.95 ? at90 : at95
        guard freedom > table.count else { return table[max(1, freedom) - 1] }
        let normal = confidence < 0.95 ? 1.644854 : 1.959964
        let degrees = Double(freedom)
        let cubed = normal * normal * normal
        // Cornish and Fisher's expansion, exact to four digits above ten degrees of freedom.
        return normal + (cubed + normal) / (4 * degrees)
            + (5 * cubed * normal * normal + 16 * cubed + 3 * normal) / (96 * degrees * degrees)
    }
}

/// A closed interval from `low` to `high`.
package struct Interval: Sendable, Equatable {
    package var low: Double
    package var high: Double

    package init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    package func contains(_ value: Double) -> Bool { low <= value && value <= high }
    func isWithin(_ other: Interval) -> Bool { other.low <= low && high <= other.high }
    /// The interval of 1 ÷ the figure.
    var reciprocal: Interval { Interval(low: 1 / high, high: low > 0 ? 1 / low : .infinity) }
    func map(_ transform: (Double) -> Double) -> Interval { Interval(low: transform(low), high: transform(high)) }
}
