public import NIOCore

/// What follows a request's head.
public struct AgentRequestBody: Sendable {
    enum Content: Sendable {
        case none
        case bytes(ByteBuffer)
        case stream(Stream)
    }

    /// A body that comes in parts.
    struct Stream: Sendable {
        /// nil: not known, so that the body is sent in chunks.
        let length: Int?
        /// Hands the parts over one after the other, until it is told to stop.
        let pump: @Sendable (Upload) async -> Void
    }

    let content: Content

    /// No body. POST, PUT and PATCH say `Content-Length: 0` (RFC 9110 §8.6).
    public static let none = AgentRequestBody(content: .none)

    /// These bytes, with Content-Length. They are kept until the request ends, because it may be sent again.
    public static func bytes(_ bytes: ByteBuffer) -> AgentRequestBody { AgentRequestBody(content: .bytes(bytes)) }

    /// These bytes, with Content-Length.
    public static func bytes(_ bytes: some Sequence<UInt8>) -> AgentRequestBody { .bytes(ByteBuffer(bytes: bytes)) }

    /// This text in UTF-8, with Content-Length.
    public static func text(_ text: String) -> AgentRequestBody { .bytes(ByteBuffer(string: text)) }

    /// The parts of a sequence, as it gives them.
    ///
    /// The next part is asked for when the connection has taken the one before, so that a slow server slows the
    /// sequence down. It is first asked when the request has a connection, and runs in a task of its own, which ends
    /// with the exchange. The sequence is read once: such a request is never sent again.
    ///
    /// A response that is complete before the body is ends the body: what is left of it is not sent, and the
    /// connection is closed (`CloseReason.earlyResponse`).
    ///
    /// - Parameters:
    ///   - length: bytes over all parts; nil: not known, and the body is sent in chunks (RFC 9112 §7.1). The body ends
    ///     with its last byte, and the sequence is asked for no part after that. A sequence that gives less, whose last
    ///     part goes beyond it, or that throws, fails the request with `invalidRequest` and closes the connection.
    ///   - parts: empty parts are passed over.
    /// - Returns: the body of one request.
    public static func stream<Parts: AsyncSequence & Sendable>(
        length: Int? = nil, _ parts: Parts
    ) -> AgentRequestBody where Parts.Element == ByteBuffer {
        let stream = Stream(length: length) { upload in
            do {
                var iterator = parts.makeAsyncIterator()
                while let part = try await iterator.next() {
                    if part.readableBytes == 0 { continue }
                    switch await upload.write(part) {
                    case .more: continue
                    case .complete: return
                    case .stopped:
                        // This task was cancelled: asking once more is how the sequence hears of it.
                        _ = try await iterator.next()
                        return
                    }
                }
                upload.finish()
            } catch {
                upload.fail("The request's body failed: \(error)")
            }
        }
        return AgentRequestBody(content: .stream(stream))
    }
}
