import PoolModel

/// Tells the requests of one part of a plan from those of the other parts.
///
/// Every part has exactly one of each `of` consecutive requests to a target, so that each has the mix of the whole. Its
/// place among them is drawn anew each time. A fixed place would be in step with the mix or with the steps of the plan,
/// and one part would have all that is sent together. The draw depends on nothing but the seed, the target and how many
/// requests it had before, so that the parts agree without knowing of each other, even after one of them was stopped.
struct ShareFilter: Sendable {
    /// The block of consecutive requests to one target in which the plan is.
    private struct Block: Sendable {
        var number = 0
        /// How many of its requests were passed.
        var passed = 0
        /// The place of this part's own.
        var own = 0
    }

    private let share: PlanShare
    private let seed: UInt64
    /// By target.
    private var blocks: [Block]

    init(_ share: PlanShare, seed: UInt64, targets: Int) {
        self.share = share
        self.seed = seed
        blocks = Array(repeating: Block(), count: targets)
        for target in blocks.indices { blocks[target].own = place(target, 0) }
    }

    /// Passes the next request to a target; true if it is this part's own.
    mutating func pass(_ target: Int) -> Bool {
        let isOwn = blocks[target].passed == blocks[target].own
        blocks[target].passed += 1
        if blocks[target].passed == share.of { begin(target, blocks[target].number + 1) }
        return isOwn
    }

    /// Passes many requests to a target; returns how many of them are this part's own.
    mutating func pass(_ count: Int, _ target: Int) -> Int {
        let block = blocks[target]
        let (whole, rest) = (block.passed + count).quotientAndRemainder(dividingBy: share.of)
        var own = whole - (block.own < block.passed ? 1 : 0)
        if whole > 0 { begin(target, block.number + whole) }
        blocks[target].passed = rest
        if blocks[target].own < rest { own += 1 }
        return own
    }

    private mutating func begin(_ target: Int, _ number: Int) {
        blocks[target] = Block(number: number, own: place(target, number))
    }

    /// The place of this part in a block, in a random order of all parts (Fisher and Yates) in which only the place of this
    /// one is followed.
    private func place(_ target: Int, _ number: Int) -> Int {
        var mixed = SplitMix64(seed: seed ^ 0x7368_6172_6520_6F66)
        let base = mixed.next() &+ UInt64(target) &* 0xD1B5_4A32_D192_ED03 &+ UInt64(number) &* 0x8CB9_2BA7_2F3D_8DD7
        var random = SplitMix64(seed: base)
        var place = share.part - 1
        for last in stride(from: share.of - 1, to: 0, by: -1) {
            let other = Int(random.next() % UInt64(last + 1))
            if place == last { place = other } else if place == other { place = last }
        }
        return place
    }
}
