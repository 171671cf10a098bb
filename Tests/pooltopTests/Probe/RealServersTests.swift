import Foundation
import TestSupport
import Testing

/// The short part of the catalogue: servers that are probed within seconds. `Tests/Servers/catalogue` has all.
@Suite struct RealServersTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path
    private static let catalogue = PackageText.root.appendingPathComponent("Tests/Servers/catalogue").path
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
        "A probe finds the configured limits of real servers, as far as they are installed",
        .enabled(if: RealServersTests.python != nil, "python3 is not installed"))
    func realServers() async throws {
        let python = try #require(Self.python)
        let said = try await ChildProcess.output(
            of: python, [Self.catalogue, "--short", "--at-once", "8", "--slack", "0.8", "--pooltop", Self.program])
        let summary = try #require(said.split(separator: "\n").last)
        #expect(summary.contains(" 0 wrong, "), "\(said)")
        // The standard library's server is there with Python itself.
        #expect(!summary.hasPrefix("0 servers"), "\(said)")
    }
}
