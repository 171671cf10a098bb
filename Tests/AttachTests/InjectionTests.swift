import Foundation
import PoolModel
import TestSupport
import Testing

@testable import Attach

/// The hook put into processes that run, and processes that must not get a signal.
@Suite(.serialized, .watchesClocks) struct InjectionTests {
    private static let node = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/node" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    private static let service = """
        const http = require('http');
        const server = http.createServer((request, response) => response.end('ok'));
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            const agent = new http.Agent({ keepAlive: false });
            setInterval(() => http.get({ host: '127.0.0.1', port, agent }, (response) => response.resume()), 10);
        });
        """

    /// The process that a shell turned into, after it has begun.
    private func pid(in folder: String) async throws -> Int {
        try await eventually("the process to begin") { FileManager.default.fileExists(atPath: folder + "/ready") }
        return try #require(Int(String(contentsOfFile: folder + "/pid", encoding: .utf8).filter(\.isNumber)))
    }

    private func run(_ command: String, _ test: (Int, String) async throws -> Void) async throws {
        let folder = "/tmp/inject-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder + "/agents", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = """
            cd \(folder); export POOLTOP_ATTACH_DIR=\(folder)/agents; echo $$ > pid; touch ready; exec \(command) > log 2>&1
            """
        let child = try ChildProcess("/bin/sh", ["-c", script])
        var failure: (any Error)?
        do { try await test(try await pid(in: folder), folder) } catch { failure = error }
        await child.end()
        if let failure { throw failure }
    }

    @Test("A Node service that runs gets the hook, and its inspector is closed again", .enabled(if: node != nil))
    func running() async throws {
        try await run("node --inspect-port=0 -e \"\(Self.service)\"") { pid, folder in
            // Node does not catch the signal before its first milliseconds are over.
            var process: NodeProcess?
            try await eventually("Node to catch the signal") {
                process = try? NodeProcess(pid)
                return process != nil
            }
            let path = try await #require(process).inject()
            #expect(path == "\(folder)/agents/node-\(pid).sock")
            let session = try AttachSession(path: path, viewer: "test", mayChange: false)
            try await eventually("requests") { try await session.snapshot().totals.requests.succeeded > 10 }
            try await session.shutdown()
            let log = try String(contentsOfFile: folder + "/log", encoding: .utf8)
            #expect(log.contains("Debugger listening"))
            let second = try NodeProcess(pid)
            #expect(second.plan.contains("SIGUSR1"), "the inspector is closed again")
            #expect(kill(pid_t(pid), 0) == 0)
        }
    }

    @Test("A program that only looks like Node gets no signal")
    func lookalike() async throws {
        try await run("sh -c 'cp /bin/sleep ./node; exec ./node 60'") { pid, folder in
            try await eventually("the copy to run") {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe"))?.hasSuffix("/node")
                    == true
            }
            #expect(throws: AttachError.self) { try NodeProcess(pid) }
            #expect(kill(pid_t(pid), 0) == 0)
        }
        #expect(throws: AttachError.self) { try NodeProcess(99_999_999) }
    }

    @Test("A handler of the program's own is named as the reason", .enabled(if: node != nil))
    func ownHandler() async throws {
        let script = "process.on('SIGUSR1', () => {}); setInterval(() => {}, 1000); console.log('on')"
        try await run("node --inspect-port=0 -e \"\(script)\"") { pid, folder in
            try await eventually("the handler") {
                (try? String(contentsOfFile: folder + "/log", encoding: .utf8))?.contains("on") == true
            }
            let process = try NodeProcess(pid)
            let error = await #expect(throws: AttachError.self) { try await process.inject() }
            #expect(error?.description.contains("handler of its own") == true)
            #expect(kill(pid_t(pid), 0) == 0)
        }
    }

    @Test(
        "The inspector's port is read from the command line",
        arguments: [
            ("node app.js", 9229), ("node --inspect-port=9300 app.js", 9300), ("node --inspect=0.0.0.0:9301 app.js", 9301),
            ("node --inspect-port 9302 app.js", 9302), ("node app.js --inspect-port=9303", 9229), ("node --inspect=0 a", nil),
            ("node --inspect app.js", 9229),
        ])
    func ports(_ line: String, port: Int?) {
        #expect(NodeProcess.inspectorPort(line.split(separator: " ").map(String.init)) == port)
    }
}
