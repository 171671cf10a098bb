import Foundation
import PoolModel
import Testing

@testable import Experiment

/// Experiments that are made up, of which the answer is known.
@Suite struct ComparisonTests {
    /// Windows as an experiment with this many pairs would give them; `change` makes the arms differ.
    private static func samples(
        pairs: Int = 10, sessions: Int = 1, _ change: (inout WindowSample, inout SplitMix64) -> Void = { _, _ in }
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
        #expect(comparison.isComparable && comparison.pairs == 10 && comparison.pairsLeftOut == 1)
        let cpu = try #require(comparison[.cpuSecondsPerRequest])
        #expect(cpu.verdict == .noDifference && cpu.interval?.contains(1) == true && cpu.pairs == 10)
        // Twenty per cent to and fro in ten pairs: not enough to say that there is none either.
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

    /// Nothing seen in B is not nothing for ever: twenty seconds without a query bound the rate at 3 ÷ 20 s, if A's
    /// queries are independent.
    @Test("A figure that one arm never shows has a bound and no logarithm")
    func whatIsNeverSeenHasABoundAndNoLogarithm() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                if sample.window.arm == .b { (sample.dnsQueries, sample.connectionsOpened) = (0, 0) }
            })
        let dns = try #require(comparison[.dnsQueriesPerSecond])
        #expect(dns.method == .sums && dns.b == 0 && dns.ratio == 0 && dns.verdict == .lower)
        #expect(dns.interval?.low == 0)
        #expect(isNear(dns.interval?.high, 3 / 20.0 / 5))
        let reuse = try #require(comparison[.requestsPerConnection])
        #expect(reuse.b == nil && reuse.ratio == nil && reuse.verdict == .higher)
        #expect(try #require(reuse.interval).low > 100 && reuse.interval?.high == .infinity)
    }

    @Test("A figure that neither arm shows is undecided")
    func whatIsNeverSeenInEitherIsUndecided() throws {
        let comparison = Self.compare(Self.samples())
        let tls = try #require(comparison[.tlsHandshakesPerSecond])
        #expect(tls.interval == nil)
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

    /// With five pairs p cannot be below 0.06, and with seven not low enough for five headline figures at once.
    @Test("Few pairs leave figures undecided, and it is said how many would do", arguments: [5, 7])
    func fewPairsGiveNoVerdict(pairs: Int) throws {
        let comparison = Self.compare(
            Self.samples(pairs: pairs) { sample, _ in
                guard sample.window.arm == .b else { return }
                sample.agentCPUSeconds /= 3
                sample.connectionsOpened /= 2
                sample.dnsQueries *= 2
                sample.responseP50 = 0.002
                sample.responseP99 = 0.2
                sample.responseP90 = 0.1
            })
        #expect(comparison.isComparable && comparison.pairsNeeded == 8)
        #expect(comparison.guardRails.filter { !$0.passed }.map(\.kind) == [.pairs])
        #expect(comparison[.cpuSecondsPerRequest]?.verdict == .undecided)
        #expect(comparison[.cpuSecondsPerRequest]?.ratio != nil)
        #expect(comparison[.responseP90]?.verdict == (pairs < 6 ? .undecided : .higher))
    }

    // MARK: Rare events

    /// Seven events of one burst are one event: totals of 7 and 0 alone prove nothing.
    @Test("A single burst gives no verdict")
    func oneBurst() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                sample.dnsQueries = sample.window.arm == .b && sample.window.pair == 4 ? 7 : 0
            })
        let dns = try #require(comparison[.dnsQueriesPerSecond])
        #expect(dns.p == 1 && dns.verdict == .undecided)
        // One pair of ten differs, and seven have to, because three headline figures vary.
        #expect(dns.tellingPairs == 1 && dns.pairsNeeded == 70)
    }

    @Test("The bound for events that were never seen takes bursts into account")
    func unseenBursts() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                sample.dnsQueries = sample.window.arm == .a && sample.window.pair.isMultiple(of: 2) ? 20 : 0
            })
        let dns = try #require(comparison[.dnsQueriesPerSecond])
        #expect(dns.verdict == .undecided && dns.b == 0)
        // Variance ÷ mean of five windows with 20 and five with none: 11.1 events a burst, three bursts of 100 events.
        #expect(try #require(dns.interval).high >= 0.33)
    }

    @Test("A difference that is certain and too small to matter is no difference")
    func equivalenceOutranks() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in if sample.window.arm == .b { sample.bytes += sample.window.pair + 4000 } })
        let bytes = try #require(comparison[.bytesPerRequest])
        #expect(try #require(bytes.interval).low > 1 && #require(bytes.p) < 0.05)
        #expect(bytes.verdict == .noDifference)
    }

    @Test("Headline figures are corrected for their number, others are not")
    func correction() throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in if sample.window.arm == .b { sample.agentCPUSeconds /= 2 } })
        let cpu = try #require(comparison[.cpuSecondsPerRequest])
        // CPU and p99 are the headline figures that vary at all.
        #expect(try #require(cpu.adjustedP) == 2 * #require(cpu.p) && cpu.verdict == .lower)
        #expect(comparison[.responseP90]?.adjustedP == nil)
        // None of the other figures varies.
        #expect(comparison.expectedFalseVerdicts == 0)
    }

    // MARK: Sessions

    @Test("Two or three sessions give no verdicts, four do", arguments: [2, 3, 4])
    func fewSessions(sessions: Int) throws {
        let comparison = Self.compare(
            Self.samples(pairs: 12, sessions: sessions) { sample, _ in
                if sample.window.arm == .b { sample.agentCPUSeconds /= 2 }
            }, sessions: sessions)
        #expect(comparison.isComparable && comparison.sessions == sessions)
        #expect(comparison.hasTooFewSessions == (sessions < 4))
        #expect(comparison[.cpuSecondsPerRequest]?.verdict == (sessions < 4 ? .undecided : .lower))
        #expect(comparison[.cpuSecondsPerRequest]?.interval != nil)
    }

    // MARK: Faults

    @Test("A faulty pair is set aside and does not spoil the rest", arguments: WindowFault.allCases)
    func oneFault(fault: WindowFault) throws {
        let comparison = Self.compare(
            Self.samples { sample, _ in
                if sample.window.arm == .b { sample.agentCPUSeconds /= 2 }
                guard sample.window.pair == 4, sample.window.arm == .b else { return }
                switch fault {
                case .length: sample.seconds = 2.4
                case .achievedRate: sample.finished = 1200
                case .errors: sample.failed = 600
                case .agentCPU: sample.agentCPUSeconds = 1.9
                case .atRest: sample.wasAtRest = false
                case .unsteadyTraffic: sample.expectedPerSecond = 2 * Double(sample.finished) / sample.seconds
                }
            })
        #expect(comparison.isComparable && comparison.pairs == 9 && comparison.pairsSetAside == 1)
        #expect(comparison.pairsLeftOut == 1)
        #expect(comparison.faults.count == 1 && comparison.faults[0] == (fault, 0, 1))
        #expect(comparison[.cpuSecondsPerRequest]?.verdict == .lower)
    }

    @Test("Faults in one arm are part of its effect, and so are not set aside")
    func faultsInOneArm() throws {
        func samples(_ arms: [Int: Arm]) -> [WindowSample] {
            Self.samples(pairs: 13) { sample, _ in
                if arms[sample.window.pair] == sample.window.arm { sample.failed = 600 }
            }
        }
        let oneArm = Self.compare(samples([2: .b, 5: .b, 9: .b]))
        #expect(!oneArm.isComparable)
        #expect(oneArm.guardRails.first { $0.kind == .faultsInOneArm }?.passed == false)
        // The figures of all pairs are shown.
        #expect(oneArm.pairs == 13 && oneArm[.errorRate]?.b ?? 0 > 0.01)
        #expect(Self.compare(samples([2: .b, 5: .a, 9: .b])).isComparable)
        #expect(!Self.compare(samples([2: .b, 5: .a, 9: .b, 10: .a])).isComparable)
    }

    @Test("The variation of single windows is not a fault")
    func noFault() {
        var sample = WindowSample(window: PlannedWindow(session: 0, pair: 1, arm: .a, counts: true))
        func faults() -> [WindowFault] { WindowFault.all(in: sample, window: .seconds(2), loops: 1) }
        (sample.seconds, sample.planned, sample.finished, sample.failed) = (2, 100, 98, 2)
        #expect(faults() == [])
        sample.finished = 96
        #expect(faults() == [.achievedRate])
        (sample.planned, sample.finished, sample.responseMean) = (2000, 1960, 0.1)
        #expect(faults() == [])
        sample.finished = 2100
        #expect(faults() == [.achievedRate])
    }

    @Test("Nothing is computed for a target that is down")
    func deadTarget() {
        let comparison = Self.compare(Self.samples { sample, _ in sample.failed = sample.finished })
        #expect(comparison.isTargetDown && !comparison.isComparable)
        #expect(comparison.metrics.isEmpty && comparison.hosts.isEmpty && comparison.capacity.a == nil)
    }

    @Test(
        "If a guard rail fails, nothing is compared",
        arguments: [
            GuardRail.Kind.achievedRate, .errors, .agentCPU, .atRest, .noTrend,
        ])
    func pastAGuardRailNothingIsCompared(kind: GuardRail.Kind) throws {
        var pair = 0.0
        let samples = Self.samples { sample, _ in
            // The first half of the pairs has its fault in A, so that no arm has more.
            guard sample.window.arm == (sample.window.pair > 5 ? .b : .a) || kind == .noTrend else { return }
            pair += 1
            switch kind {
            case .achievedRate: sample.finished = 1900
            case .errors: sample.failed = 100
            case .agentCPU: sample.agentCPUSeconds = 1.9
            case .atRest: sample.wasAtRest = pair < 4
            case .noTrend: sample.agentCPUSeconds *= sample.window.arm == .b ? pow(0.8, pair) : 1
            case .pairs, .setAside, .faultsInOneArm: break
            }
        }
        let comparison = Self.compare(samples)
        #expect(!comparison.isComparable)
        let failed = Set(comparison.guardRails.filter { !$0.passed }.map(\.kind))
        // Half of the windows are sound, so that the mean of all may be within a limit.
        let isOnAverage = kind == .agentCPU || kind == .atRest
        #expect(failed.contains(kind) || isOnAverage && failed.contains(.setAside), "\(failed)")
        #expect(comparison.metrics.allSatisfy { $0.comparison.verdict == .undecided })
        #expect(comparison.hosts.allSatisfy { $0.connectionsPerSecond.verdict == .undecided })
    }

    @Test("A warm-up is excluded from every figure")
    func aWarmUpIsLeftOutOfEveryFigure() throws {
        let samples = Self.samples { sample, _ in
            if sample.window.arm == .b { sample.agentCPUSeconds *= 0.5 * (1 + max(0, 5 - Double(sample.window.pair))) }
        }
        let comparison = Self.compare(samples)
        #expect(comparison.isComparable && comparison.pairs < 10)
        #expect(comparison.pairs + comparison.pairsLeftOut == 11)
        #expect(comparison[.connectionsPerSecond]?.pairs == comparison.pairs)
    }

    @Test("Half a pair is not a pair")
    func halfAPairIsNoPair() {
        let all = Self.samples()
        #expect(Self.compare(Array(all.dropLast())).pairs == 9)
        #expect(Self.compare(Array(all.dropLast(2))).pairs == 9)
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
