import AgentCore
import HTTP1
public import HTTPTypes
public import NIOCore
import PoolModel

/// A response: its head is complete, its body may still be on its way.
public struct AgentResponse: Sendable {
    /// The status code, 101 or 200 to 999.
    public let code: Int
    private let received: HeadFields
    /// What follows the head. Dropping the response and its body before the body was read gives the rest up: up to
    /// 64 KiB that arrive within 50 ms are read, so that the connection can be used again, otherwise it is closed.
    public let body: AgentResponseBody
    /// Whether the connection had carried another exchange before. Matches Node's `req.reusedSocket`.
    public let isReused: Bool
    /// How long the parts of the exchange took.
    public let timings: AgentTimings

    /// The server has answered without having seen the request's body, which waited for its 100 (`Expect`).
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

    /// The status with the reason phrase as it was received.
    public var status: HTTPResponse.Status {
        HTTPResponse.Status(code: code, reasonPhrase: String(decoding: received.reason, as: UTF8.self))
    }

    /// Status and header fields. Made anew from the bytes received each time it is asked for.
    public var head: HTTPResponse { HTTPResponse(status: status, headerFields: headerFields) }

    /// The header fields in the order in which they were received. Made anew each time it is asked for; `firstValue(of:)`
    /// is cheaper for a single one.
    public var headerFields: HTTPFields { HTTPFields(received) }

    /// The value of the first field of this name, as it was received; nil: there is none.
    public func firstValue(of name: HTTPField.Name) -> String? {
        received.firstValue(of: name.rawName).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Waits for the rest of the body.
    ///
    /// - Parameter limit: bytes that are taken at the most.
    /// - Returns: all of the body that no reader has taken yet.
    /// - Throws: `bodyTooLarge` where there are more, and then closes the connection; `invalidRequest` where the body was
    ///   read to its end before; else what ended the exchange.
    public func collect(upTo limit: Int) async throws(AgentError) -> ByteBuffer { try await body.collect(upTo: limit) }
}

/// How long the parts of an exchange took, on the monotonic clock.
public struct AgentTimings: Sendable, Equatable {
    private let queueWaitNanoseconds: Nanoseconds
    private let firstByteNanoseconds: Nanoseconds

    init(queueWait: Nanoseconds, firstByte: Nanoseconds) {
        queueWaitNanoseconds = queueWait
        firstByteNanoseconds = firstByte
    }

    /// From the request's arrival at the agent until it was put on a connection, a dial that it waited for included.
    /// Of a request that was sent again, until the last time.
    public var queueWait: Duration { .nanoseconds(queueWaitNanoseconds) }
    /// From there to the response's complete head.
    public var firstByte: Duration { .nanoseconds(firstByteNanoseconds) }
}

extension HTTPFields {
    /// Names that HTTPTypes does not take (it takes every token) are left out.
    init(_ received: HeadFields) {
        self.init()
        for field in received {
            guard let name = HTTPField.Name(String(decoding: field.name, as: UTF8.self)) else { continue }
            append(HTTPField(name: name, value: field.value))
        }
    }
}
