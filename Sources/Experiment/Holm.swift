import func Glibc.log2

/// Corrects the p-values of several figures, so that all of them together are wrong in at most 5 % of comparisons of
/// equal arms (Holm, 1979).
package enum Holm {
    /// In the order given. nil stays nil and does not count: a figure that no pair tells apart cannot get a verdict.
    package static func adjusted(_ values: [Double?]) -> [Double?] {
        let told = values.indices.filter { values[$0] != nil }.sorted { (values[$0] ?? 1) < (values[$1] ?? 1) }
        var adjusted = values
        var least = 0.0
        for (place, index) in told.enumerated() {
            least = max(least, min(1, (values[index] ?? 1) * Double(told.count - place)))
            adjusted[index] = least
        }
        return adjusted
    }

    /// The number of pairs with which the lowest of so many p-values can be at most 0.05 after the correction.
    package static func pairsNeeded(figures: Int) -> Int {
        let lowest = MetricComparison.significance / Double(max(1, figures))
        return Int((1 - log2(lowest)).rounded(.up))
    }
}
