package import PoolModel

/// The targets of a plan's requests, one after the other, and which of the requests are this part's own.
package struct RequestSequence: Sendable {
    private var choice: WeightedChoice
    private let hasOneTarget: Bool
    /// nil: the plan is not shared, and every request is its own.
    private var filter: ShareFilter?
    /// How many requests were passed, those of other parts included.
    package private(set) var number = 0

    /// Requests of other parts that are passed one by one. Beyond that the mix of those that are missed in one gap is exact,
    /// and their order is not.
    private static let maxPassedSingly = 1_000_000

    package init(weights: [Double], share: PlanShare?, seed: UInt64) {
        choice = WeightedChoice(weights: weights)
        hasOneTarget = weights.count == 1
        filter = share.map { ShareFilter($0, seed: seed, targets: weights.count) }
    }

    var isShared: Bool { filter != nil }

    package mutating func next() -> (target: Int, isOwn: Bool) {
        let target = hasOneTarget ? 0 : choice.next()
        number += 1
        guard filter != nil else { return (target, true) }
        return (target, filter?.pass(target) ?? true)
    }

    /// The target of this part's next request; nil if the plan has no more than `limit` requests and none of the rest is its
    /// own.
    package mutating func nextOwn(limit: Int) -> Int? {
        guard filter != nil else { return next().target }
        while number < limit {
            let (target, isOwn) = next()
            if isOwn { return target }
        }
        return nil
    }

    /// Passes many requests; returns how many of them are this part's own, by target.
    package mutating func pass(_ count: Int) -> [Int] {
        guard var filter else {
            number += count
            return choice.next(count)
        }
        var own = choice.next(0)
        let singly = min(count, Self.maxPassedSingly)
        for _ in 0..<singly {
            let target = hasOneTarget ? 0 : choice.next()
            if filter.pass(target) { own[target] += 1 }
        }
        if count > singly {
            for (target, part) in choice.next(count - singly).enumerated() { own[target] += filter.pass(part, target) }
        }
        self.filter = filter
        number += count
        return own
    }
}
