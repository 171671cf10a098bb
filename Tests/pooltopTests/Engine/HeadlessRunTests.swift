import Foundation
import Testing

@testable import SessionConfig
@testable import pooltop

/// Whole runs over the bundled downstreams, as `pooltop run` makes them.
@Suite(.serialized) struct HeadlessRunTests {
    private struct Report {
        var status: CommandStatus
        /// The lines, or the one object.
        var documents: [[String: Any]]

        var summary: [String: Any] { documents.last ?? [:] }
        var hosts: [[String: Any]] { summary["hosts"] as? [[String: Any]] ?? [] }
    }

    /// Signals of the process are not listened for: other tests of this process send themselves some.
    private func run(
        _ arguments: [String], format: ReportFormat = .json, signals: AsyncStream<Int32> = AsyncStream { _ in }
    ) async throws -> Report {
        let file = try TemporaryFile("")
        let report = ReportPlan(format: format, interval: .milliseconds(100), outputFile: file.path, isQuiet: true)
        let run = HeadlessRun(plan: try plan(arguments), report: report, makeSignals: { EndSignals(signals) })
        let status = try await run.execute()
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let texts = format == .ndjson ? text.split(separator: "\n").map(String.init) : [text]
        return Report(
            status: status,
            documents: try texts.map { text in
                try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            })
    }

    private func number(_ metrics: [String: Any], _ path: String) -> Int {
        var value: Any? = metrics
        for key in path.split(separator: ".") { value = (value as? [String: Any])?[String(key)] }
        return value as? Int ?? -1
    }

    private func sum(_ metrics: [String: Any], _ path: String) -> Int {
        var value: Any? = metrics
        for key in path.split(separator: ".") { value = (value as? [String: Any])?[String(key)] }
        return (value as? [String: Int] ?? [:]).values.reduce(0, +)
    }

    /// The equations that hold at every instant.
    private func checkBooks(_ metrics: [String: Any]) {
        let present = number(metrics, "requests.inFlight") + number(metrics, "requests.queued")
        let ended = ["succeeded", "failed", "cancelled"].map { number(metrics, "requests.\($0)") }.reduce(0, +)
        #expect(number(metrics, "requests.started") == ended + present)
        let open = number(metrics, "connections.idle") + number(metrics, "connections.active")
        #expect(number(metrics, "connections.opened") == number(metrics, "connections.closed") + open)
        let dials = ["opened", "dialFailed", "connecting"].map { number(metrics, "connections.\($0)") }.reduce(0, +)
        #expect(number(metrics, "connections.dials") == dials)
        #expect(number(metrics, "connections.closed") == sum(metrics, "connections.closedByReason"))
        #expect(number(metrics, "requests.succeeded") == sum(metrics, "statuses"))
        #expect(number(metrics, "requests.failed") == sum(metrics, "errors"))
        if let addresses = metrics["addresses"] as? [[String: Any]] {
            let exchanges = addresses.map { number($0, "exchanges") }.reduce(0, +)
            let uses = number(metrics, "requests.onNewConnection") + number(metrics, "requests.onReusedConnection")
            #expect(exchanges == uses)
        }
    }

    @Test("Toggling continuously fails nothing and keeps the totals balanced", arguments: [1, 2])
    func togglingAllTheTimeFailsNothingAndTheBooksBalance(loops: Int) async throws {
        let report = try await run(
            ["--rate", "2000", "-n", "800", "--at", "every:10ms:keepAlive=toggle", "--loops", "\(loops)"])
        #expect(report.status == .done && report.hosts.count == 7)
        for host in report.hosts {
            checkBooks(host)
            if host["name"] as? String != "flaky" { #expect(number(host, "requests.failed") == 0) }
        }
        let totals = try #require(report.summary["totals"] as? [String: Any])
        checkBooks(totals)
        #expect(number(totals, "requests.planned") == 800)
        #expect(number(totals, "connections.closedByReason.closeHeaderSent") > 0)
        #expect(number(totals, "requests.onReusedConnection") > 0)
        let dns = try #require(report.summary["dns"] as? [String: Any])
        let outcomes = ["hits", "staleHits", "negativeHits", "misses", "coalesced"].map { number(dns, $0) }
        #expect(number(dns, "lookups") == outcomes.reduce(0, +))
    }

    @Test(
        "Exactly the requested number is measured after the warm-up",
        arguments: [["--rate", "1000"], ["-c", "8", "--loops", "2"]])
    func asManyAreMeasuredAsWereAskedForAfterTheWarmUp(load: [String]) async throws {
        let report = try await run(load + ["-n", "300", "--warm-up", "200ms"])
        let totals = try #require(report.summary["totals"] as? [String: Any])
        let before = number(report.summary, "warmUp.requestsPresent")
        // A pause of the machine leaves requests out, which were planned all the same.
        let gaps = report.summary["gaps"] as? [[String: Any]] ?? []
        let missed = gaps.map { number($0, "missed") }.reduce(0, +)
        #expect(before >= 0 && number(totals, "requests.planned") == 300 + before + missed)
        checkBooks(totals)
    }

    @Test("A signal ends the run and the summary is written")
    func aSignalEndsItAndTheSummaryIsWritten() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        continuation.yield(SIGINT)
        let report = try await run(["--rate", "100", "--duration", "1h"], signals: signals)
        #expect(report.status == .done && report.hosts.count == 7)
        #expect(report.summary["durationSeconds"] as? Double ?? .infinity < 60)
    }

    @Test("A timed change shows in its interval")
    func aChangeOnTheWayShowsInItsInterval() async throws {
        let report = try await run(
            [
                "--rate", "500", "--duration", "1s", "--at", "300ms:keepAlive=off@catalog", "--at",
                "1ms:dnsCache=toggle",
            ],
            format: .ndjson)
        let lines = report.documents.dropLast()
        #expect(report.summary["schema"] as? String == "pooltop.summary/1" && lines.count > 1)
        let marks = lines.flatMap { $0["events"] as? [[String: Any]] ?? [] }.filter { $0["level"] as? String == "mark" }
        #expect(marks.contains { $0["host"] as? String == "catalog" && $0["label"] as? String == "t off" })
        func catalog(_ line: [String: Any]) -> [String: Any] {
            (line["hosts"] as? [[String: Any]] ?? []).first { $0["name"] as? String == "catalog" } ?? [:]
        }
        #expect(catalog(try #require(lines.last))["keepAlive"] as? Bool == false)
        #expect(try #require(lines.last)["keepAlive"] as? Bool == true, "the others keep theirs")
        #expect(number(catalog(report.summary), "connections.closedByReason.keepAliveDisabled") > 0)
        let opened = lines.map { number(catalog($0), "connections.opened") }.reduce(0, +)
        #expect(opened == number(catalog(report.summary), "connections.opened"), "intervals add up to the whole")
    }
}
