import Foundation
import PoolModel
import TestSupport
import Testing
import WatchCore

@testable import Watch

/// nginx as a proxy to an upstream, with connections that it keeps and without, against what the upstream counted.
@Suite(.serialized, .watchesClocks) struct ProxyTests {
    private static func configuration(_ folder: String, upstream: Int, keeps: Bool) -> String {
        """
        daemon off; master_process off; pid \(folder)/pid; error_log \(folder)/error.log;
        events { worker_connections 512; }
        http {
          access_log off;
          client_body_temp_path \(folder)/a; proxy_temp_path \(folder)/b; fastcgi_temp_path \(folder)/c;
          uwsgi_temp_path \(folder)/d; scgi_temp_path \(folder)/e;
          upstream service { server 127.0.0.1:\(upstream); \(keeps ? "keepalive 8;" : "") }
          server {
            listen unix:\(folder)/socket;
            location / {
              proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "\(keeps ? "" : "close")";
            }
          }
        }
        """
    }

    @Test("A proxy's connections to its upstream are counted, kept or not", arguments: [true, false])
    func proxy(keeps: Bool) async throws {
        guard Client.has("nginx"), Client.has("curl") else { return }
        let upstream = try CountingServer()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("proxy-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("nginx.conf")
        try Self.configuration(folder.path, upstream: upstream.port, keeps: keeps).write(
            to: file, atomically: true, encoding: .utf8)
        let nginx = try ChildProcess("/usr/bin/env", ["nginx", "-p", folder.path, "-c", file.path])
        let socket = folder.appendingPathComponent("socket").path
        try await eventually("nginx to listen") { FileManager.default.fileExists(atPath: socket) }
        let session = try WatchSession.make(WatchSettings())
        try await eventually("the first dump") { try await session.snapshot().source?.kernel != nil }
        let asked = Array(repeating: "http://a/", count: 60)
        let said = try await ChildProcess.output(
            of: "/usr/bin/env", ["curl", "-sS", "--unix-socket", socket] + asked)
        #expect(said == String(repeating: "ok", count: 60))
        #expect(upstream.counts.requests == 60 && upstream.counts.accepted == (keeps ? 1 : 60))
        try await eventually("the upstream's connections") {
            try await host(upstream.port, session)?.metrics.connections.opened == upstream.counts.accepted
        }
        // Requests of a connection that is kept are counted with the next dump.
        try await eventually("the upstream's requests") {
            abs((try await host(upstream.port, session)?.metrics.requests.started ?? 0) - 60) <= 1
        }
        let seen = try #require(await host(upstream.port, session))
        #expect(seen.metrics.connections.open == (keeps ? 1 : 0))
        await nginx.end()
        try await eventually("the last connection to end") {
            try await host(upstream.port, session)?.metrics.connections.open == 0
        }
        await session.shutdown()
        upstream.stop()
    }

    private func host(_ port: Int, _ session: WatchSession) async throws -> HostSnapshot? {
        try await session.snapshot().hosts.first { $0.name == "127.0.0.1:\(port)" }
    }
}
