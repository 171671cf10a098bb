import Downstream
import KeepAliveAgent
import Testing

@Suite("Response bodies", .timeLimit(.minutes(5)))
struct ResponseBodyTests {
    @Test(
        "Bodies of every framing arrive completely", arguments: ["bytes", "chunked", "until-close"],
        [0, 1, 70_000, 5_000_000])
    func framings(framing: String, count: Int) async throws {
        for usesOwnSockets in [true, false] {
            try await APIWorld.run(usesOwnSockets: usesOwnSockets) { world in
                var received = 0
                let response = try await world.get("/\(framing)/\(count)")
                for try await part in response.body {
                    #expect(part.readableBytes > 0)
                    received += part.readableBytes
                }
                #expect(received == count)
                #expect(response.body.trailers?.isEmpty == true)
                #expect(try await world.get().isReused == (framing != "until-close"))
            }
        }
    }

    @Test("If the reader stops, little more is received")
    func backPressure() async throws {
        try await APIWorld.run { world in
            let count = 32 << 20
            let response = try await world.get("/bytes/\(count)")
            try await world.waitFor("64 KiB wait") { _ in response.body.waitingBytes ?? 0 >= 65_536 }
            for _ in 0..<300 { _ = await world.agent.snapshot() }
            #expect(try #require(response.body.waitingBytes) <= 3 * 65_536)
            var received = 0
            for try await part in response.body {
                received += part.readableBytes
                if (response.body.waitingBytes ?? 0) > 3 * 65_536 { Issue.record("too much waits") }
            }
            #expect(received == count)
            #expect(try await world.get().isReused)
        }
    }

    @Test("A short abandoned body is read, and the connection is reused")
    func abandonedLittle() async throws {
        try await APIWorld.run { world in
            do { #expect(try await world.get("/slow-body/2/2ms").code == 200) }
            let snapshot = try await world.waitFor("it is settled") { $0.totals.connections.active == 0 }
            #expect(snapshot.totals.connections.idle == 1)
            #expect(try await world.get().isReused)
        }
    }

    @Test("A long abandoned body is not read", arguments: ["/bytes/33554432", "/chunked/33554432"])
    func abandonedMuch(path: String) async throws {
        try await APIWorld.run { world in
            do { #expect(try await world.get(path).code == 200) }
            let snapshot = try await world.waitFor("it is closed") { $0.totals.connections.closed == 1 }
            #expect(snapshot.totals.connections.closedByReason[.bodyAbandoned] == 1)
            #expect(snapshot.totals.requests.cancelled == 1)
            #expect(snapshot.totals.bytes.received < 33_554_432)
        }
    }

    @Test("A stalled abandoned body is awaited for at most 50 ms")
    func abandonedStalled() async throws {
        try await APIWorld.run { world in
            do { #expect(try await world.get("/slow-body/2/10s").code == 200) }
            let snapshot = try await world.waitFor("it is closed") { $0.totals.connections.closed == 1 }
            #expect(snapshot.totals.connections.closedByReason[.bodyAbandoned] == 1)
        }
    }

    @Test("`collect` refuses more than its limit", arguments: ["/bytes/128", "/bytes/1000000", "/chunked/1000000"])
    func tooLarge(path: String) async throws {
        try await APIWorld.run { world in
            let response = try await world.get(path)
            let error = await failure { _ = try await response.collect(upTo: 127) }
            #expect(error?.cause == .bodyTooLarge && error?.phase == .readingBody)
            #expect(error?.origin != nil)
            let isSmall = path == "/bytes/128"
            let totals = await world.agent.snapshot().totals
            #expect(totals.errors[.bodyTooLarge] == (isSmall ? 0 : 1))
            #expect(totals.connections.closedByReason[.bodyAbandoned] == (isSmall ? 0 : 1))
        }
    }

    @Test("A body can be read only once, however it arrived", arguments: ["/bytes/100", "/bytes/1000000"])
    func readOnce(path: String) async throws {
        try await APIWorld.run { world in
            let response = try await world.get(path)
            let count = try await response.collect(upTo: 1 << 20).readableBytes
            #expect(path.hasSuffix("/\(count)"))
            for _ in 0..<2 {
                #expect(await cause { _ = try await response.collect(upTo: 1 << 20) } == .invalidRequest)
                #expect(await cause { for try await _ in response.body {} } == .invalidRequest)
            }
            let other = try await world.get(path)
            var iterator = other.body.makeAsyncIterator()
            while try await iterator.next() != nil {}
            #expect(try await iterator.next() == nil)
            #expect(await cause { _ = try await other.collect(upTo: 1 << 20) } == .invalidRequest)
            let refused = try await world.get(path)
            for _ in 0..<2 { #expect(await cause { _ = try await refused.collect(upTo: 10) } == .bodyTooLarge) }
        }
    }

    @Test("A second simultaneous reader is refused, and the first continues")
    func twoReaders() async throws {
        try await APIWorld.run { world in
            let response = try await world.get("/slow-body/2/60ms")
            async let first = cause { _ = try await response.collect(upTo: 1 << 20) }
            async let second = cause { _ = try await response.collect(upTo: 1 << 20) }
            let failures = await [first, second].compactMap { $0 }
            #expect(failures == [.invalidRequest])
        }
    }

    @Test("The chunks of one read form one part, however small they are")
    func tinyChunks() async throws {
        let body = String(repeating: "1\r\nx\r\n", count: 40_000)
        let deed = RawServer.Deed(bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)0\r\n\r\n")
        let server = try await RawServer.start { _ in deed }
        let agent = HTTPAgent(settings: APIWorld.patient)
        let request = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:\(server.port)", path: "/")
        var (parts, bytes) = (0, 0)
        for try await part in try await agent.execute(request).body {
            parts += 1
            bytes += part.readableBytes
        }
        #expect(bytes == 40_000)
        #expect(parts <= 1000, "a read of the kernel's has far more than one chunk")
        await agent.shutdown()
        try await server.stop()
    }

    @Test("Bytes before a failure are delivered, followed by its cause", arguments: ["/drop/midway", "/reset/midway"])
    func cut(path: String) async throws {
        try await APIWorld.run { world in
            let failure = await cause {
                for try await part in try await world.get(path).body { #expect(part.readableBytes > 0) }
            }
            #expect(failure == (path.hasPrefix("/drop") ? .incompleteBody : .peerReset))
        }
    }
}
