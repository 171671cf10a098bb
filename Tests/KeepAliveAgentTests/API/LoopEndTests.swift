import KeepAliveAgent
import NIOConcurrencyHelpers
import NIOPosix
import TestSupport
import Testing

@Suite("Agents and their event loops", .timeLimit(.minutes(5)))
struct LoopEndTests {
    private static func request(_ port: Int, _ path: String = "/") -> HTTPRequest {
        HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port)", path: path)
    }

    /// The loop is busy until the agent exists, so that the task which was to make its part waits behind this one.
    @Test("An agent created off its loop can be used on it at once")
    func madeOffLoop() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let slot = NIOLockedValueBox<HTTPAgent?>(nil)
        let listening = group.next().submit {
            while true {
                if let agent = slot.withLockedValue({ $0 }) { return agent.events() }
            }
        }
        let agent = HTTPAgent(group: group)
        slot.withLockedValue { $0 = agent }
        let events = try await listening.get()
        #expect(await cause { _ = try await agent.execute(Self.request(1)) } == .connectRefused)
        await agent.close()
        for await _ in events { Issue.record("nothing was opened") }
        slot.withLockedValue { $0 = nil }
        try await group.shutdownGracefully()
    }

    @Test("When its event loop ends, an agent's current and later requests fail", arguments: [true, false])
    func loopGone(usesOwnSockets: Bool) async throws {
        let server = try await RawServer.start { _ in RawServer.Deed(bytes: "") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let agent = HTTPAgent(
            settings: AgentSettings(), tls: .makeClientConfiguration(), nameServers: [], maxHosts: 1, group: group,
            usesOwnSockets: usesOwnSockets)
        let port = server.port
        let waiting = (0..<4).map { index in
            Task { await cause { _ = try await agent.execute(Self.request(port, "/\(index)")) } }
        }
        try await eventually("all are on their way") { server.received.count == 4 }
        try await group.shutdownGracefully()
        let failures = await [waiting[0].value, waiting[1].value, waiting[2].value, waiting[3].value]
        #expect(failures.allSatisfy { $0 == .shutdown || !usesOwnSockets && $0 == .peerClosed }, "\(failures)")
        #expect(await cause { _ = try await agent.execute(Self.request(port)) } == .shutdown)
        let parts = AsyncStream<ByteBuffer> { $0.finish() }
        #expect(await cause { _ = try await agent.execute(Self.request(port), body: .stream(parts)) } == .shutdown)
        await agent.update(AgentSettings())
        for await _ in agent.events() { Issue.record("there is no agent") }
        #expect(await agent.snapshot().sequence == 0)
        await agent.close()
        await agent.shutdown()
        try await server.stop()
    }
}
