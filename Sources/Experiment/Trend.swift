import func Glibc.erfc

/// Mann and Kendall's test for a monotonic trend in a series.
package enum Trend {
    /// The two-sided probability that a series without a trend looks at least as ordered as this one; nil below four
    /// values.
    package static func p(_ row: [Double]) -> Double? {
        guard row.count >= 4 else { return nil }
        var order = 0.0
        for (index, earlier) in row.enumerated() {
            for later in row[(index + 1)...] where later != earlier { order += later > earlier ? 1 : -1 }
        }
        let count = Double(row.count)
        let deviation = (count * (count - 1) * (2 * count + 5) / 18).squareRoot()
        // A continuity correction by one step towards the mean, because the sum is an integer and the normal
        // distribution is continuous.
        let distance = max(0, abs(order) - 1) / deviation
        return erfc(distance / 2.0.squareRoot())
    }

    /// How many values to leave out at the beginning so that the rest has no trend. The warm-up is detected instead of
    /// assumed. Never more than a third.
    package static func lead(of row: [Double]) -> Int {
        (0...row.count / 3).first { (p(Array(row[$0...])) ?? 1) >= 0.05 } ?? row.count / 3
    }
}
