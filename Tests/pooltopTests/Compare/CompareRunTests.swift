import ArgumentParser
import Foundation
import Testing

@testable import SessionConfig
@testable import pooltop

/// Whole comparisons over the bundled downstreams, short ones.
@Suite(.serialized) struct CompareRunTests {
    private func compare(
        _ options: [String], _ common: [String] = [], format: ReportFormat = .json,
        signals: AsyncStream<Int32> = AsyncStream { _ in }
    ) async throws -> (status: CommandStatus, documents: [[String: Any]]) {
        let file = try TemporaryFile("")
        let report = ReportPlan(format: format, outputFile: file.path, isQuiet: true)
        let common = try CommonOptions.parse(["--seed", "7", "--rate", "100/s"] + common)
        let plan = try CompareOptions.parse(options).plan(common: common)
        let run = CompareRun(plan: plan, report: report, makeSignals: { EndSignals(signals) })
        let status = try await run.execute()
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let texts = format == .ndjson ? text.split(separator: "\n").map(String.init) : [text]
        return (
            status,
            try texts.map { text in
                try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            }
        )
    }

    private func metric(_ name: String, _ document: [String: Any]) throws -> [String: Any] {
        let metrics = try #require(document["metrics"] as? [[String: Any]])
        return try #require(metrics.first { $0["name"] as? String == name })
    }

    private func figure(_ metric: [String: Any], _ key: String) throws -> Double {
        try #require(metric[key] as? NSNumber).doubleValue
    }

    private func closed(_ arm: String, _ document: [String: Any]) throws -> [String: Int] {
        var value: Any? = document
        for key in ["totals", arm, "totals", "connections", "closedByReason"] {
            value = (value as? [String: Any])?[key]
        }
        return try #require(value as? [String: Int])
    }

    @Test("The comparison shows the effect of keep-alive")
    func keepAliveIsWhatMakesTheDifference() async throws {
        let (status, documents) = try await compare(["--pairs", "3", "--window", "400ms", "--washout", "3s"])
        #expect(status == .done)
        let document = documents[0]
        // On a busy machine a pair is measured again.
        #expect((1...4).contains(document["pairs"] as? Int ?? 0) && document["sessions"] as? Int == 1)
        // Off, every request has a connection and every connection a lookup of its own: A and AAAA.
        let connections = try metric("connectionsPerSecond", document)
        let queries = try metric("dnsQueriesPerSecond", document)
        let requests = try metric("requestsPerSecond", document)
        #expect(try abs(figure(connections, "a") / figure(requests, "a") - 1) < 0.4)
        // On a busy machine questions are repeated, and windows cut lookups from their connections.
        #expect(try abs(figure(queries, "a") / figure(connections, "a") - 2) < 1)
        #expect(try figure(connections, "b") < figure(connections, "a"))
        #expect(try figure(queries, "b") < figure(queries, "a"))
        #expect(try abs(figure(metric("requestsPerConnection", document), "a") - 1) < 0.2)
        // The arms do not leak into each other, but for a slow request that was written before the switch.
        let (a, b) = (try closed("a", document), try closed("b", document))
        #expect(a["closeHeaderSent", default: 0] > 5 * b["closeHeaderSent", default: 0])
        #expect(b["keepAliveDisabled"] == nil)
    }

    @Test("Each window is a line, and the comparison is the last one")
    func eachWindowIsALineAndTheComparisonTheLast() async throws {
        let (_, documents) = try await compare(
            ["--pairs", "2", "--window", "100ms", "--washout", "50ms", "--sessions", "2"], format: .ndjson)
        #expect(documents.count == 9)
        let windows = documents.dropLast()
        #expect(windows.allSatisfy { $0["schema"] as? String == "pooltop.window/1" })
        // The order within a pair is drawn; a lead pair begins each session.
        for pair in stride(from: 0, to: 8, by: 2) {
            #expect(Set(windows[pair...(pair + 1)].map { $0["arm"] as? String }) == ["a", "b"])
        }
        // A busy machine may make some windows longer, but not all.
        let lengths = windows.compactMap { $0["seconds"] as? Double }
        #expect(lengths.allSatisfy { $0 > 0 } && (lengths.min() ?? 1) < 0.13, "\(lengths)")
        #expect(windows.map { $0["session"] as? Int } == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(windows.map { $0["counts"] as? Bool } == [false, false, true, true, false, false, true, true])
        #expect(windows.reduce(0) { $0 + ($1["finished"] as? Int ?? 0) } > 0)
        let last = try #require(documents.last)
        #expect(last["schema"] as? String == "pooltop.comparison/1" && last["sessions"] as? Int == 2)
        // Whether two pairs are disturbed is the machine's doing; two sessions decide nothing either way.
        let metrics = try #require(last["metrics"] as? [[String: Any]])
        #expect(!metrics.isEmpty && metrics.allSatisfy { $0["verdict"] as? String == "undecided" })
    }

    @Test("A target that is down ends the comparison after two pairs")
    func deadTarget() async throws {
        let (status, documents) = try await compare(
            ["--window", "100ms", "--washout", "100ms"], ["--target", "http://127.0.0.1:1/"])
        #expect(status == .done)
        #expect(documents[0]["targetDown"] as? Bool == true && (documents[0]["metrics"] as? [Any])?.isEmpty == true)
        let totals = try #require((documents[0]["totals"] as? [String: Any])?["a"] as? [String: Any])
        #expect((totals["seconds"] as? Double ?? 9) < 1)
    }

    @Test("A signal ends the comparison with the results so far")
    func aSignalEndsItWithWhatThereIs() async throws {
        let (signals, send) = AsyncStream.makeStream(of: Int32.self)
        send.yield(SIGINT)
        let (status, documents) = try await compare(["--window", "10s"], signals: signals)
        #expect(status == .done)
        #expect(documents[0]["pairs"] as? Int == 0 && documents[0]["comparable"] as? Bool == false)
    }

    @Test("A check on arm B determines the exit status")
    func aCheckOnBDecidesTheStatus() async throws {
        let options = ["--pairs", "1", "--window", "200ms", "--washout", "400ms"]
        #expect(try await compare(options, ["--check", "reuse > 0.2"]).status == .done)
        #expect(try await compare(options, ["--check", "reuse > 1"]).status == .checkNotMet)
    }

    /// The recording covers the whole session, and every change of arms is a mark in it.
    @Test("The session can be recorded")
    func theSessionCanBeRecorded() async throws {
        let file = try TemporaryFile("")
        let (status, _) = try await compare(
            ["--pairs", "1", "--window", "300ms", "--washout", "400ms"], ["--record", file.path])
        #expect(status == .done)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(text.hasPrefix(#"{"schema":"pooltop.recording/1""#))
        #expect(text.split(separator: "\n").count > 3)
        #expect(text.contains("keep-alive"))
    }

    @Test("A report that cannot be written is an error before the start")
    func aReportThatCannotBeWrittenIsSaidBeforeAnythingBegins() async throws {
        let plan = try CompareOptions.parse(["--report", "/nowhere/x.html"])
            .plan(common: CommonOptions.parse([]))
        let run = CompareRun(
            plan: plan, report: ReportPlan(), makeSignals: { EndSignals(AsyncStream { _ in }) })
        await #expect(
            throws: CommandLineError(
                .cannotRun, "--report: cannot write '/nowhere/x.html': No such file or directory")
        ) { try await run.execute() }
    }
}
