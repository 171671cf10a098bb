import Dispatch
import Downstream
import KeepAliveAgent
import PoolModel
import TestSupport
import Testing
import Traffic

extension LoopbackTests {
    /// Faults injected into a running bundled downstream, and their effects on requests.
    @Suite struct FaultTests {
        private static let plain = [Scenario.plain()]
        private static let both = [Scenario.plain(), .payments]

        @Test("Dropped idle connections are removed at once, and no request is affected")
        func droppedIdleConnectionsLeaveAtOnceAndNoRequestNotices() async throws {
            try await withRig(Self.both) { rig, fleet in
                for host in ["plain", "payments"] {
                    let asks = Array(repeating: Ask(host, "/delay/20ms"), count: 5)
                    #expect(try await rig.send(asks) == Array(repeating: "200", count: 5))
                    try await fleet.inject(.dropIdle, into: host)
                    try await eventually("\(host): none is idle") {
                        try await rig.metrics(host).connections.idle == 0
                    }
                    #expect(try await rig.metrics(host).closes == [.peerClosedIdle: 5])
                    #expect(try await rig.get(host) == "200")
                    #expect(try await rig.metrics(host).requests.retried == 0)
                }
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("A reset fails requests on fresh connections and repeats safe ones")
        func aResetFailsWhatIsFreshAndRepeatsWhatIsSafe() async throws {
            try await withRig(Self.plain) { rig, fleet in
                // Fresh: never sent again.
                async let fresh = rig.get("plain", "/delay/30s")
                try await reset(fleet, whenReceived: 1)
                #expect(try await fresh == "peerReset")
                // Reused: a GET is, on a fresh connection.
                #expect(try await rig.get("plain") == "200")
                async let reused = rig.get("plain", "/delay/400ms")
                try await reset(fleet, whenReceived: 3)
                #expect(try await reused == "200")
                // A POST is not.
                async let post = rig.send(Ask.post("plain", "/delay/30s"))
                try await reset(fleet, whenReceived: 5)
                #expect(try await post.label == "peerReset")
                let metrics = try await rig.metrics("plain")
                #expect(metrics.requests.retried == 1 && metrics.closes == [.peerReset: 3])
                try await expectAgreement(rig, fleet)
            }
        }

        private func reset(_ fleet: DownstreamFleet, whenReceived count: Int) async throws {
            try await eventually("request \(count)") { try await fleet.stats("plain").requests == count }
            try await fleet.inject(.resetAll, into: "plain")
        }

        @Test("Draining lets busy connections finish")
        func drainingLetsTheBusyFinish() async throws {
            try await withRig(Self.plain) { rig, fleet in
                #expect(try await rig.send([Ask("plain"), Ask("plain")]) == ["200", "200"])
                async let busy = rig.get("plain", "/delay/300ms")
                try await eventually("busy") { try await fleet.stats("plain").requests == 3 }
                try await fleet.inject(.drain, into: "plain")
                #expect(try await busy == "200")
                #expect(try await rig.metrics("plain").closes == [.peerClosedIdle: 1, .closeHeaderReceived: 1])
                #expect(try await rig.get("plain") == "200")
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("Refused connects back off, and end when the server accepts again")
        func refusalBacksOffAndEndsWithTheRefusal() async throws {
            try await withRig(Self.plain, { $0.requestTimeout = .seconds(20) }) { rig, fleet in
                #expect(try await rig.get("plain") == "200")
                try await fleet.inject(.refuse, into: "plain")
                try await fleet.inject(.dropIdle, into: "plain")
                try await rig.load([(Ask("plain"), 1)], .closedLoop(4), requests: 8)
                let failed = try await rig.metrics("plain")
                #expect(failed.failures == [.connectRefused: 8])
                // A dial fails all that wait for it, and a slot of the load rests until the next one is allowed.
                #expect((2...8).contains(failed.connections.dialFailed))
                #expect(try await rig.snapshot().hosts[0].backoffSeconds != nil)
                #expect(try await rig.get("plain") == "connectRefused")
                try await fleet.inject(.recover, into: "plain")
                try await eventually("it is used again") { try await rig.get("plain") == "200" }
                #expect(try await rig.snapshot().hosts[0].backoffSeconds == nil)
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("A slow server exceeds the time limit")
        func aSlowServerMeetsTheTimeLimit() async throws {
            try await withRig(Self.plain) { rig, fleet in
                #expect(try await rig.get("plain") == "200")
                try await fleet.inject(.slow(factor: 1, addedSeconds: 30), into: "plain")
                #expect(try await rig.send(Ask("plain").in(.milliseconds(100))).label == "requestTimeout")
                try await rig.set { $0.firstByteTimeout = .milliseconds(100) }
                #expect(try await rig.get("plain") == "firstByteTimeout")
                try await fleet.inject(.recover, into: "plain")
                #expect(try await rig.get("plain") == "200")
                #expect(try await rig.metrics("plain").closes == [.requestTimeout: 2])
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("Forged responses are never delivered", arguments: ["plain", "payments"])
        func forgedResponsesAreNeverDelivered(host: String) async throws {
            try await withRig(Self.both) { rig, fleet in
                let asks = Array(repeating: Ask(host, "/delay/20ms"), count: 3)
                #expect(try await rig.send(asks) == ["200", "200", "200"])
                try await fleet.inject(.forge, into: host)
                try await eventually("none is idle") { try await rig.metrics(host).connections.idle == 0 }
                #expect(try await rig.metrics(host).closes == [.unsolicitedBytes: 3])
                #expect(try await rig.get(host, "/status/404") == "404")
                try await expectAgreement(rig, fleet)
            }
        }

        /// The forged bytes are in the kernel when the request takes the connection, and the loop has not been told.
        @Test(
            "Forged responses in the same turn of the loop are never delivered", arguments: ["plain", "payments"],
            ["GET", "POST"])
        func forgedResponsesInTheSameTurnAreNeverDelivered(host: String, method: String) async throws {
            try await withRig(Self.both) { rig, fleet in
                #expect(try await rig.get(host) == "200")
                #expect(try await rig.get(host) == "200")
                var ask = Ask(host, "/status/404")
                ask.method = method
                let label = try await rig.sendInOneTurn(ask) { try await fleet.inject(.forge, into: host) }
                #expect(label == "404")
                // The one with the forged bytes, and the next one after its exchange: the server is not trusted any more.
                #expect(try await rig.metrics(host).closes == [.unsolicitedBytes: 2])
                #expect(try await rig.metrics(host).requests.retried == 0)
                try await expectAgreement(rig, fleet)
            }
        }

        /// The same with a FIN: it is seen by the look, so that even a POST goes on to another connection.
        @Test("A FIN in the same turn of the loop is seen", arguments: ["plain", "payments"], ["GET", "POST"])
        func aFinInTheSameTurnIsSeen(host: String, method: String) async throws {
            try await withRig(Self.both) { rig, fleet in
                #expect(try await rig.get(host) == "200")
                var ask = Ask(host)
                ask.method = method
                #expect(try await rig.sendInOneTurn(ask) { try await fleet.inject(.dropIdle, into: host) } == "200")
                #expect(try await rig.metrics(host).closes == [.peerClosedIdle: 1])
                #expect(try await rig.metrics(host).requests.retried == 0)
                try await expectAgreement(rig, fleet)
            }
        }
    }
}

extension Rig {
    /// Holds the agent's loop while `deed` is done, then sends in the same turn: the loop cannot have been told.
    fileprivate func sendInOneTurn(_ ask: Ask, _ deed: @escaping @Sendable () async throws -> Void) async throws
        -> String
    {
        let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let label = sendAfter(ask, held: held, release: release)
        try await isHeld(held)
        do {
            try await deed()
        } catch {
            release.signal()
            throw error
        }
        release.signal()
        return try await label
    }

    private func isHeld(_ held: DispatchSemaphore) async throws {
        try await eventually("the loop is held") { held.wait(timeout: .now()) == .success }
    }
}
