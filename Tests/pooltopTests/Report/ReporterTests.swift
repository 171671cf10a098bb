import Foundation
import Synchronization
import Testing

@testable import PoolModel
@testable import Reporting
@testable import SessionConfig

/// The output of a reporter, by destination.
private final class Written: Sendable {
    private let texts = Mutex((output: "", error: ""))
    var output: String { texts.withLock { $0.output } }
    var error: String { texts.withLock { $0.error } }

    func channels(
        outputIsTerminal: Bool = false, errorIsTerminal: Bool = false, columns: Int = 80, fails: Bool = false
    ) -> ReportChannels {
        ReportChannels(
            writeOutput: { text throws(CommandLineError) in
                if fails { throw CommandLineError(.cannotRun, "cannot write to standard output: Broken pipe") }
                self.texts.withLock { $0.output += text }
            },
            writeError: { text in self.texts.withLock { $0.error += text } }, outputIsTerminal: outputIsTerminal,
            errorIsTerminal: errorIsTerminal, columns: { columns })
    }
}

@Suite struct ReporterTests {
    private let written = Written()

    /// A whole run with one interval.
    private func run(
        _ report: ReportPlan, checks: [String] = [], channels: ReportChannels
    ) throws -> CommandStatus {
        var reporter = Reporter(plan: try SnapshotFixture.plan(checks: checks), report: report, channels: channels)
        try reporter.begin()
        reporter.progress(SnapshotFixture.first)
        reporter.progress(SnapshotFixture.last)
        try reporter.interval(previous: SnapshotFixture.first, current: SnapshotFixture.last)
        return try reporter.finish(first: SnapshotFixture.first, last: SnapshotFixture.last)
    }

    @Test("The text report is only the summary")
    func textIsTheSummaryAlone() throws {
        #expect(try run(ReportPlan(), checks: ["errors == 0"], channels: written.channels()) == .checkNotMet)
        #expect(written.output.hasPrefix("open loop 100/s constant") && written.error.isEmpty)
    }

    @Test("The JSON report is one object")
    func jsonIsOneObject() throws {
        let status = try run(
            ReportPlan(format: .json), checks: ["errors == 0", "reuse > 0.5"], channels: written.channels())
        let object = try JSONSerialization.jsonObject(with: Data(written.output.utf8)) as? [String: Any]
        #expect(object?["schema"] as? String == "pooltop.summary/1" && written.output.hasSuffix("}\n"))
        #expect(status == .checkNotMet && written.error == "pooltop: check not met: errors == 0: 3\n")
    }

    @Test("The ndjson report is a line per interval and the summary")
    func ndjsonIsALinePerIntervalAndTheSummary() throws {
        #expect(try run(ReportPlan(format: .ndjson), channels: written.channels()) == .done)
        let schemas = try written.output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["schema"] as? String
        }
        #expect(schemas == ["pooltop.snapshot/1", "pooltop.summary/1"])
    }

    /// Events are handed out once, by whatever snapshot comes next.
    @Test("No event is lost between intervals")
    func noEventIsLost() throws {
        func snapshot(_ base: AgentSnapshot, _ texts: [String], host: Int? = nil) -> AgentSnapshot {
            var snapshot = base
            snapshot.events = texts.map {
                AgentNotice(level: .mark, uptimeSeconds: 1, hostID: host, label: "K off", text: $0)
            }
            return snapshot
        }
        var plan = try SnapshotFixture.plan()
        plan.tls.insecure = true
        var reporter = Reporter(plan: plan, report: ReportPlan(format: .ndjson), channels: written.channels())
        try reporter.begin()
        reporter.collect(snapshot(SnapshotFixture.first, ["one"]))
        reporter.progress(snapshot(SnapshotFixture.first, ["two"], host: 1))
        let last = snapshot(SnapshotFixture.last, ["three"])
        try reporter.interval(previous: SnapshotFixture.first, current: last)
        try reporter.lastInterval(previous: last, current: SnapshotFixture.last)
        reporter.progress(snapshot(SnapshotFixture.last, Array(repeating: "more", count: 1000)))
        try reporter.interval(previous: last, current: SnapshotFixture.last)
        let lines = try written.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let events = lines.map { $0["events"] as? [[String: Any]] ?? [] }
        #expect(events.map(\.count) == [3, SnapshotLine.maxEvents], "nothing came after the last full interval")
        #expect(events[0].map { $0["text"] as? String } == ["one", "two", "three"])
        #expect(events[0].map { $0["host"] as? String } == [nil, "payments", nil])
        #expect(lines[0]["insecure"] as? Bool == true)
    }

    @Test("The progress line warns if nothing is verified")
    func progressSaysThatNothingIsVerified() {
        var line = ProgressLine(
            interval: .seconds(1), time: PlannedTime(),
            tlsWeakness: TLSWeakness(isInsecure: true, oldVersion: "1.0"))
        _ = line.update(SnapshotFixture.first)
        #expect(line.update(SnapshotFixture.last)?.hasPrefix("INSECURE  OLD TLS 1.0  10.0s") == true)
    }

    @Test("The progress line is a single line that disappears")
    func progressIsOneLineThatGoesAway() throws {
        _ = try run(ReportPlan(format: .json), channels: written.channels(errorIsTerminal: true, columns: 60))
        #expect(
            written.error == "\r10.0s of 10s  requests 99.9/s  reuse 99.3%  new connection~\u{1B}[K\r\u{1B}[K")
    }

    @Test(
        "The progress line is drawn only where it does not interfere",
        arguments: [
            (ReportPlan(isQuiet: true), false), (ReportPlan(format: .ndjson), true),
            (ReportPlan(format: .ndjson), false),
        ])
    func progressOnlyWhereItDisturbsNothing(report: ReportPlan, outputIsTerminal: Bool) throws {
        _ = try run(report, channels: written.channels(outputIsTerminal: outputIsTerminal, errorIsTerminal: true))
        #expect(written.error.isEmpty == (report.isQuiet || outputIsTerminal))
    }

    @Test("The progress line changes at most twice per second")
    func progressChangesTwiceASecondAtMost() throws {
        var line = ProgressLine(interval: .milliseconds(10), time: PlannedTime())
        var texts: [String] = []
        for step in 0...20 {
            var snapshot = SnapshotFixture.last
            snapshot.uptimeSeconds = 100 + Double(step) / 10
            if let text = line.update(snapshot) { texts.append(text) }
        }
        #expect(texts.count == 4)
    }

    @Test("A message is printed once, and the progress line makes way")
    func aSentenceIsSaidOnceAndTheLineMakesWay() {
        var notes = StatusLine(written.channels(errorIsTerminal: true, columns: 60), drawsLine: true)
        notes.draw("a")
        for _ in 0..<2 { notes.say("full\u{1B}") }
        notes.draw("b")
        notes.end()
        notes.end()
        notes.draw("c")
        #expect(written.error == "\ra\u{1B}[K\r\u{1B}[Kpooltop: full?\n\rb\u{1B}[K\r\u{1B}[K")
    }

    @Test("An output file appears when it is complete")
    func anOutputFileAppearsWhenItIsComplete() throws {
        let file = try TemporaryFile("before")
        var reporter = Reporter(
            plan: try SnapshotFixture.plan(), report: ReportPlan(format: .json, outputFile: file.path),
            channels: written.channels())
        try reporter.begin()
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "before")
        _ = try reporter.finish(first: SnapshotFixture.first, last: SnapshotFixture.last)
        #expect(try String(contentsOfFile: file.path, encoding: .utf8).hasPrefix("{\n  \"schema\""))
        #expect(written.output.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder) == ["file"])
    }

    @Test("An abandoned report leaves no file")
    func anAbandonedReportLeavesNoTrace() throws {
        let file = try TemporaryFile("before")
        var reporter = Reporter(
            plan: try SnapshotFixture.plan(), report: ReportPlan(outputFile: file.path), channels: written.channels())
        try reporter.begin()
        reporter.abandon()
        reporter.abandon()
        #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder) == ["file"])
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "before")
    }

    /// Nobody but the owner may read it, whatever the mode was before.
    @Test("A link stays a link and the file is private")
    func aLinkStaysALinkAndTheFileIsPrivate() throws {
        let file = try TemporaryFile("before")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
        let link = file.folder + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path)
        _ = try run(ReportPlan(outputFile: link), channels: written.channels())
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file.path)
        #expect(try String(contentsOfFile: file.path, encoding: .utf8).hasPrefix("open loop"))
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("A device is written to directly")
    func aDeviceIsWrittenDirectly() throws {
        #expect(try run(ReportPlan(outputFile: "/dev/null"), channels: written.channels()) == .done)
        #expect(
            try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType != .typeRegular)
    }

    @Test("An output that cannot be written is an error before the run")
    func anOutputThatCannotBeWrittenIsFoundBeforeTheRun() throws {
        let file = try TemporaryFile("x")
        for (path, line) in [
            ("/nowhere/x", "--output: cannot write '/nowhere/x': No such file or directory"),
            (file.folder, "--output: '\(file.folder)' is a folder"),
        ] {
            var reporter = Reporter(
                plan: try SnapshotFixture.plan(), report: ReportPlan(outputFile: path), channels: written.channels())
            let error = #expect(throws: CommandLineError.self) { try reporter.begin() }
            #expect(error == CommandLineError(.cannotRun, line))
        }
    }

    @Test("A reader that has gone ends the run")
    func aReaderThatHasGoneEndsTheRun() throws {
        #expect(throws: CommandLineError(.cannotRun, "cannot write to standard output: Broken pipe")) {
            try run(ReportPlan(format: .ndjson), channels: written.channels(fails: true))
        }
    }
}
