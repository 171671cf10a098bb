import HTTP1
import Testing

@Suite struct ChunkedWriterTests {
    @Test("The prefix contains the size in hexadecimal")
    func prefixes() {
        #expect(ChunkedWriter.prefix(1) == message("1\n"))
        #expect(ChunkedWriter.prefix(16_384) == message("4000\n"))
        #expect(ChunkedWriter.prefix(0xABCDEF) == message("abcdef\n"))
    }

    /// The parser reads the writer's output.
    @Test("Written chunks can be parsed")
    func roundTrip() throws {
        var bytes = message("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
        let data = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for lower in stride(from: 0, to: data.count, by: 37) {
            ChunkedWriter.append(data[lower..<min(lower + 37, data.count)], to: &bytes)
        }
        ChunkedWriter.append([], to: &bytes)
        bytes += try ChunkedWriter.lastChunk(trailers: [("Sum", " 1 "), ("sum", "2")])
        let found = parse(bytes, Feed(keepsHead: true))
        #expect(Array(found.dropFirst(2)) == [.body(data), .fields(["Sum: 1", "sum: 2"]), .end(.reusable)])
    }

    @Test("The last chunk contains the trailers")
    func lastChunks() throws {
        #expect(ChunkedWriter.lastChunk == message("0\n\n"))
        #expect(try ChunkedWriter.lastChunk(trailers: []) == ChunkedWriter.lastChunk)
    }

    @Test("Forbidden trailers are refused")
    func refusedTrailers() {
        #expect(throws: RequestError.reservedField) { try ChunkedWriter.lastChunk(trailers: [("content-Length", "1")]) }
        #expect(throws: RequestError.reservedField) { try ChunkedWriter.lastChunk(trailers: [("Host", "a")]) }
        #expect(throws: RequestError.badFieldName) { try ChunkedWriter.lastChunk(trailers: [("A b", "1")]) }
        #expect(throws: RequestError.badFieldValue) { try ChunkedWriter.lastChunk(trailers: [("A", "1\r\n\r\nx")]) }
    }
}
