import Downstream
import Foundation
import KeepAliveAgent
import PoolModel
import TestSupport
import Testing
import Traffic

extension LoopbackTests {
    /// The generator over a real agent and real sockets. Its plan alone is tested in TrafficTests.
    @Suite struct GeneratorTests {
        private func steady(_ rate: Double, _ arrivals: Arrivals = .constant) -> LoadShape {
            .openLoop([.steady(rate)], arrivals)
        }

        @Test("Every planned request is sent", arguments: [Arrivals.constant, .poisson]) func whatIsPlannedIsSent(
            arrivals: Arrivals
        ) async throws {
            try await withRig([.plain()]) { rig, fleet in
                try await rig.load([(Ask("plain"), 1)], steady(300, arrivals), duration: .seconds(1))
                let load = try await rig.on { $0.generators[0].snapshot() }
                let requests = try await rig.metrics("plain").requests
                // A machine that is busy for a second counts as one that stopped the program.
                #expect(load.planned == load.sent + load.missed && load.sent == requests.started)
                #expect(requests.succeeded == requests.started)
                if arrivals == .constant { #expect(load.planned == 300) }
                #expect((230...370).contains(load.planned))
                #expect(try await fleet.stats("plain").requests == load.sent)
            }
        }

        @Test("The mix keeps its proportions")
        func theMixKeepsItsProportions() async throws {
            try await withRig([.plain(), .plain("other")]) { rig, fleet in
                let mix = [(Ask("plain"), weight: 3.0), (Ask("other"), 1), (Ask("other", "/status/503"), 1)]
                try await rig.load(mix, steady(1000, .poisson), requests: 200)
                let load = try await rig.on { $0.generators[0].snapshot() }
                #expect(load.targets.map(\.planned) == [120, 40, 40])
                #expect(load.targets.map(\.succeeded) == [120, 40, 40] && load.targets.allSatisfy { $0.failed == 0 })
                let pools = load.targets.compactMap(\.hostID)
                #expect(pools.count == 3 && pools[0] != pools[1] && pools[1] == pools[2])
                #expect(try await fleet.stats("plain").requests == 120)
                #expect(try await fleet.stats("other").statuses == ["200": 40, "503": 40])
            }
        }

        @Test("The number of requests is exact", arguments: [1, 7, 64]) func theNumberOfRequestsIsExact(count: Int)
            async throws
        {
            try await withRig([.plain()]) { rig, fleet in
                try await rig.load([(Ask("plain"), 1)], .closedLoop(8), requests: count)
                try await rig.load([(Ask("plain"), 1)], steady(2000), requests: count)
                try await rig.load([(Ask("plain"), 1)], .closedLoop(8), requests: 0)
                #expect(try await fleet.stats("plain").requests == 2 * count)
            }
        }

        @Test("A closed loop keeps its number of requests in flight")
        func aClosedLoopKeepsItsNumberInFlight() async throws {
            try await withRig([.plain()]) { rig, fleet in
                try await rig.on { bench in
                    _ = try bench.generate(
                        [(Ask("plain", "/delay/10ms"), 1)], .closedLoop(12), seed: 1, duration: nil, requests: nil)
                }
                for count in [12, 20, 5] {
                    try await rig.on { $0.generators[0].setConcurrency(count) }
                    try await eventually("\(count) in flight") {
                        let requests = try await rig.metrics("plain").requests
                        return requests.inFlight + requests.queued == count
                    }
                    for _ in 0..<20 {
                        let requests = try await rig.metrics("plain").requests
                        #expect(requests.inFlight + requests.queued == count)
                    }
                }
                try await rig.on { $0.generators[0].stop() }
                try await eventually("ends") { try await rig.metrics("plain").requests.inFlight == 0 }
                let sent = try await rig.on { $0.generators[0].snapshot().sent }
                #expect(try await fleet.stats("plain").requests == sent)
            }
        }

        /// The stall lasts half a second. Every request that was planned meanwhile waited for it, and says so; the
        /// exchanges after it took no time, and say that.
        @Test("A stall shows in the latency of every request that waited for it")
        func aStallIsSeenByAllWhoWaitedForIt() async throws {
            try await withRig([.plain()], { $0.maxSocketsPerHost = 1 }) { rig, fleet in
                let steady = steady(100)
                try await rig.load([(Ask("plain"), 1)], steady, requests: 10)
                async let stalled = rig.get("plain", "/delay/500ms")
                try await eventually("stalled") { try await fleet.stats("plain").requests == 11 }
                try await rig.load([(Ask("plain"), 1)], steady, requests: 50)
                #expect(try await stalled == "200")
                let latency = try await rig.metrics("plain").latency
                #expect(latency.response.count == 61 && latency.service.count == 61)
                // Planned 10 ms apart within the stall: about fifty waited, half of them more than 250 ms.
                #expect(latency.response.count(in: 0.1..<10) >= 30)
                #expect(latency.response.count(in: 0.25..<10) >= 15)
                #expect(latency.service.count(in: 0.25..<10) == 1)
                #expect(latency.queueWait.count(in: 0.1..<10) >= 30)
            }
        }

        @Test("A duration ends the load")
        func aDurationEndsALoad() async throws {
            try await withRig([.plain()]) { rig, fleet in
                for shape in [LoadShape.closedLoop(2), steady(100)] {
                    let started = ContinuousClock.now
                    try await rig.load([(Ask("plain"), 1)], shape, duration: .milliseconds(200))
                    #expect(started.duration(to: .now) >= .milliseconds(200))
                }
            }
        }

        @Test("A suspended load catches up on nothing and still reaches its total", arguments: [true, false])
        func heldLoad(isOpen: Bool) async throws {
            try await withRig([.plain()]) { rig, fleet in
                async let load: Void = rig.load(
                    [(Ask("plain", "/delay/20ms"), 1)], isOpen ? steady(100) : .closedLoop(2),
                    duration: isOpen ? .seconds(2) : nil, requests: isOpen ? nil : 200)
                try await eventually("it has begun") { try await rig.metrics("plain").requests.started > 20 }
                try await rig.on { bench in for generator in bench.generators { generator.suspend() } }
                try await eventually("what is in flight has ended") {
                    try await rig.metrics("plain").requests.inFlight == 0
                }
                let held = try await rig.metrics("plain").requests.started
                for _ in 0..<200 { #expect(try await rig.metrics("plain").requests.started == held) }
                try await rig.on { bench in for generator in bench.generators { generator.resume() } }
                try await load
                let requests = try await rig.metrics("plain").requests
                let missed = try await rig.on { $0.generators[0].snapshot().missed }
                #expect(held < 200 && requests.started + missed == 200 && requests.succeeded == requests.started)
            }
        }

        @Test("A closed loop does not spin on a host that is down") func closedLoopOnADeadHost() async throws {
            try await withRig([.plain()]) { rig, fleet in
                try await fleet.inject(.refuse, into: "plain")
                try await rig.load([(Ask("plain"), 1)], .closedLoop(16), duration: .seconds(1))
                let metrics = try await rig.metrics("plain")
                #expect(metrics.failures.keys.elementsEqual([.connectRefused]))
                // 100 ms × 1.25ⁿ: a second has room for five pauses.
                #expect((16...16 * 8).contains(metrics.requests.failed))
            }
        }

        @Test("An open loop on a host that is down reports the host's cause", arguments: [true, false])
        func openLoopOnADeadHost(failFast: Bool) async throws {
            try await withRig(
                [.plain()],
                {
                    $0.queueLimit = 1; $0.failFastWhileBackingOff = failFast
                }
            ) { rig, fleet in
                try await fleet.inject(.refuse, into: "plain")
                _ = try await rig.get("plain")
                try await rig.load([(Ask("plain"), 1)], steady(1000), duration: .milliseconds(500))
                let metrics = try await rig.metrics("plain")
                #expect(metrics.failures.keys.elementsEqual([.connectRefused]))
                #expect(metrics.requests.failed > 100)
            }
        }

        @Test("Requests that were due while the program was stopped are missed and not sent at once")
        func aStoppedProgram() async throws {
            // All of it at once would be more than may wait; what a busy machine delays by less than a second is not.
            try await withRig([.plain()], { $0.queueLimit = 220 }) { rig, fleet in
                async let running: Void = rig.load([(Ask("plain"), 1)], steady(200), duration: .seconds(4))
                try await eventually("it has begun") { try await rig.metrics("plain").requests.started > 20 }
                // The loop is kept from running, as all of the process is by SIGSTOP.
                try await rig.on { _ in Thread.sleep(forTimeInterval: 1.8) }
                try await running
                let snapshot = try await rig.snapshot()
                let load = try await rig.on { $0.generators[0].snapshot() }
                #expect(load.planned == 800 && load.planned == load.sent + load.missed)
                let gap = try #require(load.gaps.max { $0.seconds < $1.seconds })
                #expect(gap.seconds >= 1.3 && gap.missed >= 260 && gap.missed <= load.missed)
                #expect(load.gaps.reduce(0) { $0 + $1.missed } == load.missed)
                #expect(gap.uptimeSeconds > 0 && gap.endSeconds <= snapshot.uptimeSeconds)
                let metrics = try await rig.metrics("plain")
                #expect(metrics.requests.succeeded == load.sent && metrics.failures.isEmpty)
            }
        }

        @Test("A closed loop also reports the gap, in which nothing was due")
        func aStoppedClosedLoop() async throws {
            try await withRig([.plain()]) { rig, fleet in
                async let running: Void = rig.load(
                    [(Ask("plain", "/delay/20ms"), 1)], .closedLoop(2), duration: .seconds(2))
                try await eventually("it has begun") { try await rig.metrics("plain").requests.started > 4 }
                try await rig.on { _ in Thread.sleep(forTimeInterval: 1.6) }
                try await eventually("the gap is told") {
                    try await rig.on { $0.generators[0].snapshot().gaps.contains { $0.seconds > 1.3 } }
                }
                try await running
                let load = try await rig.on { $0.generators[0].snapshot() }
                #expect(load.missed == 0 && load.planned == load.sent)
            }
        }

        /// Requests beyond the queue fail in the moment in which they are sent. Made up for in the same moment, they
        /// would keep the loop busy for ever.
        @Test("A full queue does not cause a busy loop")
        func aFullQueueIsNoBusyLoop() async throws {
            try await withRig(
                [.plain()],
                {
                    $0.maxSocketsPerHost = 1; $0.queueLimit = 2
                }
            ) { rig, fleet in
                try await rig.load([(Ask("plain", "/delay/20ms"), 1)], .closedLoop(16), duration: .milliseconds(300))
                let requests = try await rig.metrics("plain").requests
                #expect(requests.succeeded >= 5 && requests.failed > 0)
                #expect(requests.failed < 1500, "13 at a time, a hundred times a second, and what a slow machine adds")
                #expect(try await rig.metrics("plain").failures.keys.elementsEqual([.queueFull]))
            }
        }
    }
}
