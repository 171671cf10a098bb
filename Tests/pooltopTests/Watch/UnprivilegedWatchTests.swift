import Foundation
import PlainDocuments
import TestSupport
import Testing

/// The program as a user without privileges runs it, with Node on both sides, against what the server counted.
@Suite(.serialized, .watchesClocks) struct UnprivilegedWatchTests {
    /// The program that is built beside the tests; nil: it is not there, as with a build folder of another name.
    private static var program: URL? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        let program = root.appendingPathComponent(".build/debug/pooltop").standardizedFileURL
        return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
    }

    private static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    /// Watches, waits for the first line of figures, and lets a client send then. Prints the server's count and the summary.
    private static let script = """
        cd "$1"; reuse=$2 rate=$3 count=$4
        setpriv --reuid 65534 --regid 65534 --clear-groups true || exit 3
        as="setpriv --reuid 65534 --regid 65534 --clear-groups"
        $as node server.js > port & server=$!
        until [ -s port ]; do sleep 0.05; done
        port=$(cat port)
        $as ./pooltop watch --all --port $port --duration 6s --interval 500ms --format ndjson > lines & watch=$!
        until [ -s lines ]; do sleep 0.05; done
        $as node client.js $port $reuse $rate $count
        wait $watch
        kill -USR2 $server; until [ -s counts ]; do sleep 0.05; done
        kill $server
        cat counts; tail -n 1 lines
        """

    private static let server = """
        const http = require('http'), fs = require('fs');
        let accepted = 0, requests = 0;
        const server = http.createServer((request, response) => { requests += 1; response.end('ok'); });
        server.on('connection', () => { accepted += 1; });
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));
        process.on('SIGUSR2', () => fs.writeFileSync('counts', `${accepted} ${requests}\\n`));
        const parent = process.ppid;
        setInterval(() => process.ppid === parent || process.exit(0), 1000);
        """

    private static let client = """
        const http = require('http');
        const [port, reuses, rate, count] = process.argv.slice(2).map(Number);
        const agent = new http.Agent({keepAlive: reuses === 1});
        const began = performance.now();
        let sent = 0, done = 0;
        const timer = setInterval(() => {
            const due = Math.min(count, Math.floor((performance.now() - began) * rate / 1000) + 1);
            for (; sent < due; sent += 1) {
                http.get({port, host: '127.0.0.1', agent}, (response) => {
                    response.resume();
                    response.on('end', () => { done += 1; if (done === count) setTimeout(() => agent.destroy(), 50); });
                });
            }
            if (sent === count) clearInterval(timer);
        }, 1);
        """

    private func folder() throws -> URL? {
        guard let program = Self.program else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unprivileged-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
        try FileManager.default.copyItem(at: program, to: folder.appendingPathComponent("pooltop"))
        try Self.server.write(to: folder.appendingPathComponent("server.js"), atomically: true, encoding: .utf8)
        try Self.client.write(to: folder.appendingPathComponent("client.js"), atomically: true, encoding: .utf8)
        return folder
    }

    @Test(
        "A user without privileges counts Node's connections exactly, its requests and reuse to two percent",
        .enabled(if: geteuid() == 0), arguments: [(true, 200), (false, 200), (false, 1000)])
    func counts(isReusing: Bool, perSecond: Int) async throws {
        guard Self.has("node"), Self.has("setpriv"), let folder = try folder() else { return }
        defer { try? FileManager.default.removeItem(at: folder) }
        let count = perSecond * 2
        let said = try await ChildProcess.output(
            of: "/bin/sh",
            ["-c", Self.script, "sh", folder.path, isReusing ? "1" : "0", "\(perSecond)", "\(count)"])
        let lines = said.split(separator: "\n")
        let truth = try #require(lines.first).split(separator: " ").compactMap { Int($0) }
        try #require(truth.count == 2 && truth[1] == count, "\(said.prefix(2000))")
        let summary = try JSONSerialization.jsonObject(with: Data(try #require(lines.last).utf8)) as? [String: Any]
        let hosts = try #require(summary?["hosts"] as? [[String: Any]])
        let host = try #require(hosts.first, "\(said.suffix(2000))")
        let connections = try #require(host["connections"] as? [String: Any])
        let requests = try #require(host["requests"] as? [String: Any])
        // A watch that gets no processor in time loses messages and puts its count right from the kernel's, as an estimate.
        let certainty = host["certainty"] as? [String: String] ?? [:]
        let opened = try #require(connections["opened"] as? Int)
        let margin = certainty["connections"] == "estimate" ? max(2, truth[0] / 50) : 0
        #expect(abs(opened - truth[0]) <= margin, "\(said.suffix(3000))")
        let started = try #require(requests["started"] as? Int)
        #expect(abs(started - count) <= count / 50, "\(certainty)")
    }
}
