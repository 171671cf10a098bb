import AgentCore
import PoolModel
import Testing

@testable import SessionConfig
@testable import Sessions

/// The share that each of several loops gets of a plan.
@Suite struct ShareTests {
    private func parts(of count: Int, _ change: (inout AgentSettings) -> Void) -> [AgentSettings] {
        var whole = AgentSettings()
        change(&whole)
        return (0..<count).map { index in
            var part = whole
            Share(index: index, of: count).divide(&part)
            return part
        }
    }

    @Test("The shares of numeric limits add up")
    func limitsOnNumbersAddUp() {
        let parts = parts(of: 3) {
            $0.maxSocketsPerHost = 8
            $0.maxTotalSockets = 10
            $0.maxFreeSocketsPerHost = 1
            $0.maxFreeSocketsTotal = 2
            $0.minIdlePerHost = 4
            $0.queueLimit = 1
        }
        #expect(parts.map(\.maxSocketsPerHost) == [3, 3, 2])
        #expect(parts.map(\.maxTotalSockets) == [4, 3, 3])
        #expect(parts.map(\.maxFreeSocketsPerHost) == [1, 0, 0])
        #expect(parts.map(\.maxFreeSocketsTotal) == [1, 1, 0])
        #expect(parts.map(\.minIdlePerHost) == [2, 1, 1])
        #expect(parts.map(\.queueLimit) == [1, 0, 0])
        #expect(parts.map(\.maxDialsPerHost) == [3, 3, 2])
        #expect(parts.allSatisfy { $0.idleTimeout == AgentSettings().idleTimeout && $0.maxFreeSocketsTotal != nil })
    }

    @Test("An absent limit stays absent")
    func noLimitStaysNoLimit() {
        #expect(parts(of: 2) { $0.maxFreeSocketsTotal = nil }.map(\.maxFreeSocketsTotal) == [nil, nil])
    }

    @Test("A target's own settings are shared too")
    func whatATargetSetsForItselfIsSharedToo() throws {
        let plan = try plan(["a=http://a.test/"])
        var target = try #require(plan.targets.first)
        target.overrides[.maxSockets] = .count(5)
        target.overrides[try #require(AgentSetting(name: "idleTimeout"))] = .duration(.seconds(2))
        let prepared = try PreparedTraffic(plan: plan, targets: [target], fleet: nil)
        let sockets = (0..<2).map { index -> Int in
            let share = Share(index: index, of: 2)
            var settings = prepared.settings(for: share)
            for adjust in prepared.hosts[0].description(for: share).adjustments { adjust(&settings) }
            #expect(settings.idleTimeout == .seconds(2))
            #expect(settings.maxTotalSockets == 128, "divided once")
            return settings.maxSocketsPerHost
        }
        #expect(sockets == [3, 2])
    }

    /// A limit that each request carried could not be changed while running.
    @Test("Time limits belong to the pool unless its targets differ")
    func timeLimitsAreThePoolsUnlessItsTargetsDiffer() throws {
        let plan = try plan(["a=http://a.test/", "--timeout", "9s"])
        func timeouts(_ limits: [SettingValue?]) throws -> ([Nanoseconds?], SettingValue?) {
            let targets = try limits.enumerated().map { index, limit in
                var target = TargetPlan(name: "t\(index)", url: try TargetURL.parse("http://a.test/\(index)"))
                target.overrides[.requestTimeout] = limit
                return target
            }
            let prepared = try PreparedTraffic(plan: plan, targets: targets, fleet: nil)
            #expect(prepared.hosts.count == 1)
            for target in targets { #expect(prepared.hosts[0].isNamed(target.name)) }
            return (prepared.requests.map(\.timeout), prepared.hosts[0].overrides[.requestTimeout])
        }
        let second = SettingValue.duration(.seconds(1))
        #expect(try timeouts([nil, nil]) == ([nil, nil], nil))
        #expect(try timeouts([second, second]) == ([nil, nil], second))
        #expect(try timeouts([nil, second, .duration(nil)]) == ([nil, .seconds(1), .max], nil))
    }
}
