import Foundation

/// Mann and Kendall's test for a steady rise or fall in a row of figures.
package enum Trend {
    /// The two-sided probability that a row without a trend looks as ordered as this one; nil below four figures.
    package static func p(_ row: [Double]) -> Double? {
        guard row.count >= 4 else { return nil }
        var order = 0.0
        for (index, earlier) in row.enumerated() {
            for later in row[(index + 1)...] where later != earlier { order += later > earlier ? 1 : -1 }
        }
        let count = Double(row.count)
        let deviation = (count * (count - 1) * (2 * count + 5) / 18).squareRoot()
        // One step towards the middle: the sum is a whole number, the normal distribution is not.
        let distance = max(0, abs(order) - 1) / deviation
        return erfc(distance / 2.0.squareRoot())
    }

    /// How many figures to leave out at the beginning of a row, so that the rest has no trend: a warm-up is found, not
    /// assumed. Never more than a third.
    package static func lead(of row: [Double]) -> Int {
        (0...row.count / 3).first { (p(Array(row[$0...])) ?? 1) >= 0.05 } ?? row.count / 3
    }
}
