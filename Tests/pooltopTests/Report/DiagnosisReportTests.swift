import Testing

@testable import PlainDocuments
@testable import PoolModel
@testable import Reporting
@testable import SessionConfig

/// The diagnoses that reports have for a host.
@Suite("Diagnoses in reports") struct DiagnosisReportTests {
    private func summary(_ change: (inout HostSnapshot) -> Void) throws -> Summary {
        var last = SnapshotFixture.last
        change(&last.hosts[0])
        return Summary(plan: try SnapshotFixture.plan(), first: SnapshotFixture.first, last: last)
    }

    private func diagnosis(_ summary: Summary, _ index: Int = 0) throws -> JSONValue? {
        guard case .array(let hosts)? = summary.document["hosts"] else { return nil }
        return hosts[index]["diagnosis"]
    }

    @Test("A host that hangs says so in text and JSON, with what helps")
    func hanging() throws {
        let summary = try summary { $0.silentSeconds = 12 }
        let diagnosis = try #require(try diagnosis(summary))
        #expect(diagnosis["level"] == .string("bad") && diagnosis["cause"] == .string("noResponse"))
        #expect(diagnosis["text"] == .string("catalog: no response for 12 s, 2 requests in flight, 1 wait"))
        #expect(diagnosis["certainty"] == .string("exact"))
        let text = TextSummary(summary: summary).text
        #expect(text.contains("\nDiagnosis\nBAD   catalog: not a byte came for 12 s while 2 requests are in flight"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test("What hung until the run gave it up is told as it was before that: diagnosis, checks and response times")
    func hungToTheEnd() throws {
        var before = SnapshotFixture.last
        before.hosts[0].silentSeconds = 12
        before.hosts[0].oldestActiveSeconds = 13
        before.hosts[0].metrics.requests.inFlight = 640
        before.hosts[0].inFlightAges = [InFlightAge(atLeastSeconds: 12, requests: 640, inBody: 0)]
        var last = SnapshotFixture.last
        last.hosts[0].metrics.requests.inFlight = 0
        last.hosts[0].metrics.requests.queued = 0
        last.hosts[0].metrics.requests.cancelled += 641
        let plan = try SnapshotFixture.plan(checks: [
            "silence < 5s", "oldestInFlight@catalog < 5s", "silence@payments < 5s",
        ])
        let summary = Summary(plan: plan, first: SnapshotFixture.first, last: last, givingUp: before)
        #expect(
            try diagnosis(summary)?["text"] == .string("catalog: no response for 12 s, 640 requests in flight, 1 wait"))
        #expect(summary.checks.map(\.passed) == [false, false, true])
        #expect(summary.checks.map(\.value) == [12, 13, 0])
        let rows = TextSummary(summary: summary).text.split(separator: "\n")
        for name in ["catalog ", "response "] {
            #expect(rows.first { $0.hasPrefix(name) }?.contains(">12.0s") == true, "\(name)")
        }
        guard case .array(let hosts)? = summary.document["hosts"] else { throw TextProblem("no hosts") }
        #expect(hosts[0]["silentSeconds"] == .number(12) && hosts[0]["oldestActiveSeconds"] == .number(13))
        let ended = Summary(plan: plan, first: SnapshotFixture.first, last: last)
        #expect(ended.checks.map(\.passed) == [true, true, true], "nothing was waited for")
    }

    @Test("A diagnosis names all targets of its host, as the table does")
    func sharedHost() throws {
        var last = SnapshotFixture.last
        last.hosts[0].silentSeconds = 12
        for index in last.load?.targets.indices ?? 0..<0 { last.load?.targets[index].hostID = last.hosts[0].id }
        let names = (last.load?.targets ?? []).map(\.name).joined(separator: ", ")
        let summary = Summary(plan: try SnapshotFixture.plan(), first: SnapshotFixture.first, last: last)
        #expect(TextSummary(summary: summary).text.contains("BAD   \(names): not a byte"))
    }

    @Test("Nothing but what names bring along is outside of ASCII, and a hostile name steers no terminal")
    func cleanliness() throws {
        let summary = try summary { host in
            host.name = "\u{1B}[31mcatalog"
            host.origin = "http://a\u{202E}b:80"
            host.metrics.statuses = [503: 9000, 401: 8000]
        }
        let block = TextSummary(summary: summary).text.split(separator: "\n").drop { $0 != "Diagnosis" }
        #expect(
            !block.isEmpty && block.allSatisfy { line in line.unicodeScalars.allSatisfy { $0.isASCII || $0 == "–" } })
        #expect(!summary.document.line.unicodeScalars.contains("\u{202E}"))
    }

    @Test("A host that the agent has not met has none, and one that is well is not in the text")
    func nothingToSay() throws {
        let summary = Summary(
            plan: try SnapshotFixture.plan(), first: SnapshotFixture.zero, last: SnapshotFixture.zero)
        #expect(try diagnosis(summary) == .null)
        #expect(!TextSummary(summary: summary).text.contains("Diagnosis"))
    }

    @Test("Requests that were given up at the end of a run without any answer are a host that does not respond")
    func givenUp() throws {
        let summary = try summary { host in
            let before = SnapshotFixture.first.hosts[0].metrics
            host.metrics = before
            host.metrics.requests.started += 64
            host.metrics.requests.cancelled += 64
            host.metrics.requests.inFlight = 0
            host.metrics.requests.queued = 0
            host.metrics.connections.opened += 64
        }
        #expect(try diagnosis(summary)?["text"] == .string("catalog: no response to any of 64 requests"))
    }
}
