import Foundation
import TestSupport
import Testing

@testable import PlainDocuments

/// `pooltop watch --all --metrics` as a service, whose signals come from a service manager or a shell.
@Suite("The exporter as a service") struct ExporterTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path

    /// Starts it, and goes on when it serves metrics: from before then on it has its signals.
    private static let begin = #"""
        "$0" watch --all --metrics 0 --format json --output "$1" > /dev/null 2> "$2" & pid=$!
        until grep -q 'metrics on' "$2"; do kill -0 $pid || { cat "$2"; exit; }; sleep 0.02; done
        """#

    private func run(_ script: String) async throws -> (text: String, report: String) {
        let (report, errors) = (try TemporaryFile(""), try TemporaryFile(""))
        let text = try await ChildProcess.output(
            of: "/bin/sh", ["-c", script, Self.program, report.path, errors.path])
        return (text, try String(contentsOfFile: report.path, encoding: .utf8))
    }

    private func expectWhole(_ report: String) throws {
        let document = try JSONReader.value(of: Array(report.utf8)[...])
        #expect(document["schema"] == .string("pooltop.summary/1"))
        #expect(document.at(["settings", "watch"]) != nil)
    }

    @Test("A signal ends it in order, with its whole report", arguments: ["TERM", "INT", "HUP"])
    func signals(_ name: String) async throws {
        let (text, report) = try await run("\(Self.begin); kill -\(name) $pid; wait $pid; echo status $?")
        #expect(text == "status 0\n")
        try expectWhole(report)
    }

    @Test("One that was started with SIGHUP ignored goes on after one, and ends with SIGTERM")
    func nohup() async throws {
        let script = """
            trap '' HUP; \(Self.begin); kill -HUP $pid; sleep 1; kill -0 $pid && echo goes on
            kill -TERM $pid; wait $pid; echo status $?
            """
        let (text, report) = try await run(script)
        #expect(text == "goes on\nstatus 0\n")
        try expectWhole(report)
    }
}
