import AttachProtocol
import Foundation
import PlainDocuments
import PoolModel
import TestSupport
import Testing

@testable import Attach

/// A Node service with the hook, seen and switched from here, against what its server counted.
@Suite(.serialized, .watchesClocks) struct NodeServiceTests {
    private static let hasNode = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/node")
    }

    /// A service that asks its own server a hundred times a second and says on SIGUSR2 how many connections and requests the
    /// server has seen.
    private static let service = """
        const http = require('http'), fs = require('fs');
        let accepted = 0, requests = 0, timer;
        const server = http.createServer((request, response) => { requests += 1; response.end('ok'); });
        server.on('connection', () => { accepted += 1; });
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            const agent = new http.Agent({ keepAlive: false });
            timer = setInterval(() => http.get({ host: '127.0.0.1', port, agent }, (response) => response.resume()), 10);
        });
        process.on('SIGUSR2', () => {
            clearInterval(timer);
            setTimeout(() => fs.writeFileSync('counts', `${accepted} ${requests}\\n`), 300);
        });
        const parent = process.ppid;
        setInterval(() => process.ppid === parent || process.exit(0), 1000);
        """

    @Test(
        "Counts of a Node service are its server's own, K acts on it, and what it changed is put back",
        .enabled(if: hasNode))
    func service() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "service-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(NodeHook.source).write(to: folder.appendingPathComponent("hook.cjs"))
        try Self.service.write(to: folder.appendingPathComponent("app.js"), atomically: true, encoding: .utf8)
        let script =
            "cd \(folder.path) && POOLTOP_ATTACH_DIR=\(folder.path)/agents POOLTOP_HOOK_DEBUG=1 exec node --require ./hook.cjs app.js 2> log"
        let node = try ChildProcess("/bin/sh", ["-c", script])
        let agents = folder.path + "/agents"
        do {
            try await eventually("the agent's socket") { AttachPlaces.list(agents).count == 1 }
        } catch {
            let log = FileManager.default.contents(atPath: folder.path + "/log").map {
                String(decoding: $0, as: UTF8.self)
            }
            Issue.record("node said: \(log ?? "nothing")")
            throw error
        }
        let place = try #require(AttachPlaces.list(agents).first)

        let session = try AttachSession(path: place.path, viewer: "test", mayChange: true)
        try await eventually("requests without reuse") {
            try await session.snapshot().totals.requests.onNewConnection > 20
        }
        var snapshot = try await session.snapshot()
        #expect(!snapshot.keepAlive && snapshot.totals.requests.onReusedConnection == 0)
        #expect(try await session.set("keepAlive", to: .bool(true), host: nil).isEmpty == false)
        try await eventually("requests on used connections") {
            try await session.snapshot().totals.requests.onReusedConnection > 20
        }
        await #expect(throws: AttachError.self) { try await session.set("keepAlive", to: .string("maybe"), host: nil) }
        snapshot = try await session.snapshot(socketsFor: [0])
        #expect(snapshot.keepAlive && snapshot.hosts.first?.sockets?.isEmpty == false)

        // Another viewer is not allowed to change anything, and sees what the first one leaves behind.
        let other = try AttachSession(path: place.path, viewer: "test", mayChange: false)
        await #expect(throws: AttachError.self) { try await other.closeIdle(host: nil) }
        try await session.shutdown()
        try await eventually("the setting to be put back") { try await !other.snapshot().keepAlive }

        kill(pid_t(place.pid), SIGUSR2)
        let counts = folder.appendingPathComponent("counts").path
        try await eventually("the server's counts") { FileManager.default.fileExists(atPath: counts) }
        let truth = try String(contentsOfFile: counts, encoding: .utf8).split { $0 == " " || $0 == "\n" }.compactMap {
            Int($0)
        }
        let totals = try await other.snapshot().totals
        #expect([totals.connections.opened, totals.requests.succeeded] == truth)
        #expect(totals.connections.opened == totals.connections.closed + totals.connections.open)
        try await other.shutdown()
        await node.end()
    }

    @Test("The hook passes its own tests", .enabled(if: hasNode))
    func ownTests() async throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Attach/Node")
        let files = try FileManager.default.contentsOfDirectory(atPath: tests.path).filter { $0.hasSuffix(".test.js") }
            .sorted()
        let said = try await ChildProcess.output(
            of: "/usr/bin/env",
            ["node", "--test", "--test-reporter=tap", "--test-concurrency=1"] + files.map { "\(tests.path)/\($0)" })
        let failures = said.split(separator: "\n").drop { !$0.hasPrefix("not ok") }.prefix(40).joined(separator: "\n")
        #expect(said.contains("# fail 0") && !said.contains("# pass 0"), "\(failures)\n\(said.suffix(200))")
    }
}
