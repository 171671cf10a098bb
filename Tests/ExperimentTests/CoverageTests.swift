import Foundation
import PoolModel
import Testing

@testable import Experiment

/// Whether intervals hold the truth, and verdicts err, as often as they say: many experiments on made-up windows.
///
/// `POOLTOP_COVERAGE_RUNS` sets the number of experiments of each kind (`Benchmarks/coverage` makes it large). The seeds are
/// fixed, so the limits allow for one standard deviation of so many runs on top of what is promised, and no more.
@Suite struct CoverageTests {
    private static let runs =
        ProcessInfo.processInfo.environment["POOLTOP_COVERAGE_RUNS"].flatMap { Int($0) } ?? 300

    /// The standard deviation of a share near 5 %.
    private static let leeway = (0.05 * 0.95 / Double(runs)).squareRoot()

    /// How the logarithm of a figure varies from window to window, whichever arm is in force.
    enum Noise: String, CaseIterable, Sendable {
        case normal, logNormal, autocorrelated, bursty, burstsInARow
        /// As long as AB BA, which a fixed order would take for an effect.
        case periodic
        case drift
    }

    private static func series(_ noise: Noise, _ count: Int, _ generator: inout SplitMix64) -> [Double] {
        var state = normal(&generator)
        let phase = 2 * Double.pi * generator.unit()
        return (0..<count).map { index in
            let own = 0.03 * normal(&generator)
            state = 0.9 * state + (1 - 0.81).squareRoot() * normal(&generator)
            switch noise {
            case .normal: return 0.1 * normal(&generator)
            case .logNormal: return log(0.5 + exp(0.8 * normal(&generator)))
            case .autocorrelated: return 0.1 * state
            case .bursty: return own + (generator.unit() < 0.05 ? 1 + generator.unit() : 0)
            case .burstsInARow: return own + (state > 1.3 ? 1 : 0)
            case .periodic: return own + 0.2 * sin(phase + Double(index) * .pi / 2)
            case .drift: return own + 0.01 * Double(index)
            }
        }
    }

    /// The windows of one experiment as pairs, in the order of arms that the plan draws.
    private static func pairs(
        _ noise: Noise, _ count: Int, seed: Int, _ generator: inout SplitMix64
    ) -> [(a: Double, b: Double)] {
        var plan = ExperimentPlan()
        plan.pairs = count
        plan.leadPairs = 0
        plan.seed = UInt64(seed)
        let windows = plan.windows(ofSession: 0)
        let values = series(noise, windows.count, &generator)
        return (0..<count).map { pair -> (a: Double, b: Double) in
            let (first, second) = (values[2 * pair], values[2 * pair + 1])
            return windows[2 * pair].arm == .a ? (a: first, b: second) : (a: second, b: first)
        }
    }

    private static func intervals(_ sessions: [Int], _ generator: inout SplitMix64) -> Intervals {
        Intervals(sessions: sessions, generator: &generator)
    }

    // MARK: Intervals

    @Test("Intervals of 95 % hold the truth in 93 to 97 % of experiments", arguments: Noise.allCases, [8, 10])
    func coverage(noise: Noise, pairs: Int) throws {
        var generator = SplitMix64(seed: 11)
        var held = 0
        for run in 0..<Self.runs {
            let logs = Self.pairs(noise, pairs, seed: run, &generator).map { $0.b - $0.a + 0.5 }
            let intervals = Self.intervals([Int](repeating: 0, count: pairs), &generator)
            if try #require(intervals.ofMean(logs).at95).contains(0.5) { held += 1 }
        }
        let share = Double(held) / Double(Self.runs)
        let limits = 0.93 - Self.leeway...0.97 + Self.leeway
        // The balanced order cancels a drift, which makes the interval wider than necessary.
        #expect(limits.contains(share) || noise == .drift && share > 0.93, "\(noise) \(pairs): \(share)")
    }

    @Test("Intervals over sessions hold the truth of a next session too", arguments: [4, 5, 8])
    func coverageOverSessions(sessions: Int) throws {
        var generator = SplitMix64(seed: 12)
        for isSkew in [false, true] {
            var held = 0
            for _ in 0..<(4 * Self.runs) {
                var logs: [Double] = []
                for _ in 0..<sessions {
                    let own = Self.normal(&generator)
                    // Half the deviation of a skew one is in the other direction.
                    let effect = isSkew ? 0.1 * (exp(0.5 * own) - exp(0.125)) : 0.1 * own
                    for _ in 0..<3 { logs.append(effect + 0.05 * Self.normal(&generator)) }
                }
                let intervals = Self.intervals((0..<3 * sessions).map { $0 / 3 }, &generator)
                if try #require(intervals.ofMean(logs).at95).contains(0) { held += 1 }
            }
            let share = Double(held) / Double(4 * Self.runs)
            #expect((0.93 - Self.leeway / 2...0.97 + Self.leeway / 2).contains(share), "\(sessions): \(share)")
        }
    }

    /// Fewer than three events a window: many windows have none, and the interval is often open to one side. Then it
    /// holds the truth more often than it says, never less.
    @Test("Intervals of rare events hold the truth at least as often as they say", arguments: [1.0, 0.5])
    func coverageOfCounts(ratio: Double) throws {
        var generator = SplitMix64(seed: 13)
        for burst in [1, 5] {
            var held = 0
            for _ in 0..<Self.runs {
                let pairs = (0..<10).map { _ in
                    (
                        a: Quotient(Double(burst * Self.poisson(2, &generator)), per: 2),
                        b: Quotient(Double(burst * Self.poisson(2 * ratio, &generator)), per: 2)
                    )
                }
                let comparison = MetricComparison(
                    pairs, intervals: Self.intervals([Int](repeating: 0, count: 10), &generator), equivalence: 0.05)
                if try #require(comparison.interval).contains(ratio) { held += 1 }
            }
            let share = Double(held) / Double(Self.runs)
            #expect(share >= 0.93 - Self.leeway, "bursts of \(burst): \(share)")
        }
    }

    // MARK: Verdicts

    /// The kinds of figures: how a window's value becomes one.
    enum Kind: String, CaseIterable, Sendable {
        case duration, manyEvents, fewEvents, oneBurst, reciprocal

        var metric: Metric {
            switch self {
            case .duration: .cpuSecondsPerRequest
            case .manyEvents, .fewEvents, .oneBurst: .dnsQueriesPerSecond
            case .reciprocal: .requestsPerConnection
            }
        }

        func quotient(_ value: Double, _ generator: inout SplitMix64) -> Quotient {
            switch self {
            case .duration: Quotient(exp(value), per: 1000)
            case .manyEvents: Quotient((200 * exp(value)).rounded(), per: 2)
            case .fewEvents: Quotient(Double(CoverageTests.poisson(exp(3 * value), &generator)), per: 2)
            case .oneBurst: Quotient(generator.unit() < 0.05 ? 40 : 0, per: 2)
            case .reciprocal: Quotient(1000, per: Double(CoverageTests.poisson(3 * exp(value), &generator)))
            }
        }
    }

    @Test("Equal arms get a false verdict in at most 5 % of experiments", arguments: Kind.allCases)
    func falseVerdicts(kind: Kind) {
        var generator = SplitMix64(seed: 14)
        for noise in [Noise.autocorrelated, .bursty, .periodic] {
            var wrong = 0
            for run in 0..<Self.runs {
                let pairs = Self.pairs(noise, 8, seed: run, &generator).map {
                    (a: kind.quotient($0.a, &generator), b: kind.quotient($0.b, &generator))
                }
                var comparison = MetricComparison(
                    pairs, metric: kind.metric,
                    intervals: Self.intervals([Int](repeating: 0, count: 8), &generator), equivalence: 0.05)
                comparison.decide(adjustedP: nil)
                if comparison.verdict == .lower || comparison.verdict == .higher { wrong += 1 }
            }
            let share = Double(wrong) / Double(Self.runs)
            #expect(share <= 0.05 + Self.leeway, "\(kind) \(noise): \(share)")
        }
    }

    /// Whole comparisons, with their warm-up, guard rails and correction, of windows whose figures move together.
    @Test("All headline figures together err in at most 5 % of experiments")
    func falseVerdictsOfTheHeadline() {
        var generator = SplitMix64(seed: 15)
        let runs = max(40, Self.runs / 8)
        var wrong = 0
        for run in 0..<runs {
            var plan = ExperimentPlan()
            plan.seed = UInt64(run)
            let windows = plan.windows(ofSession: 0)
            let machine = Self.series(.autocorrelated, windows.count, &generator)
            let bursts = Self.series(.bursty, windows.count, &generator)
            let samples = windows.indices.map { index in
                var sample = WindowSample(window: windows[index])
                (sample.seconds, sample.planned, sample.finished, sample.exchanges) = (2, 2000, 2000, 2000)
                sample.agentCPUSeconds = 0.1 * exp(machine[index])
                sample.connectionsOpened = Self.poisson(1, &generator)
                sample.dnsQueries = bursts[index] > 0.5 ? 12 : 0
                sample.responseP50 = 0.001 * exp(machine[index] + 0.02 * Self.normal(&generator))
                sample.responseP99 = 0.02 * exp(bursts[index])
                return sample
            }
            let comparison = Comparison(samples, plan: plan, capacity: CapacityPlan(), loops: 1, generator: &generator)
            let isWrong = Metric.headline.contains {
                comparison[$0]?.verdict == .lower || comparison[$0]?.verdict == .higher
            }
            if isWrong { wrong += 1 }
        }
        let share = Double(wrong) / Double(runs)
        #expect(share <= 0.05 + (0.05 * 0.95 / Double(runs)).squareRoot(), "\(share)")
    }

    // MARK: Chance

    private static func normal(_ generator: inout SplitMix64) -> Double {
        (-2 * log(1 - generator.unit())).squareRoot() * cos(2 * .pi * generator.unit())
    }

    fileprivate static func poisson(_ mean: Double, _ generator: inout SplitMix64) -> Int {
        var (product, count) = (generator.unit(), 0)
        while product > exp(-mean) {
            product *= generator.unit()
            count += 1
        }
        return count
    }
}
