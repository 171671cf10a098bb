/// Wilcoxon's signed-rank test of paired differences.
package enum SignedRank {
    /// The two-sided probability that differences at least this asymmetric about zero occur by chance; nil if all are
    /// zero. Exact: every combination of signs is counted, including ties, which share the mean of their ranks.
    /// Differences of zero carry no information and are left out.
    package static func p(_ differences: [Double]) -> Double? {
        let told = differences.filter { $0 != 0 && $0.isFinite }
        guard !told.isEmpty else { return nil }
        let ranks = doubledRanks(told.map(abs))
        let total = ranks.reduce(0, +)
        let positive = zip(told, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        let extreme = min(positive, total - positive)
        // The distribution of the sum of positive ranks if each sign is decided by a coin toss.
        var chance = [Double](repeating: 0, count: total + 1)
        chance[0] = 1
        for rank in ranks {
            for sum in stride(from: total, through: 0, by: -1) {
                chance[sum] = 0.5 * (chance[sum] + (sum >= rank ? chance[sum - rank] : 0))
            }
        }
        return min(1, 2 * chance[0...extreme].reduce(0, +))
    }

    /// Twice the ranks, so that the mean of two ranks is an integer.
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
