import AgentCore
import DNSWire
import KeepAliveAgent
import NIOCore
import PoolModel
import TestSupport
import Testing

extension LoopbackTests {
    /// A server that sends an answer which nobody asked for must not have it delivered to whoever comes next. HTTP/1.1
    /// cannot rule it out (RFC 9112 §9.3: an answer has no name), so these tests count.
    @Suite struct PoisoningTests {
        private static let rounds = 20

        private typealias Next = @Sendable (Bench, RequestTemplate, PushyServer, @escaping (String) -> Void) -> Void

        /// Each round, with an agent of its own: a request is answered, and `next` makes the server push another answer and
        /// starts the second request. Returns the labels of those, and what became of the agents.
        private func secondRequests(
            _ ask: Ask, _ next: @escaping Next
        ) async throws -> (labels: [String], metrics: HostMetrics) {
            let server = try PushyServer()
            defer { server.stop() }
            let address = PeerAddress.ip(IPAddress(v4: 0x7F00_0001), port: server.port)
            var labels: [String] = []
            var sum = HostMetrics()
            for _ in 0..<Self.rounds {
                let rig = try await Rig(dns: nil)
                try await rig.add("pushy", .addresses([address]), port: server.port)
                let label: String = try await rig.whenEnded { bench, ended in
                    bench.agent.leastRoundTrip = .seconds(1)
                    let second = try bench.template(ask)
                    bench.start(try bench.template(Ask("pushy", "/first"))) { first in
                        guard first.label == "200" else { return ended("first: \(first.label)") }
                        next(bench, second, server, ended)
                    }
                }
                labels.append(label)
                sum.merge(try await rig.metrics("pushy"))
                try await rig.shutdown()
            }
            return (labels, sum)
        }

        /// It is worth a look of its own.
        @Test("A request that cannot be repeated is not put on a connection with a pushed response")
        func handedOn() async throws {
            let ask = Ask.post("pushy", "/second", bytes: 0)
            let (labels, metrics) = try await secondRequests(ask) { bench, second, server, ended in
                server.push()
                bench.start(second) { ended($0.label) }
            }
            #expect(labels == [String](repeating: "200", count: Self.rounds))
            #expect((metrics.closes[.unsolicitedBytes] ?? 0) >= Self.rounds)
            #expect(metrics.requests.retried == 0)
        }

        /// The kernel was asked a moment before the push, so the connection is not looked at. The pushed bytes are read
        /// when the server has acknowledged nothing of the request. A machine so busy that the kernel's delayed
        /// acknowledgement (40 ms) comes first may let some through.
        @Test("A response pushed before the request is not taken as its response, and the request is repeated")
        func unacknowledged() async throws {
            let ask = Ask("pushy", "/ignored").in(.seconds(30))
            let (labels, metrics) = try await secondRequests(ask) { bench, second, server, ended in
                bench.agent.eventLoop.assumeIsolated().execute {
                    bench.agent.batch {
                        server.push()
                        bench.start(second) { ended($0.label) }
                    }
                }
            }
            #expect(labels.allSatisfy { $0 == "200" || $0 == "299" }, "\(labels)")
            #expect(labels.count { $0 == "299" } <= Self.rounds / 4, "\(labels)")
            #expect((metrics.closes[.unsolicitedBytes] ?? 0) >= Self.rounds * 3 / 4)
        }
    }
}
