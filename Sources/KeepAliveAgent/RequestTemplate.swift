package import AgentCore
package import HTTP1
package import NIOCore

/// A request serialised once per target: both variants of its bytes, and what the rules must know of it.
package final class RequestTemplate {
    package let host: HostID
    package let method: MethodID
    package let kind: RequestKind
    /// GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 §9.2.2).
    package let isIdempotent: Bool
    package let timeout: Nanoseconds?
    /// The bytes that leave the connection open, and those that carry `Connection: close`.
    let keeping: ByteBuffer
    let closing: ByteBuffer

    package init(
        host: HostID, method: MethodID, methodName: String, keeping: ByteBuffer, closing: ByteBuffer,
        timeout: Nanoseconds?
    ) {
        self.host = host
        self.method = method
        kind = methodName == "HEAD" ? .head : methodName == "CONNECT" ? .connect : .ordinary
        isIdempotent = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(methodName)
        self.timeout = timeout
        self.keeping = keeping
        self.closing = closing
    }
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

    package init(owner: any RequestOwner, token: Int) {
        self.owner = owner
        self.token = token
    }
}

/// Told once for each of its requests.
package protocol RequestOwner: AnyObject {
    func requestEnded(_ token: Int, _ outcome: RequestOutcome)
}
