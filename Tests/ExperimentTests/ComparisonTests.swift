import Foundation
import PoolModel
import Testing

@testable import Experiment

/// Experiments that are made up, of which the answer is known.
@Suite struct ComparisonTests {
    /// Windows as an experiment with this many pairs would give them; `change` makes the arms differ.
    private static func samples(
        pairs: Int = 9, sessions: Int = 1, _ change: (inout WindowSample, inout SplitMix64) -> Void = { _, _ in }
    ) -> [WindowSample] {
        var plan = ExperimentPlan()
        plan.pairs = pairs
        plan.sessions = sessions
        var generator = SplitMix64(seed: 5)
        return (0..<sessions).flatMap { plan.windows(ofSession: $0) }.map { window in
            var sample = WindowSample(window: window)
            sample.seconds = 2
            sample.planned = 2000
            sample.finished = 2000
            sample.exchanges = 2000
            sample.connectionsOpened = 100
            sample.open = 20
            sample.dnsQueries = 10
            sample.bytes = 4_000_000
            sample.agentCPUSeconds = 0.1 * (1 + 0.02 * (generator.unit() - 0.5))
            sample.responseMean = 0.002
            sample.responseP50 = 0.001
            sample.responseP90 = 0.003
            sample.responseP99 = 0.02 * (1 + 0.4 * (generator.unit() - 0.5))
            sample.hosts = [
                HostSample(name: "one", exchanges: 1500, connectionsOpened: 90, openedToBusiestAddress: 90),
                HostSample(name: "two", exchanges: 500, connectionsOpened: 10, openedToBusiestAddress: 4),
            ]
            change(&sample, &generator)
            return sample
        }
    }

    private static func compare(
        _ samples: [WindowSample], _ capacity: CapacityPlan = CapacityPlan(), sessions: Int = 1
    ) -> Comparison {
        var plan = ExperimentPlan()
        plan.sessions = sessions
        var generator = SplitMix64(seed: 1)
        return Comparison(samples, plan: plan, capacity: capacity, loops: 1, generator: &generator)
    }

    @Test("Equal arms have no difference")
    func alikeArmsHaveNoDifference() throws {
        let comparison = Self.compare(Self.samples())
        #expect(comparison.isComparable && comparison.pairs == 9 && comparison.pairsLeftOut == 1)
        let cpu = try #require(comparison[.cpuSecondsPerRequest])
        #expect(cpu.verdict == .noDifference && cpu.interval?.contains(1) == true && cpu.pairs == 9)
        // Twenty per cent to and fro in nine pairs: not enough to say that there is none either.
        #expect(comparison[.responseP99]?.verdict == .undecided)
        #expect(comparison[.tcpSegmentsPerRequest] == nil)
    }

    @Test("A difference is detected with its size")
    func aDifferenceIsFoundAtItsSize() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                guard sample.window.arm == .b else { return }
                sample.agentCPUSeconds *= 0.5
                sample.connectionsOpened = 4
                sample.responseP50 = 0.0015
            })
        let cpu = try #require(comparison[.cpuSecondsPerRequest])
        #expect(cpu.verdict == .lower && cpu.method == .logRatio)
        let (ratio, a, b) = (try #require(cpu.ratio), try #require(cpu.a), try #require(cpu.b))
        #expect(abs(ratio - 0.5) < 0.02 && cpu.interval?.contains(0.5) == true && ratio == b / a)
        #expect(try #require(cpu.p) < 0.005)
        let reuse = try #require(comparison[.requestsPerConnection])
        #expect(reuse.verdict == .higher && isNear(reuse.ratio, 25) && isNear(reuse.a, 20) && isNear(reuse.b, 500))
        #expect(comparison[.responseP50]?.verdict == .higher)
    }

    /// Nothing seen in B is not nothing for ever: eighteen seconds without a query bound the rate at 3 ÷ 18 s.
    @Test("A figure that one arm never shows has a bound and no logarithm")
    func whatIsNeverSeenHasABoundAndNoLogarithm() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                if sample.window.arm == .b { (sample.dnsQueries, sample.connectionsOpened) = (0, 0) }
            })
        let dns = try #require(comparison[.dnsQueriesPerSecond])
        #expect(dns.method == .sums && dns.b == 0 && dns.ratio == 0 && dns.verdict == .lower)
        #expect(dns.interval?.low == 0)
        #expect(isNear(dns.interval?.high, 3 / 18.0 / 5))
        let reuse = try #require(comparison[.requestsPerConnection])
        #expect(reuse.b == nil && reuse.ratio == nil && reuse.verdict == .higher)
        #expect(try #require(reuse.interval).low > 100 && reuse.interval?.high == .infinity)
    }

    @Test("A figure that neither arm shows is undecided")
    func whatIsNeverSeenInEitherIsUndecided() throws {
        let comparison = Self.compare(Self.samples())
        let tls = try #require(comparison[.tlsHandshakesPerSecond])
        #expect(tls.a == 0 && tls.b == 0 && tls.ratio == nil && tls.p == nil && tls.verdict == .undecided)
    }

    @Test("Windows without events are summed")
    func someWindowsWithoutAnEventAreSummedUp() throws {
        let comparison = Self.compare(
            Self.samples { sample, generator in
                if sample.window.arm == .b { sample.dnsQueries = generator.unit() < 0.5 ? 0 : 2 }
            })
        let dns = try #require(comparison[.dnsQueriesPerSecond])
        #expect(dns.method == .sums && dns.verdict == .lower)
        let ratio = try #require(dns.ratio)
        #expect(ratio > 0 && dns.interval?.contains(ratio) == true)
    }

    /// A verdict of five pairs cannot be told from chance.
    @Test("Few pairs give no verdict")
    func fewPairsGiveNoVerdict() throws {
        let comparison = Self.compare(
            Self.samples(pairs: 5) { sample, _ in if sample.window.arm == .b { sample.agentCPUSeconds /= 3 } })
        #expect(!comparison.isComparable)
        #expect(comparison.guardRails.filter { !$0.passed }.map(\.kind) == [.pairs])
        #expect(comparison[.cpuSecondsPerRequest]?.verdict == .undecided)
        #expect(comparison[.cpuSecondsPerRequest]?.ratio != nil)
    }

    @Test(
        "If a guard rail fails, nothing is compared",
        arguments: [
            GuardRail.Kind.achievedRate, .errors, .agentCPU, .atRest, .noTrend,
        ])
    func pastAGuardRailNothingIsCompared(kind: GuardRail.Kind) throws {
        var pair = 0.0
        let samples = Self.samples { sample, _ in
            guard sample.window.arm == .b else { return }
            pair += 1
            switch kind {
            case .achievedRate: sample.finished = 1900
            case .errors: sample.failed = 40
            case .agentCPU: sample.agentCPUSeconds = 1.7
            case .atRest: sample.wasAtRest = pair < 4
            case .noTrend: sample.agentCPUSeconds *= pow(0.8, pair)
            case .pairs: break
            }
        }
        let comparison = Self.compare(samples)
        #expect(!comparison.isComparable)
        let failed = comparison.guardRails.filter { !$0.passed }.map(\.kind)
        #expect(failed == [kind])
        #expect(comparison.metrics.allSatisfy { $0.comparison.verdict == .undecided })
        #expect(comparison.hosts.allSatisfy { $0.connectionsPerSecond.verdict == .undecided })
    }

    @Test("A warm-up is excluded from every figure")
    func aWarmUpIsLeftOutOfEveryFigure() throws {
        let samples = Self.samples { sample, _ in
            if sample.window.arm == .b { sample.agentCPUSeconds *= 0.5 * (1 + max(0, 5 - Double(sample.window.pair))) }
        }
        let comparison = Self.compare(samples)
        #expect(comparison.isComparable && comparison.pairs < 9)
        #expect(comparison.pairs + comparison.pairsLeftOut == 10)
        #expect(comparison[.connectionsPerSecond]?.pairs == comparison.pairs)
    }

    @Test("Half a pair is not a pair")
    func halfAPairIsNoPair() {
        let all = Self.samples()
        #expect(Self.compare(Array(all.dropLast())).pairs == 8)
        #expect(Self.compare(Array(all.dropLast(2))).pairs == 8)
        #expect(Self.compare([]).pairs == 0)
        #expect(Self.compare([]).metrics.allSatisfy { $0.comparison.ratio == nil })
    }

    @Test("The same seed gives the same intervals")
    func theSameSeedGivesTheSameIntervals() {
        let samples = Self.samples()
        #expect(
            Self.compare(samples)[.responseP99]?.interval == Self.compare(samples)[.responseP99]?.interval)
    }

    @Test("Each host is compared separately")
    func hostsAreComparedEachForItself() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                if sample.window.arm == .b { sample.hosts[0].connectionsOpened = 9 }
            })
        #expect(comparison.hosts.map(\.name) == ["one", "two"])
        #expect(comparison.hosts[0].connectionsPerSecond.verdict == .lower)
        #expect(comparison.hosts[1].connectionsPerSecond.verdict == .noDifference)
        #expect(isNear(comparison.hosts[0].connectionsPerSecond.ratio, 0.1))
    }

    // MARK: Capacity

    @Test("The capacity is the figure per request times the rate")
    func capacityIsTheFigurePerRequestTimesTheRate() throws {
        var plan = CapacityPlan()
        plan.requestsPerSecond = 10_000
        let capacity = Self.compare(Self.samples(), plan).capacity
        let arm = try #require(capacity.a)
        let containers = try #require(arm.containers)
        // 50 us of the agent's and 500 us of its own, at 60 % of one core: 9.17.
        #expect(abs(containers.beforeRounding - 9.17) < 0.05 && containers.value == 10)
        #expect(containers.low == 10 && containers.high == 10)
        // 90 of 2,000 requests opened one to the same address, 10 of 2,000 sent a query, 100 opened one in all.
        #expect(isNear(arm.connectionsPerAddress, 450) && isNear(arm.dnsPackets, 50))
        let balancer = arm.loadBalancer
        #expect(isNear(balancer.units[.newConnections], 20))
        #expect(isNear(balancer.units[.activeConnections], (500 * 60 + 20) / 3000))
        #expect(isNear(balancer.units[.processedBytes], 72) && isNear(balancer.billed, 72))
        #expect(balancer.binding == .processedBytes)
    }

    @Test("The capacity is for the measured rate unless another is requested")
    func capacityIsForTheMeasuredRateUnlessAskedOtherwise() throws {
        let capacity = Self.compare(Self.samples()).capacity
        #expect(isNear(capacity.requestsPerSecond, 1000))
        #expect(Self.compare([]).capacity.a == nil)
    }
}

private func isNear(_ value: Double?, _ expected: Double) -> Bool {
    value.map { abs($0 - expected) < 1e-9 * max(1, abs(expected)) } ?? false
}
