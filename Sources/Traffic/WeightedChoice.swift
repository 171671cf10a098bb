/// One entry of a weighted mix.
package struct WeightedChoice: Sendable {
    private var credits: [Double]
    private let weights: [Double]

    /// Weights above zero are used in proportion; others never.
    package init(weights: [Double]) {
        self.weights = weights.map { max(0, $0) }
        credits = Array(repeating: 0, count: weights.count)
    }

    /// The next entry: smooth weighted round-robin, so that any stretch of the sequence has the mix's proportions.
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
