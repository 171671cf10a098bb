import ArgumentParser
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing
import Watch

@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// `pooltop watch` without a screen, over a kernel that is played.
@Suite struct WatchRunTests {
    private struct Result {
        var status: CommandStatus
        var output: String
        var error: String

        var documents: [JSONValue] {
            get throws {
                try output.split(separator: "\n").map { line in try JSONReader.value(of: Array(line.utf8)[...]) }
            }
        }
    }

    private func run(
        _ arguments: [String], source: FakeWatch = FakeWatch(), signals: AsyncStream<Int32> = AsyncStream { _ in },
        errorIsTerminal: Bool = false
    ) async throws -> Result {
        let texts = NIOLockedValueBox((output: "", error: ""))
        let channels = ReportChannels(
            writeOutput: { text in texts.withLockedValue { $0.output += text } },
            writeError: { text in texts.withLockedValue { $0.error += text } }, outputIsTerminal: false,
            errorIsTerminal: errorIsTerminal, columns: { 200 })
        let plan = try WatchOptions.parse(["4711"] + arguments).plan(environment: [:])
        let report = try #require(plan.report)
        let run = WatchRun(
            plan: plan, report: report, begin: { plan, _ in try source.watched(plan) },
            makeSignals: { EndSignals(signals) }, channels: channels)
        let status = try await run.execute()
        #expect(source.isShutDown)
        let (output, error) = texts.withLockedValue { $0 }
        return Result(status: status, output: output, error: error)
    }

    @Test("The text says what was watched, and no seed or load of its own")
    func text() async throws {
        let result = try await run(["--duration", "500ms"])
        #expect(result.status == .done)
        let head = try #require(result.output.split(separator: "\n").first)
        #expect(head.hasPrefix("watch 4711 node app.js, "))
        #expect(head.hasSuffix("s measured"))
        #expect(result.output.contains("127.0.0.1:8080"))
        #expect(!result.output.contains("seed"))
    }

    @Test("The object has what was asked for as its settings, and estimates are named")
    func json() async throws {
        let result = try await run(
            ["--duration", "500ms", "--format", "json", "--port", "8080", "--name", "a.test:80"])
        let document = try JSONReader.value(of: Array(result.output.utf8)[...])
        #expect(document["schema"] == .string("pooltop.summary/1"))
        #expect(document.at(["settings", "watch", "processes"]) == .array([.integer(4711)]))
        #expect(document.at(["settings", "watch", "port"]) == .integer(8080))
        #expect(document.at(["settings", "watch", "names"]) == .array([.string("a.test:80")]))
        guard case .array(let hosts)? = document["hosts"], let host = hosts.first else {
            Issue.record("no host")
            return
        }
        #expect(host.at(["certainty", "requests"]) == .string("estimate"))
        #expect(host.at(["latency", "response", "p99"]) == .null)
        let opened = try #require(host.at(["connections", "openedPerSecond"])?.asDouble)
        #expect(abs(opened - FakeWatch.perSecond) < 20)
    }

    @Test("Lines of ndjson add up to the summary")
    func ndjson() async throws {
        let result = try await run(["--duration", "700ms", "--format", "ndjson", "--interval", "100ms"])
        let documents = try result.documents
        #expect(documents.count >= 2)
        #expect(documents.dropLast().allSatisfy { $0["schema"] == .string("pooltop.snapshot/1") })
        let lines = documents.dropLast().compactMap { $0.at(["totals", "connections", "opened"])?.asDouble }
        #expect(lines.reduce(0, +) == documents.last?.at(["totals", "connections", "opened"])?.asDouble)
    }

    @Test("A check on a known figure is judged, and one on an unknown figure is not met")
    func checks() async throws {
        let result = try await run(
            [
                "--duration", "300ms", "--check", "newConnections/s < 5", "--check", "p99 < 1s", "--check",
                "requests > 1",
            ])
        #expect(result.status == .checkNotMet)
        let lines = result.output.split(separator: "\n").filter { $0.contains("met") || $0.contains("NOT MET") }
        #expect(lines.count { $0.hasSuffix("NOT MET") } == 2)
        #expect(lines.contains { $0.hasPrefix("p99 < 1s") && $0.contains("unknown") })
        #expect(lines.contains { $0.hasPrefix("requests > 1") && $0.contains("~") && !$0.hasSuffix("NOT MET") })
        #expect(try await run(["--duration", "300ms", "--check", "newConnections/s > 100"]).status == .done)
    }

    @Test("An interrupt ends it early, and the report is still printed")
    func interrupted() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        continuation.yield(SIGINT)
        let began = ContinuousClock.now
        let result = try await run(["--duration", "1h"], signals: signals)
        #expect(result.status == .done && result.output.hasPrefix("watch 4711"))
        #expect(ContinuousClock.now - began < .seconds(600))
    }

    @Test("The progress line leaves out what cannot be known")
    func progress() async throws {
        let result = try await run(["--duration", "1800ms"], errorIsTerminal: true)
        #expect(result.error.contains(" of 1800ms  requests ~"))
        #expect(result.error.contains("/s  new connections "))
        #expect(!result.error.contains("p99") && !result.error.contains("failed"))
    }

    @Test("A source that fails is the error, and nothing is left")
    func failing() async throws {
        let source = FakeWatch(failsAt: 2)
        let file = try TemporaryFile("before")
        let error = await #expect(throws: WatchError.self) {
            try await run(["--duration", "200ms", "-o", file.path], source: source)
        }
        #expect(error == WatchError("the namespace has vanished"))
        #expect(source.isShutDown)
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "before")
    }

    @Test("A recording is replayed with the same figures, the same source and the same head")
    func recording() async throws {
        let file = try TemporaryFile("")
        let result = try await run(["--duration", "1200ms", "--format", "json", "--record", file.path])
        #expect(result.status == .done)
        let recording = try Recording(path: file.path)
        #expect(recording.isComplete && recording.header.command == "watch" && recording.header.source == "watch")
        var cursor = RecordingCursor()
        let next = cursor.next(of: recording)
        let first = try #require(next)
        #expect(first.source?.kind == .watch && first.source?.processes?.first?.command == "node app.js")
        #expect(first.source?.notes == [SourceNote(.sharesEstimated)])
        #expect(first.hosts.first?.kernel?.timeWait == 7)
        let replayed = try TemporaryFile("")
        let report = ReportPlan(format: .json, outputFile: replayed.path, isQuiet: true)
        #expect(try ReplayReport(recording: recording, report: report, position: nil).write() == .done)
        let (mine, its) = (result.output, try String(contentsOfFile: replayed.path, encoding: .utf8))
        #expect(mine == its)
    }

    @Test("A host that got a name in between is the same host, and another process counts from its beginning")
    func renamed() {
        let first = FakeWatch.snapshot(1)
        var last = FakeWatch.snapshot(3)
        (last.hosts[0].name, last.hosts[0].origin) = ("api.test:8080", "http://api.test:8080")
        #expect(MetricsWindow(from: first, to: last).totals.metrics.connections.opened == 400)
        last.source?.pid = 4712
        #expect(MetricsWindow(from: first, to: last).totals.metrics.connections.opened == 600)
    }
}
