import Foundation
import KeepAliveAgent
import MetricsText
import PoolModel
import TestSupport
import Testing

@testable import MetricsServing

/// The server of metrics as a scraper sees it.
@Suite struct MetricsServerTests {
    private static func snapshot(opened: Int) -> AgentSnapshot {
        var snapshot = AgentSnapshot.empty(wallClock: 1000)
        var host = HostSnapshot(
            id: 0, name: "payments:443", origin: "https://payments:443", isTLS: true, keepAlive: true,
            keepAliveIsOwn: false, maxSockets: 4, maxFreeSockets: 4, idleLimitOrigin: .none, metrics: HostMetrics(),
            addresses: [])
        host.metrics.connections.opened = opened
        snapshot.hosts = [host]
        return snapshot
    }

    private func get(
        _ path: String, _ server: MetricsServer, method: HTTPRequest.Method = .get, accept: String? = nil
    ) async throws -> (status: Int, type: String?, body: String) {
        let agent = HTTPAgent()
        var request = HTTPRequest(
            method: method, scheme: "http", authority: "127.0.0.1:\(server.port)", path: path)
        if let accept { request.headerFields[.accept] = accept }
        let response = try await agent.execute(request)
        let body = try await response.collect(upTo: 1 << 20)
        await agent.shutdown()
        return (response.status.code, response.firstValue(of: .contentType), String(buffer: body))
    }

    @Test("The latest snapshot is served in the format that is asked for")
    func formats() async throws {
        let server = try MetricsServer(host: "127.0.0.1", port: 0)
        #expect(try await get("/metrics", server).status == 503)
        server.publish(Self.snapshot(opened: 7))
        let open = try await get("/metrics", server, accept: "application/openmetrics-text;version=1.0.0")
        #expect(open.status == 200 && open.type == ExpositionFormat.openMetrics.contentType)
        #expect(open.body.hasSuffix("# EOF\n") && open.body.contains(" 7\n"))
        let plain = try await get("/metrics?x=1", server)
        #expect(plain.type == ExpositionFormat.plainText.contentType && !plain.body.contains("# EOF"))
        server.publish(Self.snapshot(opened: 8))
        #expect(try await get("/metrics", server).body.contains(" 8\n"))
        #expect(try await get("/healthz", server).body == "ok\n")
        #expect(try await get("/other", server).status == 404)
        #expect(try await get("/metrics", server, method: .post).status == 405)
        try await server.close()
    }

    @Test("Scrapers that take gzip get it, and it is of the latest snapshot")
    func gzip() async throws {
        let server = try MetricsServer(host: "127.0.0.1", port: 0)
        for opened in [7, 8] {
            server.publish(Self.snapshot(opened: opened))
            let agent = HTTPAgent()
            for encoding in ["gzip", "identity"] {
                var request = HTTPRequest(
                    method: .get, scheme: "http", authority: "127.0.0.1:\(server.port)", path: "/metrics")
                request.headerFields[.acceptEncoding] = encoding
                let response = try await agent.execute(request)
                let body = try await response.collect(upTo: 1 << 20)
                let plain = try await get("/metrics", server).body
                #expect(response.firstValue(of: .contentEncoding) == (encoding == "gzip" ? "gzip" : nil))
                #expect(plain.contains(" \(opened)\n"))
                let expected = encoding == "gzip" ? Gzip.packed(Array(plain.utf8)) : Array(plain.utf8)
                #expect(Array(body.readableBytesView) == expected)
            }
            await agent.shutdown()
        }
        try await server.close()
    }

    @Test("A place where nobody can listen is named with what to do")
    func places() async throws {
        let server = try MetricsServer(host: "127.0.0.1", port: 0)
        let taken = #expect(throws: MetricsServerError.self) { try MetricsServer(host: "127.0.0.1", port: server.port) }
        #expect(taken?.description.contains("in use") == true)
        let strange = #expect(throws: MetricsServerError.self) { try MetricsServer(host: "192.0.2.1", port: 0) }
        #expect(strange?.description.contains("no address of this machine") == true)
        try await server.close()
    }

    @Test("Scrapers that send nonsense, or nothing, or too many, do not keep others from their answer")
    func hostile() async throws {
        let server = try MetricsServer(host: "127.0.0.1", port: 0)
        server.publish(Self.snapshot(opened: 1))
        let script = """
            for i in $(seq 80); do (exec 3<>/dev/tcp/127.0.0.1/\(server.port); head -c 3000 /dev/urandom >&3; sleep 0.2) & done; wait
            """
        _ = try await ChildProcess.output(of: "/bin/bash", ["-c", script])
        try await eventually("an answer") { (try? await get("/metrics", server))?.status == 200 }
        try await server.close()
    }
}
