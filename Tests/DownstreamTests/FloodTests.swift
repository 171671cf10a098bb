import DNSWire
import Downstream
import NIOCore
import TestSupport
import Testing

/// Input without an end: many lines, many chunks, many requests, many queries. None may cost stack, or memory that grows
/// with it.
@Suite("Floods of input") struct FloodTests {
    private static let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test("60,000 trailer lines pipelined behind a slow response end only their own connection")
    func trailers() async throws {
        try await withFleet([.plain()]) { fleet in
            let address = try fleet.endpoint("plain").address
            let (attacker, other) = (try await Wire(address), try await Wire(address))
            // They come while the first answer waits, and so are all there when the parser gets to them.
            let lines = String(repeating: "a:b\r\n", count: 60_000)
            try await attacker.send("GET /delay/200ms HTTP/1.1\r\nHost: a\r\n\r\n" + Self.chunked + "0\r\n" + lines)
            #expect(try await attacker.response().status == 200)
            #expect(try await attacker.response().status == 431)
            #expect(try await other.get("/").status == 200)
        }
    }

    @Test("A body of 50,000 chunks is read however it is split")
    func chunks() async throws {
        try await withFleet([.plain()]) { fleet in
            let wire = try await Wire(try fleet.endpoint("plain").address)
            let body = String(repeating: "1\r\nx\r\n", count: 50_000)
            try await wire.send("GET /delay/200ms HTTP/1.1\r\nHost: a\r\n\r\n" + Self.chunked + body + "0\r\n\r\n")
            #expect(try await wire.response().status == 200)
            #expect(try await wire.response().body.utf8.count == 50_000)
        }
    }

    @Test("10,000 pipelined requests are answered one by one")
    func requests() async throws {
        try await withFleet([.plain()]) { fleet in
            let wire = try await Wire(try fleet.endpoint("plain").address)
            let count = 10_000
            try await wire.send(String(repeating: "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", count: count))
            try await wire.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\n")
            let end = try await wire.rest()
            #expect(end.ended == .fin)
            let stats = try await fleet.stats("plain")
            #expect(stats.requests == count + 1 && stats.statuses == ["200": count + 1])
        }
    }

    @Test("200 pipelined requests for large bodies are all answered to a client that reads late")
    func largeBodies() async throws {
        try await withFleet([.plain()]) { fleet in
            let wire = try await Wire(try fleet.endpoint("plain").address)
            try await wire.setReading(false)
            try await wire.send(String(repeating: "GET /bytes/65536 HTTP/1.1\r\nHost: a\r\n\r\n", count: 200))
            try await wire.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the first are answered") { try await fleet.stats("plain").requests > 1 }
            // It does not read ahead of a client that takes nothing: the kernel's buffers hold a few megabytes.
            #expect(try await fleet.stats("plain").requests < 200)
            try await wire.setReading(true)
            #expect(try await wire.rest().text.utf8.count > 200 * 65_536)
            #expect(try await fleet.stats("plain").requests == 201)
        }
    }

    @Test("20,000 DNS queries on one connection are all answered to a client that reads late")
    func queries() async throws {
        try await withFleet([.search]) { fleet in
            let wire = try await Wire(fleet.dnsAddress)
            try await wire.setReading(false)
            let query = Message.query(id: 1, name: DomainName("search.pooltop.test") ?? .root, type: .a).encoded()
            let framed = [UInt8(query.count >> 8), UInt8(query.count & 255)] + query
            let count = 20_000
            // Not awaited: it cannot be written out before the server reads on.
            async let sent: Void = wire.send(bytes: Array(repeatElement(framed, count: count).joined()))
            try await eventually("asked") { try await fleet.dnsStats().queries > 0 }
            try await wire.setReading(true)
            try await sent
            let answers = try await wire.wait { inbox -> Int? in
                inbox.messages += inbox.takeMessages()
                return inbox.messages == count ? count : nil
            }
            #expect(answers == count)
            try await wire.close()
        }
    }
}
