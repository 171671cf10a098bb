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

    /// An interval that says 95 % has to hold the truth in about 95 of 100 experiments, and the plain bootstrap of nine
    /// pairs does in 90.
    @Test("The interval covers the true value as often as stated", arguments: [6, 9, 20])
    func theIntervalHoldsTheTruthAsOftenAsItSays(pairs: Int) throws {
        var generator = SplitMix64(seed: 11)
        var held = 0
        let experiments = 300
        for _ in 0..<experiments {
            let figures = (0..<pairs).map { _ in normal(&generator) }
            let resampling = Resampling(
                sessions: [Int](repeating: 0, count: pairs), count: 600, generator: &generator)
            let interval = try #require(
                resampling.spread { $0.reduce(0) { $0 + figures[$1] } / Double(pairs) }?.interval(confidence: 0.95))
            if interval.contains(0) { held += 1 }
        }
        let share = Double(held) / Double(experiments)
        #expect((0.91...0.99).contains(share), "\(pairs) pairs: \(share)")
    }

    /// Sessions that differ make an interval wide, however alike the pairs of each are.
    @Test("The interval is based on sessions")
    func sessionsAreWhatAnIntervalRestsOn() throws {
        var generator = SplitMix64(seed: 3)
        let figures = [1.0, 1.01, 0.99, 2, 2.01, 1.99, 3, 3.01, 2.99, 4, 4.01, 3.99]
        func width(_ sessions: [Int]) throws -> Double {
            let resampling = Resampling(sessions: sessions, generator: &generator)
            let interval = try #require(
                resampling.spread { $0.reduce(0) { $0 + figures[$1] } / Double($0.count) }?.interval(confidence: 0.95)
            )
            return interval.high - interval.low
        }
        let asOne = try width([Int](repeating: 0, count: 12))
        let asFour = try width([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(asFour > 1.4 * asOne)
    }

    @Test("A single figure has no interval")
    func oneFigureHasNoInterval() {
        var generator = SplitMix64(seed: 1)
        #expect(Resampling(sessions: [0], generator: &generator).spread { _ in 1 } == nil)
        #expect(Resampling(sessions: [], generator: &generator).spread { _ in 1 } == nil)
        let two = Resampling(sessions: [0, 0], generator: &generator)
        #expect(two.spread { _ in nil } == nil)
    }

    private func normal(_ generator: inout SplitMix64) -> Double {
        (-2 * log(1 - generator.unit())).squareRoot() * cos(2 * .pi * generator.unit())
    }
}
