package import AgentCore
package import HTTP1
import NIOCore

/// A request serialised once per target: both variants of its bytes, and what the rules must know of it.
package final class RequestTemplate {
    package let host: HostID
    package let method: MethodID
    package let kind: RequestKind
    /// GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 §9.2.2), or declared so by the caller.
    package let isIdempotent: Bool
    package let timeout: Nanoseconds?
    /// The bytes that leave the connection open.
    private let keeping: [UInt8]
    /// Those that carry `Connection: close`; nil: made from `keeping` when they are needed.
    private let closing: [UInt8]?
    /// Written after the head; nil: the head holds all there is, or the body comes in parts.
    let body: ByteBuffer?
    /// The body comes in parts after this, and cannot be written twice.
    let hasStreamedBody: Bool

    package init(host: HostID, method: MethodID, methodName: String, bytes: RequestBytes, timeout: Nanoseconds?) {
        self.host = host
        self.method = method
        kind = bytes.kind
        isIdempotent = Self.isIdempotent(methodName)
        self.timeout = timeout
        keeping = bytes.keepAlive
        closing = bytes.closing
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
    func head(sendClose: Bool) -> [UInt8] {
        guard sendClose else { return keeping }
        return closing ?? keeping.dropLast(2) + Array("Connection: close\r\n\r\n".utf8)
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

/// Who is told that a request ended.
package enum RequestSink {
    /// The token is the owner's own.
    case owner(any RequestOwner, token: Int)
    /// One that also wants the response's head and body.
    case exchange(Exchange)

    func requestEnded(_ outcome: RequestOutcome) {
        switch self {
        case .owner(let owner, let token): owner.requestEnded(token, outcome)
        case .exchange(let exchange): exchange.requestEnded(outcome)
        }
    }
}

/// Told once for each of its requests.
package protocol RequestOwner: AnyObject {
    func requestEnded(_ token: Int, _ outcome: RequestOutcome)
}
