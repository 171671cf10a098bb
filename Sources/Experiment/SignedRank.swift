/// Wilcoxon's signed-rank test of paired differences.
package enum SignedRank {
    /// The two-sided probability that differences as far from a symmetry about zero come by chance. Exact: every way in
    /// which the signs could have fallen is counted, ties included (they share the middle of their ranks). Differences of
    /// zero say nothing and are left out. nil where none is left.
    package static func p(_ differences: [Double]) -> Double? {
        let told = differences.filter { $0 != 0 && $0.isFinite }
        guard !told.isEmpty else { return nil }
        let ranks = doubledRanks(told.map(abs))
        let total = ranks.reduce(0, +)
        let positive = zip(told, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        let extreme = min(positive, total - positive)
        // How likely each sum of the positive ranks is when each sign is a coin's.
        var chance = [Double](repeating: 0, count: total + 1)
        chance[0] = 1
        for rank in ranks {
            for sum in stride(from: total, through: 0, by: -1) {
                chance[sum] = 0.5 * (chance[sum] + (sum >= rank ? chance[sum - rank] : 0))
            }
        }
        return min(1, 2 * chance[0...extreme].reduce(0, +))
    }

    /// Twice the ranks, so that the middle between two of them is a whole number.
    private static func doubledRanks(_ sizes: [Double]) -> [Int] {
        let order = sizes.indices.sorted { sizes[$0] < sizes[$1] }
        var ranks = [Int](repeating: 0, count: sizes.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, sizes[order[end + 1]] == sizes[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = start + end + 2 }
            start = end + 1
        }
        return ranks
    }
}
