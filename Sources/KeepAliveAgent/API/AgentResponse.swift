import AgentCore
import HTTP1
public import HTTPTypes
public import NIOCore
import PoolModel

/// A response whose head is complete; its body may still be arriving.
public struct AgentResponse: Sendable {
    /// The status code, 101 or 200 to 999.
    public let code: Int
    private let received: HeadFields
    /// The response body. If the response and its body are released before the body has been read, the rest is
    /// discarded: if it is at most 64 KiB and arrives within 50 ms, the connection is reused, otherwise it is closed.
    public let body: AgentResponseBody
    /// Whether the connection had carried an exchange before. Matches Node's `req.reusedSocket`.
    public let isReused: Bool
    /// How long each part of the exchange took.
    public let timings: AgentTimings

    /// True if the server answered without having seen the request's body, which was waiting for a 100 (`Expect`).
    let bodyWasWithheld: Bool

    init(
        code: Int, fields: HeadFields, body: AgentResponseBody, isReused: Bool, timings: AgentTimings,
        bodyWasWithheld: Bool
    ) {
        self.bodyWasWithheld = bodyWasWithheld
        self.code = code
        received = fields
        self.body = body
        self.isReused = isReused
        self.timings = timings
    }

    /// The status with its reason phrase as received.
    public var status: HTTPResponse.Status {
        HTTPResponse.Status(code: code, reasonPhrase: String(decoding: received.reason, as: UTF8.self))
    }

    /// The status and the header fields. Parsed from the received bytes on each access.
    public var head: HTTPResponse { HTTPResponse(status: status, headerFields: headerFields) }

    /// The header fields in the order received. Parsed on each access; `firstValue(of:)` is cheaper for a single field.
    public var headerFields: HTTPFields { HTTPFields(received) }

    /// The value of the first field with this name, as received; nil if there is none.
    public func firstValue(of name: HTTPField.Name) -> String? {
        received.firstValue(of: name.rawName).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits for the rest of the body.
    ///
    /// - Parameter limit: the most bytes to accept.
    /// - Returns: all of the body that no reader has taken yet.
    /// - Throws: `bodyTooLarge` if there are more bytes, in which case the connection is closed; `invalidRequest` if
    ///   the body was already read to its end; otherwise the error that ended the exchange.
    public func collect(upTo limit: Int) async throws(AgentError) -> ByteBuffer { try await body.collect(upTo: limit) }
}

/// How long each part of an exchange took, on the monotonic clock.
public struct AgentTimings: Sendable, Equatable {
    private let queueWaitNanoseconds: Nanoseconds
    private let firstByteNanoseconds: Nanoseconds

    init(queueWait: Nanoseconds, firstByte: Nanoseconds) {
        queueWaitNanoseconds = queueWait
        firstByteNanoseconds = firstByte
    }

    /// The time from the request's arrival at the agent until it was assigned to a connection, including a dial that it
    /// waited for. For a request that was sent again, until its last assignment.
    public var queueWait: Duration { .nanoseconds(queueWaitNanoseconds) }
    /// The time from the assignment to the complete response head.
    public var firstByte: Duration { .nanoseconds(firstByteNanoseconds) }
}

extension HTTPFields {
    /// Names that HTTPTypes rejects are left out; it accepts every token.
    init(_ received: HeadFields) {
        self.init()
        for field in received {
            guard let name = HTTPField.Name(String(decoding: field.name, as: UTF8.self)) else { continue }
            append(HTTPField(name: name, value: field.value))
        }
    }
}
