import NIOCore

/// The bytes to send for one request, and how the connection continues after them.
struct Answer {
    enum Ending: Equatable {
        case keep
        case close
        /// Close without announcing it and without waiting for the rest of the request.
        case cut(Scenario.Drop)
        /// Send nothing more and leave the connection open.
        case hang
    }
    /// Zero if there is no response at all.
    var status = 200
    var bytes = ByteBuffer()
    var ending = Ending.keep
    /// Parts to send one by one, `gap` nanoseconds apart.
    var pieces: [ByteBuffer] = []
    var gap: Int64 = 0
}

/// How a response marks the end of its body.
enum ResponseFraming {
    case contentLength, chunked, untilClose
}

/// Serialises responses. There is no `Date`, although RFC 9110 §6.6.1 requires it from servers with a clock: this one
/// reads no clock, so that the bytes can be built once.
struct ResponseWriter {
    var status = 200
    var version = "HTTP/1.1"
    var contentType = "text/plain"
    var fields: [(name: String, value: String)] = []
    var framing = ResponseFraming.contentLength
    var body = ByteBuffer()
    /// Send only the head, as for HEAD.
    var headOnly = false

    private static let chunkBytes = 8192

    func serialised() -> ByteBuffer {
        var out = ByteBuffer()
        out.reserveCapacity(256 + body.readableBytes + body.readableBytes / 512)
        out.writeString("\(version) \(status) \(Self.reason(status))\r\nServer: pooltop\r\n")
        for (name, value) in fields { out.writeString("\(name): \(value)\r\n") }
        // RFC 9110 §8.6 and §15.4.5: these have no body, and 204 must not have Content-Length either.
        let hasBody = status >= 200 && status != 204 && status != 304
        if hasBody {
            out.writeString("Content-Type: \(contentType)\r\n")
            switch framing {
            case .contentLength: out.writeString("Content-Length: \(body.readableBytes)\r\n")
            case .chunked: out.writeString("Transfer-Encoding: chunked\r\n")
            case .untilClose: break
            }
        }
        out.writeString("\r\n")
        if hasBody && !headOnly { writeBody(&out) }
        return out
    }

    private func writeBody(_ out: inout ByteBuffer) {
        guard framing == .chunked else {
            out.writeImmutableBuffer(body)
            return
        }
        var rest = body
        while let chunk = rest.readSlice(length: min(Self.chunkBytes, rest.readableBytes)), chunk.readableBytes > 0 {
            out.writeString("\(String(chunk.readableBytes, radix: 16))\r\n")
            out.writeImmutableBuffer(chunk)
            out.writeString("\r\n")
        }
        out.writeString("0\r\n\r\n")
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 103: "Early Hints"
        case 200: "OK"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }

    /// Lines of 64 readable bytes.
    static func filler(_ count: Int) -> ByteBuffer {
        let line = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n"
        var out = ByteBuffer()
        out.reserveCapacity(count + 64)
        while out.readableBytes < count { out.writeString(line) }
        return out.readSlice(length: count) ?? out
    }
}
