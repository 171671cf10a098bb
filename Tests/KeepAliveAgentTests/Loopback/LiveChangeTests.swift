import Downstream
import KeepAliveAgent
import NIOCore
import PoolModel
import TestSupport
import Testing
import Traffic

extension LoopbackTests {
    /// Settings that change under load.
    @Suite struct LiveChangeTests {
        private static let hosts = [Scenario.plain(), Scenario.plain("other")]
        private static let mix: [(Ask, weight: Double)] = [(Ask("plain"), 1), (Ask("other", "/delay/3ms"), 1)]

        @Test("Toggling keep-alive a hundred times per second fails no request")
        func togglingKeepAliveAHundredTimesASecondFailsNothing() async throws {
            try await withRig(Self.hosts) { rig, fleet in
                try await rig.every(.milliseconds(10)) { bench, tick in
                    bench.agent.send(.keepAliveSet(tick.isMultiple(of: 2) ? .off : .on, host: nil))
                }
                try await rig.load(Self.mix, .closedLoop(16), duration: .seconds(2))
                // Where an exchange takes longer than both settings hold, hardly any connection is used twice.
                try await eventually("some were used again, and some were not") {
                    try await rig.load(Self.mix, .closedLoop(1), duration: .milliseconds(50))
                    let totals = try await rig.snapshot().totals
                    return totals.requests.onReusedConnection > 0 && totals.closes[.closeHeaderSent] ?? 0 > 0
                }
                let totals = try await rig.snapshot().totals
                #expect(totals.requests.failed == 0 && totals.requests.succeeded == totals.requests.started)
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("Switching keep-alive off for one host does not affect another")
        func keepAliveOffForOneHostLeavesTheOtherAlone() async throws {
            try await withRig(Self.hosts) { rig, fleet in
                try await rig.load(Self.mix, .closedLoop(8), requests: 100)
                try await rig.on { $0.agent.send(.keepAliveSet(.off, host: $0.host("plain"))) }
                let before = try await rig.snapshot()
                #expect(before.host("plain").connections.idle == 0 && before.host("other").connections.idle > 0)
                try await rig.load(Self.mix, .closedLoop(8), requests: 100)
                let after = try await rig.snapshot()
                let plain = after.host("plain").requests
                #expect(plain.onReusedConnection == before.host("plain").requests.onReusedConnection)
                #expect(after.host("other").connections.opened == before.host("other").connections.opened)
                #expect(after.host("other").connections.closed == 0)
                // Set for all, it holds for the one again.
                try await rig.tell(.keepAliveSet(.on, host: nil))
                try await rig.load([(Ask("plain"), 1)], .closedLoop(1), requests: 10)
                #expect(try await rig.metrics("plain").requests.onReusedConnection >= plain.onReusedConnection + 9)
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("Changed limits apply at once")
        func limitsHoldFromTheMomentTheyChange() async throws {
            try await withRig([.plain()]) { rig, fleet in
                let load = [(Ask("plain", "/delay/5ms"), weight: 1.0)]
                try await rig.load(load, .closedLoop(32), requests: 200)
                #expect(try await rig.metrics("plain").connections.peakOpen > 4)
                try await rig.set { $0.maxSocketsPerHost = 4 }
                #expect(try await rig.metrics("plain").connections.open == 4, "surplus idle connections close now")
                try await rig.on { bench in bench.trackPeak() }
                try await rig.load(load, .closedLoop(32), requests: 200)
                #expect(try await rig.on { $0.peakOpen } == 4)
                // Raised under load, it lets waiters dial.
                async let running: Void = rig.load(load, .closedLoop(32), requests: 300)
                try await eventually("they wait") { try await rig.metrics("plain").requests.queued > 20 }
                try await rig.set { $0.maxSocketsPerHost = 16 }
                try await running
                #expect(try await rig.on { $0.peakOpen } == 16)
                // Lowered under load, active ones finish and no request fails.
                async let last: Void = rig.load(load, .closedLoop(32), requests: 300)
                try await eventually("all are busy") { try await rig.metrics("plain").connections.active == 16 }
                try await rig.set { $0.maxSocketsPerHost = 2 }
                try await eventually("two are left") { try await rig.metrics("plain").connections.open <= 2 }
                try await last
                let metrics = try await rig.metrics("plain")
                #expect(metrics.requests.failed == 0 && metrics.connections.open <= 2)
                #expect(Set(metrics.closes.keys) == [.idleLimitHost])
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("A different rate opens no unnecessary connection")
        func anotherRateOpensNoConnectionThatIsNotNeeded() async throws {
            try await withRig([.plain()]) { rig, fleet in
                let steady = LoadShape.openLoop([.steady(100)], .constant)
                try await rig.on { bench in
                    _ = try bench.generate([(Ask("plain"), 1)], steady, seed: 1, duration: .seconds(1), requests: nil)
                }
                for factor in [2.0, 0.5, 4, 1, 3] {
                    let before = try await rig.metrics("plain").requests.started
                    try await rig.on { $0.generators[0].setFactor(factor) }
                    try await eventually("more requests") {
                        try await rig.metrics("plain").requests.started > before + 10
                    }
                }
                // One after the other they need one; a loop that got no processor for a while sends many at once.
                let metrics = try await rig.metrics("plain")
                let connections = metrics.connections
                #expect(connections.opened * 3 < metrics.requests.started && connections.closed == 0)
                #expect(connections.opened <= connections.peakOpen)
                try await expectQuiet(rig, fleet)
            }
        }

        private func expectQuiet(_ rig: Rig, _ fleet: DownstreamFleet) async throws {
            try await eventually("the load has ended") {
                try await rig.on { $0.generators.allSatisfy { $0.snapshot().paused } }
            }
            try await eventually("all have ended") { try await rig.metrics("plain").requests.inFlight == 0 }
            try await expectAgreement(rig, fleet)
        }
    }
}
