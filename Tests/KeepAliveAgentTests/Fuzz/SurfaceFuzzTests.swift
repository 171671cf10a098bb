import AgentCore
import KeepAliveAgent
import NIOCore
import NIOPosix
import PoolModel
import TestSupport
import Testing

/// The same peer against the async surface: bodies that are streamed, expected, cut short, collected, dropped and
/// cancelled, from many tasks. What runs when is the scheduler's choice, so a seed does not give the same history twice.
@Suite("Fuzzing the agent's public interface", .serialized, .timeLimit(.minutes(30)), .busyCore)
struct SurfaceFuzzTests {
    private static let workers = 12
    private static let requestsPerWorker = min(80, LoopFuzzTests.events / 80 / workers)

    @Test("Every request ends exactly once, whatever the peer does")
    func fuzz() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let peerLoop = group.next()
        let peer = try await peerLoop.submit { [peerLoop] in
            guard let peer = HostilePeer() else { throw LoopFuzz.Complaint(description: "no socket is left") }
            return NIOLoopBound(peer, eventLoop: peerLoop)
        }.get()
        let moves = peerLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .microseconds(20)) { _ in
            var random = SplitMix64(seed: UInt64(peer.value.deeds))
            for _ in 0..<16 { peer.value.move(&random) }
        }
        let port = try await peerLoop.submit { peer.value.port }.get()
        let agent = HTTPAgent(
            settings: Self.settings, tls: .makeClientConfiguration(), nameServers: [], maxHosts: 4, group: group,
            usesOwnSockets: TestTransport.usesOwnSockets)
        let answers = await withTaskGroup(of: [(number: Int, code: Int)].self) { workers in
            for worker in 0..<Self.workers {
                workers.addTask { await Self.work(worker, agent, port) }
            }
            return await workers.reduce(into: []) { $0 += $1 }
        }
        let unexplained = try await peerLoop.submit {
            answers.filter { !peer.value.explains($0.code, of: $0.number) }.map(\.number)
        }.get()
        #expect(unexplained == [], "answers that the peer did not give")
        try await peerLoop.submit { peer.value.isHonest = true }.get()
        await agent.close()
        var books = BookCheck()
        let last = await agent.snapshot()
        books.check(last)
        #expect(books.complaints == [])
        let requests = last.totals.requests
        #expect(requests.started == requests.succeeded + requests.failed + requests.cancelled)
        #expect(last.totals.connections.open == 0)
        #expect(requests.succeeded > 0)
        moves.cancel()
        try await group.shutdownGracefully()
    }

    private static var settings: AgentSettings {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 5
        settings.idleTimeout = .milliseconds(20)
        settings.requestTimeout = .milliseconds(300)
        return settings
    }

    /// One request after the other; returns those that were answered with a whole body.
    private static func work(_ worker: Int, _ agent: HTTPAgent, _ port: Int) async -> [(number: Int, code: Int)] {
        var random = SplitMix64(seed: UInt64(worker))
        var answers: [(number: Int, code: Int)] = []
        for step in 0..<requestsPerWorker {
            let number = worker * 1_000_000 + step
            let (request, body) = request(number, port, &random)
            let reads = Int.random(in: 0..<4, using: &random)
            let task = Task { () -> Int? in
                do {
                    let response = try await agent.execute(request, body: body)
                    switch reads {
                    case 0: return nil
                    case 1: _ = try await response.collect(upTo: 1000)
                    default: for try await part in response.body where part.readableBytes == 0 { return -1 }
                    }
                    return response.code
                } catch {
                    return nil
                }
            }
            if Int.random(in: 0..<6, using: &random) == 0 {
                for _ in 0..<Int.random(in: 0...20, using: &random) { await Task.yield() }
                task.cancel()
            }
            if let code = await task.value { answers.append((number, code)) }
            if step % 50 == 0 { await agent.setKeepAliveOfAll(step % 100 == 0 ? .off : .on) }
        }
        return answers
    }

    private static func request(
        _ number: Int, _ port: Int, _ random: inout SplitMix64
    ) -> (HTTPRequest, AgentRequestBody) {
        var request = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(port)", path: "/n/\(number)")
        let size = [0, 1, 100, 30_000].randomElement(using: &random) ?? 0
        let bytes = ByteBuffer(repeating: 0x62, count: size)
        let kind = Int.random(in: 0..<8, using: &random)
        guard kind > 2 else { return (request, .none) }
        request.method = kind == 3 ? .post : .put
        if size > 0, Int.random(in: 0..<4, using: &random) == 0 { request.headerFields[.expect] = "100-continue" }
        guard kind > 4, size > 0 else { return (request, .bytes(bytes)) }
        let parts = AsyncStream<ByteBuffer> { parts in
            for _ in 0..<3 { parts.yield(bytes) }
            parts.finish()
        }
        // A declared length that is not met fails the request, as it should.
        return (request, .stream(length: kind == 5 ? nil : kind == 6 ? 3 * size : 3 * size + 1, parts))
    }
}

extension HTTPAgent {
    fileprivate func setKeepAliveOfAll(_ policy: KeepAlivePolicy) async {
        do { try await setKeepAlive(policy) } catch { Issue.record(error) }
    }
}
