import KeepAliveAgent
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing

/// RFC 9110 §10.1.1.
@Suite("Expect: 100-continue", .timeLimit(.minutes(5)))
struct ExpectTests {
    private static func put(_ port: Int) -> HTTPRequest {
        HTTPRequest(
            method: .put, scheme: "http", authority: "127.0.0.1:\(port)", path: "/",
            headerFields: [.expect: "100-Continue"])
    }

    static func run(
        readsBodies: Bool = true, saysContinue: Bool = false, _ script: @escaping RawServer.Script,
        _ test: (HTTPAgent, RawServer) async throws -> Void
    ) async throws {
        let server = try await RawServer.start(readsBodies: readsBodies, saysContinue: saysContinue, script)
        let agent = HTTPAgent(settings: APIWorld.patient)
        do { try await test(agent, server) } catch {
            Issue.record(error)
        }
        await agent.shutdown()
        try await server.stop()
    }

    private static func stream(_ text: String) -> AgentRequestBody {
        .stream(
            length: text.utf8.count,
            AsyncStream {
                $0.yield(ByteBuffer(string: text))
                $0.finish()
            })
    }

    @Test("The body is sent after the server's 100, and not after another interim status", arguments: [false, true])
    func continued(isStream: Bool) async throws {
        try await Self.run(saysContinue: true, { _ in RawServer.ok() }) { agent, server in
            let response = try await agent.execute(
                Self.put(server.port), body: isStream ? Self.stream("content") : .text("content"))
            #expect(response.code == 200)
            #expect(server.received == ["PUT / HTTP/1.1": 1])
            let totals = await agent.snapshot().totals
            #expect(totals.connections.idle == 1)
        }
    }

    @Test("The body is sent after a second if the server never sends 100", arguments: [false, true])
    func silent(isStream: Bool) async throws {
        try await Self.run({ _ in RawServer.ok() }) { agent, server in
            let started = ContinuousClock.now
            let response = try await agent.execute(
                Self.put(server.port), body: isStream ? Self.stream("content") : .text("content"))
            #expect(response.code == 200)
            #expect(ContinuousClock.now - started >= .milliseconds(990))
            #expect(await agent.snapshot().totals.connections.idle == 1)
        }
    }

    @Test("A final status that arrives first ends the request without its body, and the connection")
    func refused() async throws {
        let answer = RawServer.Deed(bytes: "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")
        try await Self.run(readsBodies: false, { _ in answer }) { agent, server in
            let response = try await agent.execute(Self.put(server.port), body: .text("content"))
            #expect(response.code == 401)
            #expect(try await response.collect(upTo: 10) == ByteBuffer(string: "no"))
            let totals = await agent.snapshot().totals
            #expect(totals.connections.closedByReason[.earlyResponse] == 1)
            #expect(totals.bytes.sent < 200)
        }
    }

    @Test("After 417 the request is repeated without the field", arguments: [false, true])
    func failed(isStream: Bool) async throws {
        let count = NIOLockedValueBox(0)
        let script: RawServer.Script = { _ in
            let attempt = count.withLockedValue { count in
                count += 1
                return count
            }
            return attempt == 1 ? RawServer.Deed(bytes: "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n") : RawServer.ok()
        }
        try await Self.run(readsBodies: false, script) { agent, server in
            let response = try await agent.execute(
                Self.put(server.port), body: isStream ? Self.stream("content") : .text("content"))
            #expect(response.code == 200)
            #expect(await agent.snapshot().totals.requests.succeeded == 2)
        }
    }

    @Test("Expect without a body is refused")
    func bodyless() async throws {
        try await Self.run({ _ in RawServer.ok() }) { agent, server in
            #expect(await cause { _ = try await agent.execute(Self.put(server.port)) } == .invalidRequest)
        }
    }
}
