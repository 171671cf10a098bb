import Foundation
import PoolModel
import TestSupport
import Testing

@testable import MetricsText

private enum Promtool {
    static let path = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
}

/// The readers that Prometheus itself has, where they are installed.
@Suite(
    "Metrics as Prometheus reads them",
    .enabled(if: Promtool.path != nil, "promtool is not installed (Debian: prometheus)"))
struct PromtoolTests {
    private static let snapshots: [AgentSnapshot] = {
        var both = SampleSnapshots.watched
        both.hosts.append(SampleSnapshots.host(1, "a\"\\\nb\u{0}é", "https://[::1]:443"))
        return [SampleSnapshots.busy(hosts: 3, recordsEach: 50), SampleSnapshots.watched, both]
    }()

    /// A folder that is gone after `body`.
    private static func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("metrics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    /// It reads standard input only.
    private static func check(_ text: String) async throws -> String {
        try await withFolder { folder in
            let file = folder.appendingPathComponent("text")
            try Data(text.utf8).write(to: file)
            let script = "timeout 20 \"$0\" check metrics < \"$1\"; echo \"ended with $?\""
            return try await ChildProcess.output(of: "/bin/sh", ["-c", script, Promtool.path ?? "", file.path])
        }
    }

    @Test("The linter of promtool finds nothing to complain about", arguments: 0..<3)
    func check(_ index: Int) async throws {
        var writer = MetricsWriter(hostLimit: 2)
        let text = String(decoding: writer.write(Self.snapshots[index], as: .plainText), as: UTF8.self)
        let said = try await Self.check(text)
        #expect(said == "ended with 0\n")
    }

    @Test("The linter of promtool would complain about a name")
    func complaint() async throws {
        let said = try await Self.check("# TYPE requestsStarted counter\nrequestsStarted 1\n")
        #expect(said.contains("_total") && !said.hasSuffix("ended with 0\n"))
    }

    /// The only command of promtool that reads OpenMetrics fills a database, for which samples need times.
    @Test("The reader of OpenMetrics takes every sample", arguments: 0..<3)
    func openMetrics(_ index: Int) async throws {
        var writer = MetricsWriter(hostLimit: 2)
        let lines = Lines(writer.write(Self.snapshots[index], as: .openMetrics))
        let timed = lines.all.map { $0.hasPrefix("#") ? String($0) : "\($0) 1700000000" }
        try await Self.withFolder { folder in
            let (file, data) = (folder.appendingPathComponent("text"), folder.appendingPathComponent("data"))
            try Data((timed.joined(separator: "\n") + "\n").utf8).write(to: file)
            let said = try await ChildProcess.output(
                of: Promtool.path ?? "", ["tsdb", "create-blocks-from", "openmetrics", file.path, data.path])
            // The name of a block is drawn, and may contain ERR.
            #expect(!said.lowercased().contains("error") && !said.contains("err="), "\(said)")
            let listed = try await ChildProcess.output(of: Promtool.path ?? "", ["tsdb", "list", data.path])
            let numbers = listed.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
            #expect(numbers.contains(lines.samples.count), "\(listed)")
        }
    }
}
