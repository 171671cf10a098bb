import AgentCore
import ArgumentParser
import Downstream
import Foundation
import PoolModel
import TestSupport
import Testing

@testable import SessionConfig
@testable import Sessions
@testable import pooltop

private let hasNode = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/node") }

/// A comparison whose load Node makes. It gives a DNS response two seconds, in which a busy core may not have answered.
@Suite(.serialized, .watchesClocks) struct NodeClientTests {
    private func plan(_ options: [String], _ common: [String] = []) throws -> ComparePlan {
        let common = try CommonOptions.parse(["--seed", "7", "--rate", "100/s"] + common)
        return try CompareOptions.parse(["--client", "node"] + options).plan(common: common)
    }

    @Test(
        "An option that Node's agents do not have is refused by name",
        arguments: [
            (["--a", "idleTimeout=1s"], [], "http.Agent has no idleTimeout"),
            (["--a", "keepAlive=5"], [], "http.Agent has keepAlive=on and keepAlive=off only"),
            (["--a", "scheduling=round-robin"], [], "http.Agent has scheduling=lifo and scheduling=fifo only"),
            (["--a", "keepAlive=off@catalog"], [], "one set of options for all hosts"),
            ([], ["--retries", "0"], "http.Agent has no retries"),
            ([], ["--loops", "2"], "leave --loops out"),
            ([], ["--record", "x.rec"], "leave --record and --hdr-log out"),
        ] as [([String], [String], String)])
    func objections(options: [String], common: [String], text: String) {
        do {
            _ = try plan(options, common)
            Issue.record("accepted")
        } catch let error as CommandLineError {
            #expect(error.status == .usage)
            #expect(error.message.contains("--client node"), "\(error.message)")
            #expect(error.message.contains(text), "\(error.message)")
        } catch {
            Issue.record(error)
        }
    }

    @Test("An unknown client is answered with those that there are")
    func unknownClient() throws {
        #expect(throws: CommandLineError.self) {
            try CompareOptions.parse(["--client", "nod"]).plan(common: try CommonOptions.parse([]))
        }
    }

    /// Each figure has the downstreams' own count as its witness.
    @Test("What Node counts is what the downstreams count", .enabled(if: hasNode), arguments: [false, true])
    func theServersCountTheSame(keepAlive: Bool) async throws {
        var session = try plan([]).session
        session.settings.keepAlive = keepAlive ? .on : .off
        session.settings.dnsCache = keepAlive
        let node = try await NodeSession.make(session)
        let fleet = try #require(node.fleet)
        try await node.begin()
        var counts = try await node.snapshot()
        try await eventually("a hundred responses") {
            counts = try await node.snapshot()
            return counts.totals.requests.succeeded > 100
        }
        try node.stop()
        try await eventually("no request in flight") {
            counts = try await node.snapshot()
            return counts.totals.requests.inFlight + counts.totals.requests.queued == 0
        }
        for host in counts.hosts {
            let theirs = try await fleet.stats(host.name)
            #expect(host.metrics.connections.opened == theirs.accepted, "\(host.name)")
            #expect(host.metrics.tls.handshakes == theirs.tlsHandshakes, "\(host.name)")
            #expect(host.metrics.tls.resumed == theirs.tlsResumed, "\(host.name)")
            let requests = host.metrics.requests
            #expect(keepAlive || requests.onReusedConnection == 0)
            // These two end connections under a request, which Node does not send again.
            if host.name == "flaky" || host.name == "ledger" { continue }
            #expect(requests.onNewConnection + requests.onReusedConnection == theirs.requests, "\(host.name)")
            #expect(requests.failed == 0, "\(host.name): \(host.metrics.errors.nonZero)")
        }
        #expect(counts.totals.latency.response.count == counts.totals.requests.succeeded)
        #expect(keepAlive == (counts.totals.requests.onReusedConnection > counts.totals.requests.started / 2))
        #expect(keepAlive == (counts.dns.hits > 0))
        #expect(counts.process.agentCPUSeconds > 0)
        try await node.shutdown()
    }

    @Test("A comparison of Node's agent with itself switched on names Node", .enabled(if: hasNode))
    func comparison() async throws {
        let file = try TemporaryFile("")
        let report = ReportPlan(format: .json, outputFile: file.path, isQuiet: true)
        let plan = try plan(["--pairs", "2", "--window", "300ms", "--washout", "2s"])
        let status = try await CompareRun(plan: plan, report: report, makeSignals: { EndSignals(AsyncStream { _ in }) })
            .execute()
        #expect(status == .done)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let client = try #require(document["client"] as? [String: Any])
        #expect(client["name"] as? String == "node" && client["resumesTLSSessions"] as? Bool == true)
        #expect((client["version"] as? String)?.hasPrefix("v") == true)
        let metrics = try #require(document["metrics"] as? [[String: Any]])
        let perConnection = try #require(metrics.first { $0["name"] as? String == "requestsPerConnection" })
        // A window's edges cut requests from their connections.
        #expect(abs(try #require(perConnection["a"] as? Double) - 1) < 0.5)
    }

    @Test("A Node that ends is reported with the error that it ended by", .enabled(if: hasNode))
    func nodeEnds() async throws {
        let node = try NodeProcess.start()
        _ = try await node.next(NodeGreeting.self)
        // A report before the plan is a fault of ours, which ends it.
        try node.send(NodeRequest(report: 1))
        let error = await #expect(throws: CommandLineError.self) { try await node.next(NodeReport.self) }
        #expect(error?.message.contains("node ended with status 1: TypeError") == true, "\(error?.message ?? "")")
    }
}
