import DNSWire
import Downstream
import Foundation
import KeepAliveAgent
import NIOCore
import PoolModel
import TestSupport
import Testing
import Traffic

extension LoopbackTests {
    /// Servers that drop idle connections at the very moment at which they are used again.
    @Suite struct IdleRaceTests {
        /// GETs of the long test; 100,000 in a run that has the time.
        private static let count =
            ProcessInfo.processInfo.environment["POOLTOP_RACE_REQUESTS"].flatMap { Int($0) } ?? 20_000

        /// Drops every connection at a random idle age of 0…50 ms, by FIN or by reset.
        private func droppingServer() async throws -> RawServer {
            try await RawServer.start { _ in
                let age = TimeAmount.microseconds(Int64.random(in: 0...50_000))
                var deed = RawServer.ok("x")
                deed.end = Bool.random() ? .fin(after: age) : .reset(after: age)
                return deed
            }
        }

        /// No GET fails, and no POST reaches the server twice, whatever becomes of it.
        @Test("Dropped connections fail no GET and repeat no POST")
        func droppedConnectionsFailNoGETAndRepeatNoPOST() async throws {
            let server = try await droppingServer()
            // First in, first out: every connection rests for a while, so that its end and its use come close together.
            let rig = try await Rig(dns: nil) { settings in
                settings.scheduling = .fifo
                settings.maxSocketsPerHost = 24
                settings.queueLimit = Self.count
                settings.requestTimeout = nil
                settings.queueTimeout = nil
            }
            try await rig.add("racy", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port)
            async let gets: Void = rig.load(
                [(Ask("racy", "/get"), 1)], .openLoop([.steady(2800)], .poisson),
                requests: Self.count)
            async let posts = rig.postOneAfterTheOther(to: "racy", chains: 4, each: Self.count / 40)
            let labels = try await posts
            try await gets
            let metrics = try await rig.metrics("racy")
            let failedPosts = labels.count { $0 != "200" }
            #expect(metrics.requests.failed == failedPosts, "\(metrics.failures)")
            #expect(metrics.requests.retriesRefused == 0)
            #expect(metrics.closes[.peerClosedIdle] ?? 0 > 0 && metrics.closes[.peerReset] ?? 0 > 0)
            #expect(Set(metrics.failures.keys).isSubset(of: [.peerClosed, .peerReset]))
            let received = server.received
            let repeated = received.filter { $0.key.hasPrefix("POST") && $0.value > 1 }
            #expect(repeated.isEmpty)
            let answered = received.count { $0.key.hasPrefix("POST") }
            #expect(answered >= labels.count - failedPosts)
            print(
                "idle race: \(Self.count) GETs, \(metrics.requests.retried) sent again,",
                "\(labels.count) POSTs, \(failedPosts) failed, closed \(metrics.closes)")
            try await rig.shutdown()
            try await server.stop()
        }

        /// Response and FIN lie in the kernel together when the loop comes to read, and a request waits: it must not be
        /// put on the connection that has just ended.
        @Test("A connection that has ended is not reused", arguments: ["GET", "POST"])
        func aConnectionThatEndedIsNotHandedOn(method: String) async throws {
            let server = try await RawServer.start { _ in
                var deed = RawServer.ok()
                deed.after = .milliseconds(200)
                deed.end = .fin(after: nil)
                return deed
            }
            let rig = try await Rig(dns: nil) { $0.maxSocketsPerHost = 1 }
            try await rig.add("racy", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port)
            let label: String = try await rig.whenEnded { bench, ended in
                var ask = Ask("racy")
                ask.method = method
                let template = try bench.template(ask)
                bench.start(template) { _ in }
                bench.start(template) { ended($0.label) }
                // The server has the first request: the loop reads nothing until the answer and the FIN are there.
                bench.every(.milliseconds(1)) { _, _ in
                    guard server.received.values.reduce(0, +) == 1 else { return }
                    let end = ContinuousClock.now + .seconds(10)
                    while server.closed == 0, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.001) }
                }
            }
            #expect(label == "200")
            let metrics = try await rig.metrics("racy")
            #expect(metrics.requests.retried == 0 && metrics.closes[.peerClosedActive] == nil)
            try await rig.shutdown()
            try await server.stop()
        }

        /// With two connections in all and both hosts busy, neither waits for ever; Node's agent starves one.
        @Test("Two hosts can share two connections")
        func twoHostsShareTwoConnections() async throws {
            try await withRig([.plain(), .plain("other")], { $0.maxTotalSockets = 2 }) { rig, fleet in
                try await rig.on { bench in
                    _ = try bench.generate(
                        [(Ask("plain"), 1)], .closedLoop(8), seed: 1, duration: .seconds(30), requests: nil)
                }
                try await eventually("one host has it all") {
                    try await rig.metrics("plain").requests.succeeded > 50
                }
                let before = try await rig.metrics("plain").requests.succeeded
                try await rig.load([(Ask("other"), 1)], .closedLoop(1), requests: 50)
                let between = try await rig.metrics("plain").requests.succeeded - before
                try await rig.on { $0.generators[0].stop() }
                // Eight are ahead of each of the fifty, and some more while a connection is dialled.
                #expect(between < 50 * 8 * 4)
                let snapshot = try await rig.snapshot()
                #expect(snapshot.host("other").requests.succeeded == 50 && snapshot.totals.requests.failed == 0)
                #expect(snapshot.host("plain").closes[.evictedForOtherHost] ?? 0 > 0)
                try await eventually("all have ended") { try await rig.metrics("plain").requests.inFlight == 0 }
                #expect(try await rig.on { $0.peakOpen } <= 2)
                try await expectAgreement(rig, fleet)
            }
        }
    }
}

extension Rig {
    /// POSTs with a path of their own each, some chains of them at once; how each ended.
    fileprivate func postOneAfterTheOther(to host: String, chains: Int, each count: Int) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for chain in 0..<chains {
                group.addTask {
                    var labels: [String] = []
                    for index in 0..<count {
                        labels.append(try await send(Ask.post(host, "/post/\(chain)/\(index)")).label)
                    }
                    return labels
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}
