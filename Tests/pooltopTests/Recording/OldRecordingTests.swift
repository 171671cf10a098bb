import Foundation
import PoolModel
import Testing
import Wording

@testable import Recordings
@testable import Reporting

/// Recordings that earlier versions made. Each is kept as it was written, and replays for good.
@Suite("Recordings of earlier versions")
struct OldRecordingTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    @Test("A recording of the first version replays with the counts of its own report")
    func firstVersion() throws {
        var snapshots: [AgentSnapshot] = []
        let recording = try Recording(path: Self.folder.appendingPathComponent("session-v1.rec").path) { snapshot, _ in
            snapshots.append(snapshot)
        }
        #expect(recording.isComplete)
        let first = try #require(snapshots.first { $0.uptimeSeconds >= 0 })
        let last = try #require(snapshots.last)
        let window = MetricsWindow(from: first, to: last)
        // The output of `run` when the recording was made, with `--rate 60/s --duration 6s --seed 42`.
        let requests = window.totals.balanced.metrics.requests
        #expect(requests.started == 360 && requests.succeeded == 359 && requests.failed == 1)
        #expect(requests.onNewConnection == 141 && requests.onReusedConnection == 219)
        #expect(requests.retryDecisions[.freshConnection] == 1)
        let connections = window.totals.balanced.metrics.connections
        #expect(connections.opened == 141 && connections.closed == 134 && connections.idle == 7)
        #expect(connections.closedByReason[.closeHeaderSent] == 119 && connections.closedByReason[.peerReset] == 1)
        #expect(window.dns.lookups == 141 && window.dns.hits == 134 && window.dns.queries == 16)
        #expect(window.totals.metrics.latency.response.count == 359)
        #expect(recording.marks.count == 2)
        // It says 0 of every host, because its version could not see them either.
        #expect(last.hosts.contains { $0.isTLS })
        for host in last.hosts { #expect(host.figures.resumed == (host.isTLS ? .unknown : .exact(0)), "\(host.name)") }
    }

    @Test("A recording of the first version keeps the original text of its events")
    func wordsOfTheFirstVersion() throws {
        var events: [AgentNotice] = []
        _ = try Recording(path: Self.folder.appendingPathComponent("session-v1.rec").path) { snapshot, _ in
            events += snapshot.events
        }
        #expect(
            events.map(\.text) == [
                "legacy sends Connection: close; HTTP keep-alive cannot help this host",
                "HTTP keep-alive OFF for all hosts", "flaky: a request failed with peerReset",
                "HTTP keep-alive ON for all hosts",
            ])
        #expect(events.map(\.label) == ["", "K off", "", "K on"])
        #expect(events.map(\.hostID) == [3, nil, 6, nil] && events.map(\.level) == [.warn, .mark, .warn, .mark])
    }
}
