import PoolModel
import Testing

@testable import Traffic

/// Several parts of one plan together send what one alone would have sent.
@Suite struct PlanShareTests {
    private static let start = Moment(nanoseconds: 7_000_000_001)
    private static let weights: [[Double]] = [[1], [45, 12, 15, 3, 10, 5, 10], [1, 1], [0.3, 0, 2.7]]

    /// One start of a plan.
    private struct Start: Comparable, Hashable {
        var time: Moment
        var target: Int

        static func < (left: Start, right: Start) -> Bool { (left.time, left.target) < (right.time, right.target) }
    }

    private static func steps(_ number: Int) -> [RateStep] {
        switch number % 3 {
        case 0: [.steady(1700)]
        case 1:
            [
                RateStep(duration: .milliseconds(150), from: 50, to: 4000),
                RateStep(duration: .milliseconds(100), from: 0, to: 0),
                RateStep(duration: .milliseconds(150), from: 900, to: 900),
            ]
        default: [RateStep(duration: .milliseconds(300), from: 3000, to: 10), .steady(10)]
        }
    }

    private static func starts(
        _ share: PlanShare?, seed: UInt64, _ arrivals: Arrivals, _ weights: [Double], limit: Int = .max
    ) -> PlannedStarts {
        let plan = ArrivalPlan(steps: steps(Int(seed)), arrivals: arrivals, seed: seed, startedAt: start)
        let requests = RequestSequence(weights: weights, share: share, seed: seed)
        var starts = PlannedStarts(plan, requests, share: share)
        starts.limit(to: limit, now: start)
        return starts
    }

    private static func take(_ starts: inout PlannedStarts, before seconds: Double, most: Int = .max) -> [Start] {
        var taken: [Start] = []
        while starts.next < start + .seconds(seconds), taken.count < most {
            let time = starts.next
            taken.append(Start(time: time, target: starts.take()))
        }
        return taken
    }

    private static func shares(of count: Int) -> [PlanShare] { (1...count).map { PlanShare(part: $0, of: count) } }

    @Test("The parts together have every start of the plan once, at its time and to its target")
    func partsTogetherAreThePlan() {
        for seed in UInt64(0)..<256 {
            let arrivals = Arrivals.allCases[Int(seed) % 3]
            let weights = Self.weights[Int(seed / 3) % 4]
            let count = [1, 2, 3, 4, 7, 10][Int(seed / 12) % 6]
            var whole = Self.starts(nil, seed: seed, arrivals, weights)
            let expected = Self.take(&whole, before: 0.45)
            let parts = Self.shares(of: count).map { share in
                var starts = Self.starts(share, seed: seed, arrivals, weights)
                return Self.take(&starts, before: 0.45)
            }
            #expect(parts.flatMap(\.self).sorted() == expected.sorted(), "seed \(seed)")
            #expect(expected.count > 100, "seed \(seed)")
        }
    }

    @Test("Each part has the mix of the whole, to one request of a target")
    func everyPartHasTheMix() {
        for seed in UInt64(0)..<256 {
            let weights = Self.weights[1]
            let parts = Self.shares(of: 4).map { share -> [Int] in
                var requests = RequestSequence(weights: weights, share: share, seed: seed)
                var counts = weights.map { _ in 0 }
                while let target = requests.nextOwn(limit: 1003) { counts[target] += 1 }
                return counts
            }
            for target in weights.indices {
                let counts = parts.map { $0[target] }
                #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "seed \(seed), target \(target)")
            }
        }
    }

    /// Requests that are sent together, and every tenth one in a mix of ten, must not all be those of one part.
    @Test("A part's places in the plan are in step with nothing", arguments: [2, 3, 4, 10, 100])
    func placesAreInStepWithNothing(parts: Int) {
        for part in [1, parts] {
            var requests = RequestSequence(
                weights: [1], share: PlanShare(part: part, of: parts), seed: UInt64(parts))
            var counts = [Int](repeating: 0, count: parts)
            let blocks = 20_000 / parts
            for number in 0..<blocks * parts where requests.next().isOwn { counts[number % parts] += 1 }
            #expect(counts.reduce(0, +) == blocks)
            let expected = Double(blocks) / Double(parts)
            for count in counts { #expect(abs(Double(count) - expected) < 6 * expected.squareRoot() + 1) }
        }
    }

    @Test("A number of requests is divided exactly, with the same targets as those of one run")
    func requestsAreDividedExactly() {
        for seed in UInt64(0)..<256 {
            let (arrivals, weights) = (Arrivals.allCases[Int(seed) % 3], Self.weights[Int(seed / 3) % 4])
            let limit = [1, 2, 3, 17, 100][Int(seed) % 5]
            var whole = Self.starts(nil, seed: seed, arrivals, weights)
            let expected = Self.take(&whole, before: 1e6, most: limit)
            var together: [Start] = []
            for share in Self.shares(of: 3) {
                var starts = Self.starts(share, seed: seed, arrivals, weights, limit: limit)
                together += Self.take(&starts, before: 1e6)
                #expect(starts.isOver && starts.next == .never, "seed \(seed)")
            }
            #expect(together.sorted() == expected.sorted() && expected.count == limit, "seed \(seed)")
        }
    }

    @Test("A closed loop's requests are those of one run, divided")
    func closedLoopIsDivided() {
        for seed in UInt64(0)..<256 {
            let weights = Self.weights[Int(seed) % 4]
            let limit = [1, 5, 64, 999][Int(seed) % 4]
            func counts(_ share: PlanShare?) -> [Int] {
                var requests = RequestSequence(weights: weights, share: share, seed: seed)
                var counts = weights.map { _ in 0 }
                if share == nil {
                    for _ in 0..<limit { counts[requests.next().target] += 1 }
                } else {
                    while let target = requests.nextOwn(limit: limit) { counts[target] += 1 }
                }
                return counts
            }
            let parts = Self.shares(of: 5).map { counts($0) }
            let sum = weights.indices.map { target in parts.reduce(0) { $0 + $1[target] } }
            #expect(sum == counts(nil), "seed \(seed)")
        }
    }

    /// The parts wake up at other times than one run does, and look ahead by different lengths.
    @Test("A change of the rate moves the starts of all parts alike")
    func rateChangesMoveAllAlike() {
        for seed in UInt64(0)..<256 {
            let (arrivals, weights) = (Arrivals.allCases[Int(seed) % 3], Self.weights[Int(seed / 3) % 4])
            func all(_ share: PlanShare?) -> [Start] {
                var starts = Self.starts(share, seed: seed, arrivals, weights)
                var taken: [Start] = []
                for (time, factor) in [(0.0311, 3.0), (0.1003, 0.0), (0.1507, 0.5), (0.2509, 2.0)] {
                    taken += Self.take(&starts, before: time)
                    starts.setFactor(factor, now: Self.start + .seconds(time))
                }
                return taken + Self.take(&starts, before: 0.45)
            }
            let parts = Self.shares(of: 4).map { all($0) }
            #expect(parts.flatMap(\.self).sorted() == all(nil).sorted(), "seed \(seed)")
        }
    }

    @Test("After a gap a part misses its own requests only, and agrees with the others again")
    func gapsMissOnlyOwnRequests() {
        for seed in UInt64(0)..<256 {
            let (arrivals, weights) = (Arrivals.allCases[Int(seed) % 3], Self.weights[Int(seed / 3) % 4])
            let resumed = Self.start + .seconds(0.27)
            var whole = Self.starts(nil, seed: seed, arrivals, weights)
            let expected = Self.take(&whole, before: 0.45)
            var together: [Start] = []
            for share in Self.shares(of: 3) {
                var running = Self.starts(share, seed: seed, arrivals, weights)
                let all = Self.take(&running, before: 0.45)
                guard share.part == 2 else {
                    together += all
                    continue
                }
                var stopped = Self.starts(share, seed: seed, arrivals, weights)
                let before = Self.take(&stopped, before: 0.1)
                let skipped = stopped.skip(before: resumed)
                let after = Self.take(&stopped, before: 0.45)
                let missed = all.filter { $0.time >= Self.start + .seconds(0.1) && $0.time < resumed }
                #expect(skipped == weights.indices.map { target in missed.count { $0.target == target } })
                #expect(before + missed + after == all, "seed \(seed)")
                together += before + missed + after
            }
            #expect(together.sorted() == expected.sorted(), "seed \(seed)")
        }
    }

    @Test("Gaps of any length divide what they miss", arguments: [1, 999, 1_000_001, 50_000_007])
    func longGapsAreDivided(count: Int) {
        let weights = Self.weights[1]
        var sum = weights.map { _ in 0 }
        for share in Self.shares(of: 4) {
            var requests = RequestSequence(weights: weights, share: share, seed: 9)
            _ = requests.next()
            for (target, own) in requests.pass(count).enumerated() { sum[target] += own }
            #expect(requests.number == count + 1)
        }
        #expect(sum.reduce(0, +) == count)
        for (target, weight) in weights.enumerated() {
            #expect(abs(Double(sum[target]) - Double(count) * weight / 100) <= 7, "target \(target)")
        }
    }

    @Test("Requests passed one by one and all at once leave a part at the same place")
    func passingAtOnceIsPassingSingly() {
        for seed in UInt64(0)..<256 {
            let share = PlanShare(part: Int(seed) % 5 + 1, of: 5)
            var singly = ShareFilter(share, seed: seed, targets: 2)
            var atOnce = ShareFilter(share, seed: seed, targets: 2)
            for count in [3, 0, 1, 5, 23, 4] {
                let own = (0..<count).count { _ in singly.pass(1) }
                #expect(atOnce.pass(count, 1) == own, "seed \(seed)")
            }
            #expect((0..<50).map { _ in singly.pass(1) } == (0..<50).map { _ in atOnce.pass(1) })
        }
    }

    /// The warm-up of a run with a limit: the requests of all parts before `now` do not count.
    @Test("A limit counts from the end of the warm-up for all parts")
    func limitsCountFromTheWarmUp() {
        for seed in UInt64(0)..<64 {
            let now = Self.start + .seconds(0.05)
            var whole = Self.starts(nil, seed: seed, .poisson, Self.weights[1])
            _ = Self.take(&whole, before: 0.05)
            let expected = Self.take(&whole, before: 1e6, most: 41)
            var together: [Start] = []
            for share in Self.shares(of: 4) {
                var starts = Self.starts(share, seed: seed, .poisson, Self.weights[1])
                _ = Self.take(&starts, before: 0.05)
                starts.limit(to: 41, now: now)
                together += Self.take(&starts, before: 1e6)
            }
            #expect(together.sorted() == expected.sorted(), "seed \(seed)")
        }
    }

    @Test("The parts of a number add up to it", arguments: [0, 1, 3, 64, 1000, Int.max])
    func partsAddUp(whole: Int) {
        for count in [1, 2, 3, 7] {
            let parts = Self.shares(of: count).map { $0.part(of: whole) }
            #expect(parts.reduce(0, +) == whole && (parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
        }
    }

    @Test("The rates of the parts add up to the rate of the plan")
    func ratesAddUp() {
        let whole = Self.starts(nil, seed: 1, .constant, [1]).rate(at: Self.start + .seconds(0.1))
        let parts = Self.shares(of: 4).map {
            Self.starts($0, seed: 1, .constant, [1]).rate(at: Self.start + .seconds(0.1))
        }
        #expect(abs(parts.reduce(0, +) - whole) < 1e-6 && whole > 0)
    }
}
