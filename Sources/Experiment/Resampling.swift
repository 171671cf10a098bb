import Foundation
import PoolModel

/// Estimates the spread of a figure by repeatedly drawing from the observed pairs (bootstrap).
///
/// If there are several sessions, sessions are drawn first and then pairs within each, because pairs of one session are
/// more alike than sessions are.
package struct Resampling: Sendable {
    /// Each row contains the indices of the pairs drawn.
    private let draws: [[Int]]
    /// The sample size that determines the width of the interval: the number of sessions, or of pairs if there is only
    /// one session.
    private let size: Int

    package static let count = 10_000

    /// `sessions`: the session of each pair, in the order in which figures will be given.
    package init(sessions: [Int], count: Int = Self.count, generator: inout some RandomNumberGenerator) {
        let groups = Dictionary(grouping: sessions.indices) { sessions[$0] }.sorted { $0.key < $1.key }.map(\.value)
        size = groups.count > 1 ? groups.count : sessions.count
        guard let first = groups.first else {
            draws = []
            return
        }
        draws = (0..<count).map { _ in
            (0..<groups.count).flatMap { _ in
                let group = groups.count == 1 ? first : groups[Int.random(in: 0..<groups.count, using: &generator)]
                return group.map { _ in group[Int.random(in: 0..<group.count, using: &generator)] }
            }
        }
    }

    /// The figure of every draw; nil if it is undefined for the draws.
    package func spread(_ figure: ([Int]) -> Double?) -> Spread? {
        let figures = draws.compactMap(figure).filter { !$0.isNaN }.sorted()
        guard size >= 2, !figures.isEmpty, figures.count > draws.count / 2 else { return nil }
        return Spread(figures: figures, size: size)
    }
}

/// The distribution of a figure over many draws.
package struct Spread: Sendable, Equatable {
    /// Sorted in ascending order.
    fileprivate let figures: [Double]
    fileprivate let size: Int

    /// The interval that contains the figure with this confidence, 0.95 or 0.9.
    ///
    /// The percentiles of the draws alone are too narrow for few pairs: the spread of n figures is too small by
    /// √((n−1)/n), and is itself uncertain (Student's t). The percentiles are widened to compensate for both.
    package func interval(confidence: Double) -> Interval {
        let tail = Self.tail(confidence: confidence, size: size)
        return Interval(low: Self.quantile(figures, tail), high: Self.quantile(figures, 1 - tail))
    }

    private static func tail(confidence: Double, size: Int) -> Double {
        let normal = confidence < 0.95 ? 1.644854 : 1.959964
        let freedom = Double(size - 1)
        // Cornish and Fisher's expansion of Student's t.
        let cubed = normal * normal * normal
        let fifth = cubed * normal * normal
        let seventh = fifth * normal * normal
        let student =
            normal + (cubed + normal) / (4 * freedom)
            + (5 * fifth + 16 * cubed + 3 * normal) / (96 * freedom * freedom)
            + (3 * seventh + 19 * fifth + 17 * cubed - 15 * normal) / (384 * freedom * freedom * freedom)
        let widened = student * (Double(size) / freedom).squareRoot()
        return 0.5 * erfc(widened / 2.0.squareRoot())
    }

    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count, place > Double(below) else { return sorted[below] }
        let (low, high) = (sorted[below], sorted[below + 1])
        return low.isInfinite || high.isInfinite ? high : low + (high - low) * (place - Double(below))
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
}
