package import AgentCore
package import HTTP1
package import NIOCore

/// A request serialised once per target: both variants of its bytes, and what the rules must know of it.
package final class RequestTemplate {
    package let host: HostID
    package let method: MethodID
    package let kind: RequestKind
    /// GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 §9.2.2), or declared so by the caller.
    package let isIdempotent: Bool
    package let timeout: Nanoseconds?
    /// The bytes that leave the connection open.
    private let keeping: ByteBuffer
    /// Those that carry `Connection: close`; nil: made from `keeping` when they are needed.
    private let closing: ByteBuffer?
    /// Written after the head; nil: the head holds all there is, or the body comes in parts.
    let body: ByteBuffer?
    /// The body comes in parts after this, and cannot be written twice.
    let hasStreamedBody: Bool

    package init(
        host: HostID, method: MethodID, methodName: String, keeping: ByteBuffer, closing: ByteBuffer,
        timeout: Nanoseconds?
    ) {
        self.host = host
        self.method = method
        kind = RequestKind(method: methodName)
        isIdempotent = Self.isIdempotent(methodName)
        self.timeout = timeout
        self.keeping = keeping
        self.closing = closing
        body = nil
        hasStreamedBody = false
    }

    /// A request that is made once: `head` leaves the connection open and ends in the empty line.
    init(host: HostID, method: MethodID, _ request: PreparedRequest) {
        self.host = host
        self.method = method
        kind = request.kind
        isIdempotent = request.isIdempotent
        timeout = request.timeout
        keeping = request.head
        closing = nil
        body = request.body
        hasStreamedBody = request.stream != nil
    }

    /// What is written first.
    func head(sendClose: Bool) -> ByteBuffer {
        guard sendClose else { return keeping }
        if let closing { return closing }
        var bytes = keeping
        bytes.moveWriterIndex(to: bytes.writerIndex - 2)
        bytes.writeStaticString("Connection: close\r\n\r\n")
        return bytes
    }

    static func isIdempotent(_ method: String) -> Bool {
        switch method {
        case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE": true
        default: false
        }
    }
}

extension RequestKind {
    init(method: String) { self = method == "HEAD" ? .head : method == "CONNECT" ? .connect : .ordinary }
}

/// How a request ended.
package enum RequestOutcome: Sendable {
    case succeeded(status: Int)
    case failed(AgentError)
    case cancelled
}

/// Who is told that a request ended; the token is the sink's own.
package struct RequestSink {
    package let owner: any RequestOwner
    package let token: Int
    /// Who wants the response's head and body; nil: nobody does.
    let exchange: Exchange?

    package init(owner: any RequestOwner, token: Int) {
        self.owner = owner
        self.token = token
        exchange = nil
    }

    init(exchange: Exchange) {
        owner = exchange
        token = 0
        self.exchange = exchange
    }
}

/// Told once for each of its requests.
package protocol RequestOwner: AnyObject {
    func requestEnded(_ token: Int, _ outcome: RequestOutcome)
}
