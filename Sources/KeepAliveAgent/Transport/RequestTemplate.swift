package import AgentCore
package import HTTP1
import NIOCore
package import PoolModel

/// A request serialised once per target: both variants of its bytes, and what the rules must know of it.
package final class RequestTemplate {
    package let host: HostID
    package let method: MethodID
    package let kind: RequestKind
    /// GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 §9.2.2), or declared so by the caller.
    package let isIdempotent: Bool
    package let timeout: Nanoseconds?
    private let bytes: RequestBytes
    /// The bytes that carry `Connection: close`; nil: made when they are needed.
    private let closing: [UInt8]?
    /// Written after the head; nil: the head holds all there is, or the body comes in parts.
    let body: ByteBuffer?
    /// The body comes in parts after this, and cannot be written twice.
    let hasStreamedBody: Bool
    /// The body, whole or in parts, waits for 100 (Continue); the exchange writes it.
    let holdsBody: Bool
    /// Whether somebody wants the response: not of a request that is sent again and again for its figures only.
    let isForExchange: Bool

    package init(host: HostID, method: MethodID, methodName: String, bytes: RequestBytes, timeout: Nanoseconds?) {
        self.host = host
        self.method = method
        kind = bytes.kind
        isIdempotent = Self.isIdempotent(methodName)
        self.timeout = timeout
        self.bytes = bytes
        closing = bytes.closing
        body = nil
        hasStreamedBody = false
        holdsBody = false
        isForExchange = false
    }

    /// A request that is made once, and whose response is wanted.
    init(
        host: HostID, method: MethodID, bytes: RequestBytes, isIdempotent: Bool, timeout: Nanoseconds?,
        body: ByteBuffer?, hasStreamedBody: Bool, holdsBody: Bool
    ) {
        self.host = host
        self.method = method
        kind = bytes.kind
        self.isIdempotent = isIdempotent
        self.timeout = timeout
        self.bytes = bytes
        closing = nil
        self.body = body
        self.hasStreamedBody = hasStreamedBody
        self.holdsBody = holdsBody
        isForExchange = true
    }

    /// Gives what is written first to `send`, where it lies.
    @inline(__always)
    func withHead<Result>(sendClose: Bool, _ send: (UnsafeRawBufferPointer) -> Result) -> Result {
        if sendClose { return (closing ?? bytes.closing).withUnsafeBytes(send) }
        return bytes.keepAlive.withUnsafeBytes(send)
    }

    static func isIdempotent(_ method: String) -> Bool {
        switch method {
        case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE": true
        default: false
        }
    }
}
