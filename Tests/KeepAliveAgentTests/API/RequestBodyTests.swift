import Downstream
import KeepAliveAgent
import NIOPosix
import Synchronization
import Testing

@Suite("Request bodies", .timeLimit(.minutes(5)))
struct RequestBodyTests {
    /// So many parts of so many bytes, which count up.
    private static func parts(_ count: Int, of size: Int) -> AsyncStream<ByteBuffer> {
        let next = Mutex(0)
        return AsyncStream {
            let index = next.withLock { next in
                next += 1
                return next - 1
            }
            return index < count ? ByteBuffer(repeating: UInt8(truncatingIfNeeded: index), count: size) : nil
        }
    }

    @Test("A large streamed body is echoed completely, with a length and in chunks", arguments: [true, false])
    func echo(isDeclared: Bool) async throws {
        try await APIWorld.run { world in
            let size = 50_000
            let count = 60
            let response = try await world.agent.execute(
                try world.request("/echo", .put),
                body: .stream(length: isDeclared ? count * size : nil, Self.parts(count, of: size)))
            var received = 0
            for try await part in response.body {
                let expected = received / size
                #expect(part.readableBytesView.first == UInt8(truncatingIfNeeded: expected))
                received += part.readableBytes
            }
            #expect(received == count * size)
            #expect(try await world.get().isReused)
            #expect(await world.agent.snapshot().totals.bytes.sent > count * size)
        }
    }

    /// The sequence has more to say after the bytes that were declared, and takes its time.
    @Test("A body of declared length ends with its last byte, and the connection is reused", arguments: [0, 3000])
    func declaredEnd(count: Int) async throws {
        try await APIWorld.run { world in
            for _ in 0..<100 {
                let (parts, source) = AsyncStream.makeStream(of: ByteBuffer.self)
                for _ in 0..<3 where count > 0 { source.yield(ByteBuffer(repeating: 1, count: count / 3)) }
                let response = try await world.agent.execute(
                    try world.request("/echo", .put), body: .stream(length: count, parts))
                #expect(try await response.collect(upTo: count).readableBytes == count)
                source.finish()
            }
            let totals = await world.agent.snapshot().totals
            #expect(totals.connections.opened == 1)
            #expect(totals.connections.closedByReason[.earlyResponse] == 0)
        }
    }

    @Test("A body with a wrong length fails the request and closes the connection", arguments: [99, 301])
    func wrongLength(declared: Int) async throws {
        try await APIWorld.run { world in
            do {
                _ = try await world.agent.execute(
                    try world.request("/echo", .post), body: .stream(length: declared, Self.parts(3, of: 100)))
                Issue.record("it was sent")
            } catch let error as AgentError {
                #expect(error.cause == .invalidRequest)
                #expect(error.detail?.contains("\(declared) bytes declared") == true)
            }
            let totals = await world.agent.snapshot().totals
            #expect(totals.connections.closedByReason[.requestCancelled] == 1)
            #expect(totals.requests.failed == 1)
        }
    }

    @Test("An error thrown by a body fails the request with it")
    func throwing() async throws {
        struct Spoilt: Error {}
        try await APIWorld.run { world in
            let parts = AsyncThrowingStream<ByteBuffer, any Error> {
                $0.yield(ByteBuffer(string: "fresh"))
                $0.finish(throwing: Spoilt())
            }
            do {
                _ = try await world.agent.execute(try world.request("/echo", .post), body: .stream(parts))
                Issue.record("it was sent")
            } catch let error as AgentError {
                #expect(error.cause == .invalidRequest)
                #expect(error.detail?.contains("Spoilt") == true)
            }
        }
    }

    @Test("A response before the end of the body is delivered and ends the body")
    func early() async throws {
        try await APIWorld.run { world in
            let (parts, source) = AsyncStream.makeStream(of: ByteBuffer.self)
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            source.onTermination = { _ in end.yield() }
            source.yield(ByteBuffer(string: "never finished"))
            let response = try await world.agent.execute(try world.request("/early", .post), body: .stream(parts))
            #expect(response.code == 200)
            #expect(try await response.collect(upTo: 1024).readableBytes == 128)
            for await _ in ends { break }
            let totals = await world.agent.snapshot().totals
            #expect(totals.connections.closedByReason[.earlyResponse] == 1)
            #expect(totals.requests.succeeded == 1)
        }
    }

    @Test("A server that does not read slows the body down")
    func backPressure() async throws {
        let deaf = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(deaf.localAddress?.port)
        let agent = HTTPAgent(settings: APIWorld.patient)
        let taken = Atomic(0)
        let parts = AsyncStream {
            taken.wrappingAdd(1, ordering: .relaxed)
            return ByteBuffer(repeating: 0, count: 65_536)
        }
        let request = HTTPRequest(method: .put, scheme: "http", authority: "127.0.0.1:\(port)", path: "/")
        let upload = Task { try await agent.execute(request, body: .stream(parts)) }
        // It stands still when many turns of the loop have brought no further part.
        var last = -1
        var still = 0
        while still < 500 {
            _ = await agent.snapshot()
            let now = taken.load(ordering: .relaxed)
            still = now == last && now > 0 ? still + 1 : 0
            last = now
            try #require(now < 1000, "the body runs away")
        }
        upload.cancel()
        #expect(await cause { _ = try await upload.value } == .cancelled)
        await agent.shutdown()
        try await deaf.close()
    }
}
