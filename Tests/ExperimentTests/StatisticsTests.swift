import Foundation
import PoolModel
import Testing

@testable import Experiment

@Suite struct StatisticsTests {
    /// Critical values from the printed tables of the signed-rank test.
    static let signedRanks: [([Double], Double)] = [
        ([1, 2, 3, 4, 5], 0.0625), ([1, 2, 3, 4, 5, 6], 0.03125), ([1, 2, 3, 4, 5, 6, 7, 8, 9], 0.00390625),
        ([-1, 2, 3, 4, 5, 6, 7, 8], 0.015625), ([-1, -2, 3, 4, 5, 6, 7, 8], 0.0390625), ([-3, 3], 1),
        ([2, 2, 2, 2, 2, 2], 0.03125),
    ]

    @Test("The signed-rank test is exact", arguments: signedRanks)
    func signedRankIsExact(differences: [Double], p: Double) throws {
        #expect(abs(try #require(SignedRank.p(differences)) - p) < 1e-12)
        #expect(SignedRank.p(differences.map { -$0 }) == SignedRank.p(differences))
    }

    /// The same count the slow way: every one of the 2ⁿ ways in which the signs can fall.
    @Test("The signed-rank test agrees with enumerating all signs")
    func signedRankAgreesWithCountingAllSigns() throws {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<50 {
            let differences = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                Double(Int.random(in: -4...4, using: &generator))
            }
            let told = differences.filter { $0 != 0 }
            guard !told.isEmpty else {
                #expect(SignedRank.p(differences) == nil)
                continue
            }
            let ranks = told.map { one in
                let below = told.count { abs($0) < abs(one) }
                let same = told.count { abs($0) == abs(one) }
                return Double(below) + Double(same + 1) / 2
            }
            let total = ranks.reduce(0, +)
            func extremeness(_ isPositive: (Int) -> Bool) -> Double {
                let sum = ranks.indices.reduce(0.0) { $0 + (isPositive($1) ? ranks[$1] : 0) }
                return min(sum, total - sum)
            }
            let seen = extremeness { told[$0] > 0 }
            let ways = 1 << told.count
            let extreme = (0..<ways).count { signs in extremeness { signs & 1 << $0 != 0 } <= seen }
            #expect(abs(try #require(SignedRank.p(differences)) - Double(extreme) / Double(ways)) < 1e-9)
        }
    }

    @Test("Without differences there is no p-value")
    func nothingToldIsNoP() {
        #expect(SignedRank.p([]) == nil)
        #expect(SignedRank.p([0, 0, 0]) == nil)
        #expect(SignedRank.p([.nan, .infinity]) == nil)
    }

    @Test("A trend is detected")
    func aTrendIsFound() throws {
        #expect(try #require(Trend.p([1, 2, 3, 4, 5, 6, 7, 8, 9])) < 0.001)
        #expect(try #require(Trend.p([9, 8, 7, 6, 5, 4, 3, 2, 1])) < 0.001)
        #expect(try #require(Trend.p([5, 1, 8, 3, 9, 2, 7, 4, 6])) > 0.5)
        #expect(Trend.p([1, 2, 3]) == nil)
        #expect(Trend.p([2, 2, 2, 2, 2]) == 1)
    }

    @Test("Only the warm-up is left out")
    func aWarmUpIsLeftOutAndNoMoreThanThat() {
        #expect(Trend.lead(of: [5, 1, 8, 3, 9, 2, 7, 4, 6]) == 0)
        #expect(Trend.lead(of: [0.9, 0.8, 0.7, 0.5, 0.52, 0.49, 0.51, 0.5, 0.52, 0.5]) == 1)
        #expect(Trend.lead(of: [9, 8, 7, 6, 5, 4, 3, 2, 1]) == 3)
        #expect(Trend.lead(of: []) == 0)
    }

    /// Exactly those true values are inside of which the sign-flip test, which counts every way in which the signs can
    /// fall, is not significant.
    @Test("The interval is the inversion of the sign-flip test")
    func intervalInvertsTheTest() throws {
        var generator = SplitMix64(seed: 11)
        for pairs in 6...9 {
            let values = (0..<pairs).map { _ in generator.unit() - 0.3 }
            let interval = try #require(
                Intervals(sessions: [Int](repeating: 0, count: pairs), generator: &generator)
                    .of(values.map { SIMD4($0, 1, 0, 0) }) { $0.x / $0.y }.at95)
            for step in -40...40 {
                let truth = Double(step) / 41
                let rests = values.map { $0 - truth }
                let seen = abs(rests.reduce(0, +))
                let ways = 1 << pairs
                let extreme = (0..<ways).count { signs in
                    abs(rests.indices.reduce(0) { $0 + (signs & 1 << $1 != 0 ? rests[$1] : -rests[$1]) }) >= seen
                        - 1e-12
                }
                #expect(interval.contains(truth) == (Double(extreme) / Double(ways) > 0.05), "\(pairs) \(truth)")
            }
        }
    }

    @Test("Too few pairs have no interval")
    func tooFewPairs() throws {
        var generator = SplitMix64(seed: 1)
        let five = Intervals(sessions: [0, 0, 0, 0, 0], generator: &generator).ofMean([1, 2, 3, 4, 5])
        #expect(five.at95 == nil && five.at90 == Interval(low: 1, high: 5))
        let six = Intervals(sessions: [0, 0, 0, 0, 0, 0], generator: &generator).ofMean([1, 2, 3, 4, 5, 6])
        #expect(six.at95 == Interval(low: 1, high: 6))
        #expect(Intervals(sessions: [], generator: &generator).ofMean([]).at95 == nil)
    }

    @Test("Many pairs are drawn from, with nearly the same result")
    func manyPairs() throws {
        var generator = SplitMix64(seed: 2)
        let values = (0..<40).map { Double(3 * $0 % 8) }
        let interval = try #require(
            Intervals(sessions: [Int](repeating: 0, count: 40), generator: &generator).ofMean(values).at95)
        // Student's t: 3.5 ± 0.74.
        #expect(abs(interval.low - 2.76) < 0.1 && abs(interval.high - 4.24) < 0.1)
    }

    @Test("Neighbours that are alike count as fewer pairs")
    func effectivePairs() {
        var generator = SplitMix64(seed: 2)
        let intervals = Intervals(sessions: [Int](repeating: 0, count: 10), generator: &generator)
        let rising = intervals.ofMean([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        let mixed = intervals.ofMean([1, 10, 2, 9, 3, 8, 4, 7, 5, 6])
        #expect(rising.effectivePairs < 3 && mixed.effectivePairs == 10)
        #expect((rising.at95?.high ?? 0) > (mixed.at95?.high ?? 0))
    }

    @Test("Holm corrects for the number of figures")
    func holm() {
        #expect(Holm.adjusted([0.01, 0.04, nil, 0.03]) == [0.03, 0.06, nil, 0.06])
        #expect(Holm.adjusted([nil, 0.5, 0.9]) == [nil, 1, 1])
        #expect([1, 2, 3, 5, 10].map(Holm.pairsNeeded) == [6, 7, 7, 8, 9])
    }

    @Test("Student's t is that of the tables")
    func studentT() {
        for (freedom, at95, at90) in [(1, 12.706, 6.314), (3, 3.182, 2.353), (15, 2.131, 1.753), (60, 2.000, 1.671)] {
            #expect(abs(StudentT.quantile(confidence: 0.95, freedom: freedom) - at95) < 0.001)
            #expect(abs(StudentT.quantile(confidence: 0.9, freedom: freedom) - at90) < 0.001)
        }
    }

    /// Sessions that differ make an interval wide, however alike the pairs of each are.
    @Test("The interval is based on sessions")
    func sessionsAreWhatAnIntervalRestsOn() throws {
        var generator = SplitMix64(seed: 3)
        let figures = [1.0, 1.01, 0.99, 2, 2.01, 1.99, 3, 3.01, 2.99, 4, 4.01, 3.99]
        func width(_ sessions: [Int]) throws -> Double {
            let interval = try #require(
                Intervals(sessions: sessions, generator: &generator)
                    .of(figures.map { SIMD4($0, 1, 0, 0) }) { $0.x / $0.y }.at95)
            return interval.high - interval.low
        }
        let asOne = try width([Int](repeating: 0, count: 12))
        let asFour = try width([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(asFour > 1.4 * asOne)
    }

    /// Four sessions with and without connections: the upper bound stays finite where A surely has some.
    @Test("A ratio over sessions may have zeros")
    func ratioOverSessions() throws {
        var generator = SplitMix64(seed: 3)
        let intervals = Intervals(sessions: [0, 1, 2, 3], generator: &generator)
        let some = try #require(intervals.ofRatio([(10, 1), (11, 0), (9, 0), (10, 1)]).at95)
        #expect(some.low == 0 && some.high > 0.05 && some.high < 0.5)
        #expect(intervals.ofRatio([(10, 1), (0, 0), (0, 0), (0, 1)]).at95 == Interval(low: 0, high: .infinity))
    }
}
