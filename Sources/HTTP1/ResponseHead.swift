/// The properties of a request that affect the framing of its response (RFC 9112 §6.3 rules 1 and 2).
package enum RequestKind: Sendable {
    case ordinary
    /// HEAD: the response has no body, whatever its fields say.
    case head
    /// CONNECT: a 2xx response turns the connection into a tunnel.
    case connect
}

/// How the end of a response body is determined.
package enum BodyLength: Sendable, Equatable {
    case none
    case exact(Int)
    case chunked
    /// The body ends where the connection ends.
    case untilClose
}

/// Whether the connection may carry another exchange after this response, and if not, why.
///
/// If several reasons apply, the first in this order is given: `upgraded`, `suspectFraming`, `closeHeader`, `http10`,
/// `untilClose`.
package enum Persistence: Sendable, Equatable {
    case reusable
    /// `Connection: close`.
    case closeHeader
    /// HTTP/1.0 without `Connection: keep-alive`.
    case http10
    /// The body ended where the connection ended.
    case untilClose
    /// The body was framed, but by fields that two recipients may read differently (RFC 9112 §6.1, §6.3 rule 3):
    /// Transfer-Encoding together with Content-Length, in HTTP/1.0, or with `chunked` twice, an empty list element, a
    /// tab or quotes.
    case suspectFraming
    /// 101, or 2xx to CONNECT: the bytes after the head belong to another protocol.
    case upgraded
}

/// The parts of a final response's head that the agent needs. The other fields are in `HeadFields`, if they are kept.
package struct ResponseHead: Sendable, Equatable {
    /// 101, or 200 to 999.
    package var status: Int
    /// 0 for HTTP/1.0, 1 for all later ones.
    package var minorVersion: Int
    package var bodyLength: BodyLength
    package var persistence: Persistence
    /// `Keep-Alive: timeout`, the smallest if there are several. Zero or less means close at once.
    package var keepAliveTimeoutSeconds: Int?
    /// `Keep-Alive: max`: how many more requests the server will accept on this connection. The smallest if there are
    /// several.
    package var keepAliveMax: Int?

    package init(
        status: Int, minorVersion: Int, bodyLength: BodyLength, persistence: Persistence,
        keepAliveTimeoutSeconds: Int? = nil, keepAliveMax: Int? = nil
    ) {
        self.status = status
        self.minorVersion = minorVersion
        self.bodyLength = bodyLength
        self.persistence = persistence
        self.keepAliveTimeoutSeconds = keepAliveTimeoutSeconds
        self.keepAliveMax = keepAliveMax
    }
}

/// The result of one parser step.
///
/// After `.failed` and `.unsolicited` the parser returns the same step forever and consumes nothing; after
/// `.end(.upgraded)` it returns `.needMore` and consumes nothing. Otherwise every step consumes bytes or changes what
/// comes next, so a loop that stops at these three and at `.needMore` terminates.
package enum ParserStep: Sendable, Equatable {
    /// All bytes were consumed (or belong to another protocol).
    case needMore
    /// A 1xx response other than 101; the final one is still to come.
    case informational(status: Int)
    /// The final response's head.
    case head(ResponseHead)
    /// Bytes of the body, as a range of the input.
    case body(Range<Int>)
    /// The response is complete.
    case end(Persistence)
    /// Bytes that do not belong to any request: close the connection, and never treat them as a response.
    case unsolicited
    case failed(FramingError)
}

/// How much of the current exchange's response has arrived, for the retry rules.
package enum ResponseProgress: Sendable, Equatable {
    case nothing
    /// Complete 1xx responses and nothing after them.
    case informational
    /// A byte that belongs, or may belong, to the final response.
    case begun
}
