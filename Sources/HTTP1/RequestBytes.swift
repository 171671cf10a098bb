/// A serialised request, built once per target and written each time it is sent.
///
/// Every part is validated byte by byte, so that no part can end a line and inject a field or a second request.
package struct RequestBytes: Sendable {
    /// How the body is framed, and its bytes if they are the same each time.
    package enum Body: Sendable, Equatable {
        /// No body. POST, PUT and PATCH send `Content-Length: 0` (RFC 9110 §8.6).
        case none
        /// This number of bytes will follow.
        case exact(Int)
        /// Chunks will follow (`ChunkedWriter`).
        case chunked
        /// These bytes are appended to the head.
        case bytes([UInt8])
    }

    /// The properties of the request that affect the framing of its response; passed to `ResponseParser.start`.
    package let kind: RequestKind
    /// The request for a connection that may be reused. HTTP/1.1 needs no field for that.
    package let keepAlive: [UInt8]
    /// The caller's connection options, and the position of their field in `keepAlive`, present or not.
    private let options: [String]
    private let connectionField: Range<Int>

    /// The same request with `Connection: close`. Built on each access.
    package var closing: [UInt8] { asking("close") }

    /// The same request with `Connection: keep-alive`, on which some servers make their `Keep-Alive` field depend.
    /// Built on each access.
    package var askingToKeep: [UInt8] { asking("keep-alive") }

    private func asking(_ option: String) -> [UInt8] {
        keepAlive[..<connectionField.lowerBound] + Self.connection([option] + options)
            + keepAlive[connectionField.upperBound...]
    }

    /// Validates every part and serialises the request.
    ///
    /// - Parameters:
    ///   - method: any token, in the case in which it is to be sent.
    ///   - target: `/path?query`; `host:port` for CONNECT; `*` for OPTIONS.
    ///   - host: the origin's host and port as in its URI. A Host field among the fields replaces it.
    ///   - fields: in the order in which they are to be sent. `Connection` may have options other than `close` and
    ///     `keep-alive`.
    ///   - body: the body, which determines the framing.
    /// - Throws: the error for the first invalid part.
    package init(
        method: String, target: String, host: String, fields: [(name: String, value: String)] = [], body: Body = .none
    ) throws(RequestError) {
        guard Self.isToken(method) else { throw .badMethod }
        guard Self.isTarget(target, method) else { throw .badTarget }
        kind = method == "HEAD" ? .head : method == "CONNECT" ? .connect : .ordinary
        let sorted = try SortedFields(fields)
        let host = sorted.host ?? host
        guard Self.isHost(host) else { throw .badHost }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(method.utf8.count + target.utf8.count + host.utf8.count + sorted.lines.count + 96)
        bytes += method.utf8
        bytes.append(.space)
        bytes += target.utf8
        bytes.append(" HTTP/1.1\r\n")
        Self.append("Host", host, to: &bytes)
        bytes += sorted.lines
        let content = try Self.framing(body, method, &bytes)
        let start = bytes.count
        if !sorted.options.isEmpty { bytes += Self.connection(sorted.options) }
        connectionField = start..<bytes.count
        options = sorted.options
        bytes.append("\r\n")
        bytes += content
        keepAlive = bytes
    }

    /// Appends the field that frames the body and returns the bytes of the body.
    private static func framing(_ body: Body, _ method: String, _ head: inout [UInt8]) throws(RequestError) -> [UInt8] {
        if body != .none, method == "TRACE" || method == "CONNECT" { throw .badBody }
        switch body {
        case .none:
            if ["POST", "PUT", "PATCH"].contains(method) { append("Content-Length", "0", to: &head) }
            return []
        case .exact(let count):
            guard count >= 0 else { throw .badBody }
            append("Content-Length", String(count), to: &head)
            return []
        case .chunked:
            append("Transfer-Encoding", "chunked", to: &head)
            return []
        case .bytes(let bytes):
            append("Content-Length", String(bytes.count), to: &head)
            return bytes
        }
    }

    private static func connection(_ options: [String]) -> [UInt8] {
        var line: [UInt8] = []
        append("Connection", options.joined(separator: ", "), to: &line)
        return line
    }

    static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes.append(": ")
        bytes += value.utf8
        bytes.append("\r\n")
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { characters in unsafe append(contentsOf: characters) }
    }
}
