import AgentCore
import Downstream
import KeepAliveAgent
import TestSupport
import Testing

extension LoopbackTests {
    @Suite struct CancellationTests {
        /// A request that was given a connection, but whose bytes are not written yet, is cancelled from within the end
        /// of the request before it on that connection. Written all the same, it would leave a response behind that the
        /// next request would take for its own.
        @Test("A request cancelled before it is written is not written")
        func aRequestCancelledBeforeItsBytesAreWrittenIsNotWritten() async throws {
            try await withRig([.plain()], { $0.maxSocketsPerHost = 1 }) { rig, fleet in
                let label: String = try await rig.whenEnded { bench, ended in
                    let third = try bench.template(Ask("plain", "/status/503"))
                    var second = RequestID(0)
                    bench.start(try bench.template(Ask("plain"))) { _ in
                        bench.agent.cancel(second)
                        bench.start(third) { ended($0.label) }
                    }
                    second = bench.start(try bench.template(Ask("plain", "/status/404"))) { _ in }
                }
                #expect(label == "503")
                let metrics = try await rig.metrics("plain")
                #expect(metrics.requests.cancelled == 1 && metrics.connections.opened == 1)
                #expect(try await fleet.stats("plain").requests == 2)
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("A cancelled queued request leaves no trace")
        func aQueuedRequestLeavesNoTrace() async throws {
            try await withRig([.plain()], { $0.maxSocketsPerHost = 1 }) { rig, fleet in
                async let busy = rig.get("plain", "/delay/200ms")
                try await eventually("busy") { try await fleet.stats("plain").requests == 1 }
                async let queued: String = rig.whenEnded { bench, ended in
                    let id = bench.start(try bench.template(Ask("plain"))) { ended($0.label) }
                    bench.agent.cancel(id)
                }
                #expect(try await queued == "cancelled")
                #expect(try await busy == "200")
                try await expectAgreement(rig, fleet)
            }
        }

        /// The slot that the dial held is free again: the next request gets through.
        @Test("A cancelled dial frees its slot")
        func aCancelledDialGivesItsSlotBack() async throws {
            try await withRig([.plain()], { $0.maxTotalSockets = 1 }) { rig, fleet in
                try await fleet.inject(.dns(.silence), into: "plain")
                let label: String = try await rig.whenEnded { bench, ended in
                    let id = bench.start(try bench.template(Ask("plain"))) { ended($0.label) }
                    bench.agent.cancel(id)
                }
                #expect(label == "cancelled")
                let metrics = try await rig.metrics("plain")
                #expect(metrics.connections.connecting == 0 && metrics.connections.dialFailed == 1)
            }
        }
    }
}
