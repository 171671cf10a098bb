import Foundation
import PlainDocuments
import SessionConfig
import Testing

@testable import PoolModel
@testable import Recordings
@testable import Reporting

/// Reports and recordings of a watched process.
@Suite("Reports of a watched process") struct WatchReportTests {
    /// The process after so many seconds: a connection for each of 200 requests a second.
    private static func snapshot(_ second: Int, hasHost: Bool = true) -> AgentSnapshot {
        var host = HostSnapshot(
            id: 0, name: "payments", origin: "http://10.0.3.7:8080", isTLS: false, keepAlive: true,
            keepAliveIsOwn: false, maxSockets: 0, maxFreeSockets: 0, idleLimitOrigin: .none, metrics: HostMetrics(),
            certainty: .watched, addresses: [],
            kernel: KernelFigures(timeWait: 200 * second, retransmits: 0, connectionAgeSeconds: 0.01))
        host.metrics.requests.started = 202 * second
        host.metrics.requests.succeeded = 202 * second
        host.metrics.requests.onNewConnection = 200 * second
        host.metrics.requests.onReusedConnection = 2 * second
        host.metrics.connections.opened = 200 * second
        host.metrics.connections.closed = 200 * second
        host.metrics.connections.closedByReason.add(200 * second, to: .closedByProcess)
        return AgentSnapshot(
            sequence: second, takenAt: SnapshotFixture.startedAt + Double(second), uptimeSeconds: Double(second),
            keepAlive: true, dnsCacheEnabled: true, draining: false, maxTotalSockets: 0, hosts: hasHost ? [host] : [],
            dns: DNSCounts(), dnsRecords: [], process: ProcessSnapshot(agentCPUSeconds: 0.1 * Double(second)),
            events: [], ignoredEvents: 0,
            source: SourceSnapshot(
                kind: .watch, name: "node app.js --token=S\u{1B}", pid: 4711,
                notes: [SourceNote(.unreadable, count: 3, subject: "ann"), SourceNote(.processEnded)],
                kernel: KernelCount(opened: 201 * second, seen: 200 * second, agrees: second < 100),
                processes: [
                    ProcessRow(
                        pid: 4711, command: "node app.js --token=S", user: "web", hosts: 1, opened: 200 * second,
                        closed: 200 * second, closedByUs: 200 * second, requests: 202 * second,
                        lookups: 400 * second, cpuSeconds: 9 + 0.1 * Double(second)),
                    ProcessRow(
                        pid: nil, command: "", user: "ann", open: 3, requests: 7, requestsCertainty: .unknown,
                        isReadable: false),
                ]))
    }

    private static func summary(from first: Int = 10, to last: Int = 20, checks: [String] = [], hasHost: Bool = true)
        throws -> Summary
    {
        Summary(
            RunDescription(
                load: "", targets: "", warmUp: .zero, seed: 0, changes: [], tlsWeakness: TLSWeakness(),
                settings: .object([]),
                checks: try checks.map { RunDescription.Check(expression: try CheckExpression.parse($0)) }),
            first: snapshot(first, hasHost: hasHost), last: snapshot(last, hasHost: hasHost))
    }

    @Test("JSON says what was watched, what could not be seen, and what the kernel counts in the window")
    func json() throws {
        let document = try Self.summary().document
        #expect(
            document.at(["source", "kind"]) == .string("watch") && document.at(["source", "pid"]) == .integer(4711))
        #expect(document.at(["source", "name"]) == .string("node app.js --token=***"))
        guard case .array(let notes)? = document["source"]?["notes"] else { Issue.record("no notes"); return }
        #expect(
            notes.first
                == .string("3 connections: open files of ann cannot be read; sudo shows which process has which"))
        #expect(
            document.at(["kernel", "opened"]) == .integer(2010) && document.at(["kernel", "seen"]) == .integer(2000))
        #expect(
            document.at(["kernel", "agrees"]) == .bool(true)
                && document.at(["kernel", "scope"]) == .string("namespace"))
        guard case .array(let rows)? = document["source"]?["processes"], case .array(let hosts)? = document["hosts"]
        else {
            Issue.record("no processes"); return
        }
        #expect(rows[0]["opened"] == .integer(2000) && rows[0]["lookups"] == .integer(4000))
        #expect(rows[0]["command"] == .string("node app.js --token=***"))
        #expect(rows[1]["pid"] == .null && rows[1]["requests"] == .null && rows[1]["readable"] == .bool(false))
        #expect(
            hosts[0].at(["kernel", "timeWait"]) == .integer(4000)
                && hosts[0].at(["kernel", "roundTripSeconds"]) == .null)
        #expect(hosts[0].at(["certainty", "requests"]) == .string("estimate"))
        #expect(hosts[0]["keepAlive"] == .null && hosts[0].at(["latency", "response", "p99"]) == .null)
        #expect(hosts[0].at(["diagnosis", "cause"]) == .string("keepAliveOff"))
        #expect(!document.line.contains("=S"))
    }

    @Test("Reports of our own agent have no source")
    func ownAgent() throws {
        let document = Summary(
            plan: try SnapshotFixture.plan(), first: SnapshotFixture.first, last: SnapshotFixture.last
        ).document
        #expect(document["source"] == nil && document["kernel"] == nil)
    }

    @Test("A line of ndjson has the source and the kernel's count, and no keep-alive that is not known")
    func line() {
        let line = SnapshotLine(previous: Self.snapshot(1), current: Self.snapshot(2)).document
        #expect(line.at(["kernel", "opened"]) == .integer(201) && line.at(["source", "pid"]) == .integer(4711))
        #expect(line["keepAlive"] == .null && line.at(["source", "processes"]) == nil)
    }

    @Test("The text names the process, its limits of view and whether the kernel agrees")
    func text() throws {
        let text = TextSummary(summary: try Self.summary()).text
        #expect(text.hasPrefix("watch 4711 node app.js --token=***, 10.0s measured\n"))
        #expect(text.contains("  kernel agrees: it counts 2,010 new connections of all processes, "))
        #expect(
            text.contains("  3 connections: open files of ann cannot be read") && text.contains("the process has ended")
        )
        #expect(text.contains("~202.0/s   ~2,020 succeeded, – failed"))
        #expect(text.contains("whole process 1.00s, watched") && !text.contains("seed"))
        #expect(text.contains("WARN") && text.contains("HTTP keep-alive is off in it"))
        for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
        let disagreeing = TextSummary(summary: try Self.summary(from: 90, to: 100)).text
        #expect(disagreeing.contains("  kernel counts 2,010, seen 2,000 of all processes\n"))
    }

    @Test("A check on a figure that is unknown is not met and says so, without a host too", arguments: [true, false])
    func checks(hasHost: Bool) throws {
        let checks = try Self.summary(
            checks: ["p99 < 1s", "errors == 0", "newConnections/s < 5", "connections.requestsPerConnection < 2"],
            hasHost: hasHost
        ).checks
        #expect(checks[0].passed == false && checks[0].note == "unknown")
        #expect(checks[1].passed == false && checks[1].note == "unknown")
        #expect(checks[2].passed == !hasHost && checks[2].note == nil)
        if hasHost { #expect(checks[3].passed && checks[3].note == "estimate") }
    }

    @Test(
        "A recording keeps the source, its processes and the kernel's figures, without secrets, and only what changes")
    func recording() throws {
        var socket = Self.snapshot(3)
        socket.hosts[0].sockets = [
            SocketSnapshot(
                id: 1, state: .awaitingHead, ageSeconds: 1, idleSeconds: nil, exchanges: 1, localPort: 4,
                peer: "10.0.3.7:8080",
                method: nil, exchangeSeconds: 0.5, expiresInSeconds: nil, expiresBy: nil, pid: 4711,
                roundTripSeconds: 0.001,
                retransmits: 2)
        ]
        let told = [Self.snapshot(1), Self.snapshot(2), socket, Self.snapshot(4, hasHost: false)]
        var state = RecordedState()
        var encoder = RecordingEncoder()
        for (index, snapshot) in told.enumerated() {
            let line = try encoder.line(of: snapshot.withoutSecrets(), startsMeasuring: index == 0)
            #expect(!line.contains("=S"))
            // A row that did not change is not written again.
            if index == 1 { #expect(line.contains("\"#0\"") && !line.contains("ann")) }
            let value = try JSONReader.value(of: ArraySlice(Data(line.utf8)))
            _ = try state.apply(try #require(value["patch"]))
            let (read, _) = try state.snapshot()
            #expect(read.source == snapshot.withoutSecrets().source)
            #expect(read.hosts.map(\.kernel) == snapshot.hosts.map(\.kernel))
            #expect(read.hosts.first?.sockets == snapshot.hosts.first?.sockets)
        }
    }
}
