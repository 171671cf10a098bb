public import NIOCore

/// The body of a request.
public struct AgentRequestBody: Sendable {
    enum Content: Sendable {
        case none
        case bytes(ByteBuffer)
        case stream(Stream)
    }

    /// A body that is sent in parts.
    struct Stream: Sendable {
        /// nil: the length is unknown, so the body is sent in chunks.
        let length: Int?
        /// Passes the parts on one after the other until it is told to stop.
        let pump: @Sendable (Upload) async -> Void
    }

    let content: Content

    /// No body. POST, PUT and PATCH send `Content-Length: 0` (RFC 9110 §8.6).
    public static let none = AgentRequestBody(content: .none)

    /// These bytes, with Content-Length. They are kept until the request ends, so that it can be sent again.
    public static func bytes(_ bytes: ByteBuffer) -> AgentRequestBody { AgentRequestBody(content: .bytes(bytes)) }

    /// These bytes, with Content-Length.
    public static func bytes(_ bytes: some Sequence<UInt8>) -> AgentRequestBody { .bytes(ByteBuffer(bytes: bytes)) }

    /// This text in UTF-8, with Content-Length.
    public static func text(_ text: String) -> AgentRequestBody { .bytes(ByteBuffer(string: text)) }

    /// A body that is streamed from an asynchronous sequence.
    ///
    /// The next part is requested when the connection has taken the previous one, so a slow server slows the sequence
    /// down. Iteration starts when the request has a connection and runs in a task of its own, which ends with the
    /// exchange. The sequence is iterated only once, so such a request is never sent again.
    ///
    /// If the response is complete before the body is, the rest of the body is not sent and the connection is closed
    /// (`CloseReason.earlyResponse`).
    ///
    /// - Parameters:
    ///   - length: the number of bytes in all parts together; nil: unknown, and the body is sent in chunks (RFC 9112
    ///     §7.1). The body ends after this many bytes, and no further part is requested. If the sequence ends early,
    ///     exceeds the length or throws, the request fails with `invalidRequest` and the connection is closed.
    ///   - parts: the parts in order; empty ones are skipped.
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
                        // This task was cancelled. Asking for one more part lets the sequence see the cancellation.
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
