import Foundation
import TestSupport
import Testing

/// Prometheus's own tool, where it is installed.
enum Promtool {
    static let path = path(of: "promtool")
    static let reason: Comment = "promtool is not installed (Debian: prometheus)"

    /// The program of this name in PATH.
    static func path(of program: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Everything that it says, and last the status that it ended with.
    static func run(_ arguments: [String]) async throws -> String {
        let script = "timeout 60 \"$0\" \"$@\" 2>&1; echo \"ended with $?\""
        return try await ChildProcess.output(of: "/bin/sh", ["-c", script, path ?? "promtool"] + arguments)
    }

    /// A folder that is gone after `body`.
    static func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}
