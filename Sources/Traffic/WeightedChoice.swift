/// One entry of a weighted mix.
package struct WeightedChoice: Sendable {
    private var credits: [Double]
    private let weights: [Double]

    /// Entries are chosen in proportion to their weights; those with a weight of zero or less never are.
    package init(weights: [Double]) {
        self.weights = weights.map { max(0, $0) }
        credits = Array(repeating: 0, count: weights.count)
    }

    /// How often each entry occurs among the next `count`, computed without drawing them one by one.
    package mutating func next(_ count: Int) -> [Int] {
        let total = weights.reduce(0, +)
        guard total > 0 else { return weights.indices.map { $0 == 0 ? count : 0 } }
        var shares = weights.map { Int(Double(count) * ($0 / total)) }
        for _ in 0..<max(0, count - shares.reduce(0, +)) { shares[next()] += 1 }
        return shares
    }

    /// The next entry by smooth weighted round-robin, so that every part of the sequence has the proportions of the
    /// mix.
    package mutating func next() -> Int {
        var best = 0
        var total = 0.0
        for index in credits.indices {
            credits[index] += weights[index]
            total += weights[index]
            if credits[index] > credits[best] { best = index }
        }
        credits[best] -= total
        return best
    }
}
