import Testing
import Traffic

@Suite struct WeightedChoiceTests {
    @Test("A whole round has exactly the mix's proportions")
    func aWholeRoundHasTheMixExactly() {
        var choice = WeightedChoice(weights: [45, 12, 15, 3, 10, 5, 10])
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<100 { counts[choice.next()] += 1 }
        #expect(counts == [45, 12, 15, 3, 10, 5, 10])
    }

    @Test("Any part of the sequence has roughly the mix's proportions")
    func anyStretchHasTheMixRoughly() {
        var choice = WeightedChoice(weights: [5, 3, 2])
        let sequence = (0..<10_000).map { _ in choice.next() }
        for start in stride(from: 0, to: 9_900, by: 37) {
            let firsts = sequence[start..<start + 20].count { $0 == 0 }
            #expect((9...11).contains(firsts))
        }
    }

    @Test("A weight of zero is never chosen")
    func aWeightOfZeroIsNeverChosen() {
        var choice = WeightedChoice(weights: [0, 1, -2])
        #expect((0..<100).allSatisfy { _ in choice.next() == 1 })
    }

    @Test("Many draws at once have the mix's proportions", arguments: [0, 1, 7, 1000, 1_000_003])
    func manyAtOnce(count: Int) {
        var choice = WeightedChoice(weights: [3, 1, 0, 1])
        let shares = choice.next(count)
        #expect(shares.reduce(0, +) == count && shares[2] == 0)
        #expect(abs(shares[0] - count * 3 / 5) <= 1 && abs(shares[1] - count / 5) <= 1)
    }
}
