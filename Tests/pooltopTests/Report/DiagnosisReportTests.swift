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
