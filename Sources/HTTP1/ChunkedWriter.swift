/// The bytes around the parts of a chunked request body (RFC 9112 §7.1).
package enum ChunkedWriter {
    /// Follows the data of a chunk.
    package static let chunkEnd: [UInt8] = [.carriageReturn, .lineFeed]
    /// Ends a body without trailers.
    package static let lastChunk: [UInt8] = Array("0\r\n\r\n".utf8)

    /// Precedes `count` bytes of data. An empty chunk would end the body, so `count` must be positive.
    package static func prefix(_ count: Int) -> [UInt8] {
        precondition(count > 0, "an empty chunk ends the body")
        return Array(String(count, radix: 16).utf8) + chunkEnd
    }

    /// Appends `data` as one chunk; empty data is skipped.
    package static func append(_ data: some Collection<UInt8>, to bytes: inout [UInt8]) {
        guard !data.isEmpty else { return }
        bytes += prefix(data.count)
        bytes += data
        bytes += chunkEnd
    }

    /// Ends a body with trailers.
    package static func lastChunk(trailers: [(name: String, value: String)]) throws(RequestError) -> [UInt8] {
        var bytes = Array("0\r\n".utf8)
        for (name, value) in trailers {
            let value = try RequestBytes.checkedValue(name, value)
            guard !forbiddenTrailers.contains(name.lowercased()) else { throw .reservedField }
            RequestBytes.append(name, value, to: &bytes)
        }
        return bytes + chunkEnd
    }

    /// Fields for framing, routing, request modifiers, authentication and content format (RFC 9110 §6.5.1).
    private static let forbiddenTrailers: Set<String> = [
        "authorization", "connection", "content-encoding", "content-length", "content-range", "content-type", "cookie",
        "expect", "host", "keep-alive", "max-forwards", "proxy-authorization", "range", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]
}
