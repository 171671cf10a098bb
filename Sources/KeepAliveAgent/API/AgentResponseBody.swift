public import AgentCore
import HTTP1
public import HTTPTypes
public import NIOCore
import PoolModel

/// A response body: an asynchronous sequence of its parts as they arrive, for a single reader.
///
/// The agent stops reading from the connection while about 64 KiB are waiting for the reader, so a slow reader slows
/// the server down and memory stays bounded. The request's time limit keeps running meanwhile.
///
/// A body can be read once. A new iterator continues where the previous one stopped. Reading again after the end, or
/// from two tasks at the same time, throws `invalidRequest`, however large the body is (fetch has `bodyUsed` for this).
///
/// Cancelling the task that waits for a part cancels the request and closes the connection
/// (`CloseReason.requestCancelled`).
public struct AgentResponseBody: Sendable, AsyncSequence {
    /// One part.
    public typealias Element = ByteBuffer
    /// The error that ended the exchange before the end of the body.
    public typealias Failure = AgentError

    enum Storage: Sendable {
        /// The whole body arrived together with the head.
        case whole(ByteBuffer, trailers: HeadFields, slot: ExchangeSlot)
        case pipe(BodyReader)
    }

    private let storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    /// The bytes that have arrived and were not read yet; nil if the body arrived together with its head.
    package var waitingBytes: Int? {
        if case .pipe(let reader) = storage { reader.pipe.waitingBytes } else { nil }
    }

    /// Continues where the previous reader stopped.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(storage: storage) }

    /// Iterates over the parts.
    public struct AsyncIterator: AsyncIteratorProtocol {
        /// One part.
        public typealias Element = ByteBuffer
        /// The error that ended the exchange before the end of the body.
        public typealias Failure = AgentError

        fileprivate var storage: Storage?

        fileprivate init(storage: Storage) { self.storage = storage }

        /// The next part, never empty; nil at the end of the body.
        ///
        /// - Throws: the error that ended the exchange before the end of the body; `invalidRequest` if another reader
        ///   is reading the body or has read it to its end.
        public mutating func next() async throws(AgentError) -> ByteBuffer? {
            switch storage {
            case .pipe(let reader):
                let part = try await reader.next()
                if part == nil { storage = nil }
                return part
            case .whole(let bytes, _, let slot):
                storage = nil
                try slot.takeBody()
                return bytes.readableBytes > 0 ? bytes : nil
            case nil: return nil
            }
        }

        /// The next part, never empty; nil at the end of the body.
        ///
        /// - Throws: the error that ended the exchange before the end of the body; `invalidRequest` if another reader
        ///   is reading the body or has read it to its end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(AgentError) -> ByteBuffer? { try await next() }
    }

    /// The trailer fields, empty for most bodies; nil until the end of the body was reached.
    public var trailers: HTTPFields? {
        switch storage {
        case .whole(_, let trailers, _): HTTPFields(trailers)
        case .pipe(let reader): reader.pipe.trailers.map { HTTPFields($0) }
        }
    }

    /// Waits for the rest of the body.
    ///
    /// - Parameter limit: the most bytes to accept.
    /// - Returns: all of the body that no reader has taken yet.
    /// - Throws: `bodyTooLarge` if there are more bytes, in which case the connection is closed; `invalidRequest` if
    ///   the body was already read to its end; otherwise the error that ended the exchange.
    public func collect(upTo limit: Int) async throws(AgentError) -> ByteBuffer {
        switch storage {
        case .whole(let bytes, _, let slot):
            try slot.takeBody(refusing: bytes.readableBytes > limit)
            return bytes
        case .pipe(let reader):
            return try await reader.collect(upTo: limit)
        }
    }
}

/// The reader's end of a body that arrives in parts. If the last reference to it is released before the body has ended,
/// the rest of the body is discarded.
final class BodyReader: Sendable {
    let pipe: BodyPipe
    private let slot: ExchangeSlot
    /// Held so that the agent, which shuts down when it is released, lives for as long as a body is being read.
    private let agent: any AnyObject & Sendable

    init(_ pipe: BodyPipe, slot: ExchangeSlot, agent: any AnyObject & Sendable) {
        self.pipe = pipe
        self.slot = slot
        self.agent = agent
    }

    deinit {
        if !pipe.hasEnded { slot.abandonBody() }
    }

    func next() async throws(AgentError) -> ByteBuffer? {
        if case .part(let part, let resumesLoop) = pipe.take() {
            if resumesLoop { slot.resumeReading() }
            return try part.get()
        }
        let part = await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                if pipe.wait(reader) { slot.resumeReading() }
            }
        } onCancel: {
            slot.cancel()
        }
        return try part.get()
    }

    func collect(upTo limit: Int) async throws(AgentError) -> ByteBuffer {
        guard var bytes = try await next() else { return ByteBuffer() }
        while bytes.readableBytes <= limit {
            guard let part = try await next() else { return bytes }
            bytes.writeImmutableBuffer(part)
        }
        // The loop is told, so that the failure is counted; the exchange may have ended successfully by then.
        slot.refuseBody()
        while try await next() != nil {}
        let error = slot.failure(.bodyTooLarge, .readingBody)
        pipe.refuse(error)
        throw error
    }
}
