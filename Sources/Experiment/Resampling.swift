import Foundation
import PoolModel

/// The spread of a figure, told by drawing pairs again and again from those that were seen (bootstrap).
///
/// Where there are several sessions, sessions are drawn first and then pairs within each: pairs of one session are more
/// alike than sessions are.
package struct Resampling: Sendable {
    /// Each row: pairs drawn, by their place among all.
    private let draws: [[Int]]
    /// What the width of the interval rests on: sessions, or the pairs of the only one.
    private let size: Int

    package static let count = 10_000

    /// `sessions`: that of each pair, in the order in which figures will be given.
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

    /// The figure of every draw; nil where the draws say nothing of it.
    package func spread(_ figure: ([Int]) -> Double?) -> Spread? {
        let figures = draws.compactMap(figure).filter { !$0.isNaN }.sorted()
        guard size >= 2, !figures.isEmpty, figures.count > draws.count / 2 else { return nil }
        return Spread(figures: figures, size: size)
    }
}

/// What a figure came to in many draws.
package struct Spread: Sendable, Equatable {
    /// In ascending order.
    fileprivate let figures: [Double]
    fileprivate let size: Int

    /// The interval that holds the figure with this confidence, 0.95 or 0.9.
    ///
    /// The percentiles of the draws alone are too narrow where there are few pairs: the spread of n figures is short by
    /// √((n−1)/n), and with few of them one does not know it well (Student's t). So more of the draws are taken in, as many
    /// as make up for both.
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

/// From `low` to `high`, both in it.
package struct Interval: Sendable, Equatable {
    package var low: Double
    package var high: Double

    package init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    package func contains(_ value: Double) -> Bool { low <= value && value <= high }
    func isWithin(_ other: Interval) -> Bool { other.low <= low && high <= other.high }
    /// That of 1 ÷ the figure.
    var reciprocal: Interval { Interval(low: 1 / high, high: low > 0 ? 1 / low : .infinity) }
}
