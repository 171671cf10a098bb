import Downstream
import KeepAliveAgent
import Testing

@Suite("Executing requests", .timeLimit(.minutes(5)))
struct ExecuteTests {
    @Test("The second request reuses the connection and reports that")
    func reuse() async throws {
        try await APIWorld.run { world in
            let first = try await world.get()
            let second = try await world.get()
            #expect(!first.isReused)
            #expect(second.isReused)
            #expect(second.code == 200)
            #expect(try await second.collect(upTo: 1024).readableBytes == 128)
            let totals = await world.agent.snapshot().totals
            #expect(totals.connections.opened == 1)
            #expect(totals.requests.onReusedConnection == 1)
            #expect(totals.requests.succeeded == 2)
        }
    }

    @Test("Header fields are sent and received unchanged")
    func fields() async throws {
        try await APIWorld.run { world in
            let probe = try #require(HTTPField.Name("X-Probe"))
            let fields: HTTPFields = [probe: "one", .accept: "text/plain"]
            let response = try await world.agent.execute(try world.request("/headers", fields: fields))
            #expect(response.status == .ok)
            #expect(response.status.reasonPhrase == "OK")
            #expect(response.firstValue(of: .contentType) == "text/plain")
            #expect(response.head.headerFields[.contentType] == "text/plain")
            let sent = String(buffer: try await response.collect(upTo: 4096))
            #expect(sent.contains("X-Probe: one\r\n"))
            #expect(sent.hasPrefix("GET /headers HTTP/1.1\r\n"))
            #expect(!sent.lowercased().contains("connection:"))
        }
    }

    @Test("A body of bytes is echoed, whether small or large", arguments: [0, 1, 5000, 3_000_000])
    func bytes(count: Int) async throws {
        try await APIWorld.run { world in
            let body = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
            let response = try await world.agent.execute(try world.request("/echo", .post), body: .bytes(body))
            #expect(try await response.collect(upTo: 4_000_000) == body)
        }
    }

    @Test("A response may have no body", arguments: [HTTPRequest.Method.head, .get])
    func noBody(method: HTTPRequest.Method) async throws {
        try await APIWorld.run { world in
            let path = method == .head ? "/bytes/100000" : "/status/204"
            let response = try await world.agent.execute(try world.request(path, method))
            #expect(response.code == (method == .head ? 200 : 204))
            #expect(try await response.collect(upTo: 0).readableBytes == 0)
            #expect(response.body.trailers?.isEmpty == true)
            #expect(try await world.get().isReused)
        }
    }

    @Test("Keep-alive can be switched off for one origin and on again for all")
    func keepAlivePerHost() async throws {
        try await APIWorld.run([Scenario(name: "plain"), Scenario(name: "other")]) { world in
            let url = try world.fleet.endpoint("plain").url
            try await world.agent.setKeepAlive(.off, for: url)
            for _ in 0..<3 {
                #expect(try await !world.get().isReused)
                _ = try await world.get(to: "other")
            }
            #expect(try await world.get(to: "other").isReused)
            let sent = try await world.get("/headers").collect(upTo: 4096)
            #expect(String(buffer: sent).contains("\r\nConnection: close\r\n"))
            try await world.agent.setKeepAlive(.on)
            _ = try await world.get()
            #expect(try await world.get().isReused)
        }
    }
}
