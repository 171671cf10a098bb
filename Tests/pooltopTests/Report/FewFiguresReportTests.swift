import Foundation
import PlainDocuments
import SessionConfig
import Testing

@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import pooltop

/// Reports of a source that knows how many connections there are and about how many requests, and nothing else.
@Suite("Reports with unknown figures") struct FewFiguresReportTests {
    private static let certainty = Certainties(
        Dictionary(
            uniqueKeysWithValues: FigureGroup.allCases.compactMap { group in
                group == .connections ? nil : (group, group == .requests ? .estimate : .unknown)
            }))

    /// The fixture as such a source gives it. `filler` stands in the place of what it does not know.
    private static func modest(_ snapshot: AgentSnapshot, filler: Int) -> AgentSnapshot {
        var snapshot = snapshot
        snapshot.load = nil
        for counter in DNSCounts.counters { snapshot.dns[keyPath: counter.keyPath] *= filler }
        snapshot.dnsCacheEnabled = filler == 0
        snapshot.process.cpuSeconds *= Double(filler)
        snapshot.process.agentCPUSeconds *= Double(filler)
        snapshot.process.maxResidentBytes = filler
        for index in snapshot.hosts.indices { modest(&snapshot.hosts[index], filler: filler) }
        return snapshot
    }

    private static func modest(_ host: inout HostSnapshot, filler: Int) {
        host.certainty = certainty
        (host.keepAlive, host.maxSockets, host.learnedIdleSeconds) = (filler == 0, filler, Double(filler))
        let open = host.metrics.connections.open
        // It takes every request that ended for one that succeeded.
        host.metrics.requests.succeeded += host.metrics.requests.failed
        for counter in HostMetrics.counters where certainty[counter.group] == .unknown {
            host.metrics[keyPath: counter.keyPath] *= filler
        }
        // `open` is known, and which of them are busy is not.
        (host.metrics.connections.active, host.metrics.connections.idle) = filler == 0 ? (0, open) : (open, 0)
        if filler == 0 {
            host.metrics.statuses = [:]
            host.metrics.errors = CountsBy()
            host.metrics.connections.closedByReason = CountsBy()
            host.metrics.requests.retryDecisions = CountsBy()
            host.metrics.latency = LatencySet()
        }
        for index in host.addresses.indices {
            host.addresses[index].exchanges *= filler
            (host.addresses[index].isInDNS, host.addresses[index].isSuspect) = (filler == 0, filler > 0)
        }
        host.metrics.requests.failed = filler
    }

    private static let checks = [
        "reuse > 0", "reuse >= 0 @catalog", "p99 < 1s", "errors == 0", "dnsQueries/s >= 0", "statuses.404 == 0",
        "connections.closedByReason.idleTimeout == 0", "cpuPerRequest >= 0", "requests/s > 10", "newConnections/s < 5",
    ]

    private static func summary(filler: Int) throws -> Summary {
        Summary(
            plan: try SnapshotFixture.plan(checks: checks), first: modest(SnapshotFixture.first, filler: filler),
            last: modest(SnapshotFixture.last, filler: filler))
    }

    @Test("The placeholder for an unknown figure appears in no report")
    func fillersAreNotReported() throws {
        let (zeros, sevens) = (try Self.summary(filler: 0), try Self.summary(filler: 7))
        #expect(zeros.document.pretty == sevens.document.pretty)
        #expect(TextSummary(summary: zeros).text == TextSummary(summary: sevens).text)
        let lines = [0, 7].map { filler in
            SnapshotLine(
                previous: Self.modest(SnapshotFixture.first, filler: filler),
                current: Self.modest(SnapshotFixture.last, filler: filler)
            ).document.line
        }
        #expect(lines[0] == lines[1])
        let plan = try SnapshotFixture.plan()
        let progress = [zeros, sevens].map { ProgressLine.text($0.window, elapsed: 3, time: PlannedTime(plan.load)) }
        #expect(progress[0] == progress[1] && progress[0].contains("requests ~99.9/s  new connections 0.70/s"))
        #expect(!progress[0].contains("–"))
    }

    @Test("Unknown figures are null in JSON, and every host lists them")
    func json() throws {
        let document = try Self.summary(filler: 0).document
        let host = try #require(
            { if case .array(let hosts)? = document["hosts"] { return hosts.first } else { return nil } }())
        for path in [
            "requests.queued", "requests.failed", "connections.active", "connections.reuseRatio", "statuses", "errors",
            "connections.closedByReason", "tls.handshakes", "bytes.sent", "latency.response.p99",
            "latency.response.count", "keepAlive", "limits", "oldestWaitSeconds",
        ] {
            #expect(host.at(path.split(separator: ".")) == .null, "\(path)")
        }
        #expect(host.at(["connections", "opened"]) == .integer(9))
        #expect(host.at(["requests", "started"])?.asDouble != nil)
        #expect(host["certainty"]?["requests"] == .string("estimate"))
        #expect(host["certainty"]?["latency"] == .string("unknown"))
        #expect(host["certainty"]?["connections"] == nil)
        #expect(document.at(["dns", "queries"]) == .null && document.at(["process", "cpuSeconds"]) == .null)
        #expect(document.at(["totals", "connections", "reuseRatio"]) == .null)
    }

    @Test("In text an estimate is marked and an unknown figure is a dash")
    func text() throws {
        let text = TextSummary(summary: try Self.summary(filler: 0)).text
        #expect(text.contains("~99.9/s   ~999 succeeded, – failed"))
        #expect(text.contains("0.70/s   7 opened, 7 closed, 3 open (– active + – idle)"))
        #expect(text.contains("– queries for – lookups") && !text.contains("0%"))
    }

    @Test("A check on an unknown figure has not passed and says why, and one on an estimate is marked")
    func checks() throws {
        let results = try Self.summary(filler: 0).checks
        for result in results.prefix(8) {
            #expect(!result.passed && result.value == nil && result.note == "unknown", "\(result.check.text)")
        }
        #expect(results[8].passed && results[8].note == "estimate" && results[8].valueText == "~99.9")
        #expect(results[9].passed && results[9].note == nil && results[9].valueText == "0.700")
    }

    @Test("A figure made from counts is unknown if one of its groups is", arguments: FigureGroup.allCases)
    func derivedFigures(_ group: FigureGroup) {
        var figures = WindowFigures()
        figures.certainty[group] = .unknown
        for derived in DerivedFigure.all {
            let isUnknown =
                switch derived.value(figures, 1) {
                case .count(let count): count.isUnknown
                case .number(let number): number.isUnknown
                }
            #expect(isUnknown == derived.groups.contains(group), "\(derived.name)")
        }
    }

    @Test("A recording keeps the certainty of figures")
    func recording() throws {
        let snapshots = RecordedStory.told(seconds: 3).map { snapshot in
            var snapshot = snapshot
            for index in snapshot.hosts.indices { snapshot.hosts[index].certainty = Self.certainty }
            // A figure that is learned later becomes certain.
            if snapshot.uptimeSeconds > 2 { snapshot.hosts[1].certainty[.tls] = .exact }
            return snapshot
        }
        let file = try TemporaryFile(try RecordedStory.recording(snapshots))
        var read: [AgentSnapshot] = []
        _ = try Recording(path: file.path) { snapshot, _ in read.append(snapshot) }
        #expect(read.map { $0.hosts.map(\.certainty) } == snapshots.map { $0.hosts.map(\.certainty) })
    }
}
