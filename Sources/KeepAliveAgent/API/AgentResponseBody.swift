public import AgentCore
import HTTP1
public import HTTPTypes
public import NIOCore

/// A response's body: a sequence of its parts as they arrive, for one reader.
///
/// The connection is read no further while some 64 KiB wait for the reader, so that a slow reader slows the server down
/// and memory stays bounded. The request's time limit goes on meanwhile. Each iterator goes on where the one before has
/// stopped; two tasks must not read at the same time.
///
/// Cancelling the task that waits for a part cancels the request and closes the connection
/// (`CloseReason.requestCancelled`).
public struct AgentResponseBody: Sendable, AsyncSequence {
    /// One part.
    public typealias Element = ByteBuffer
    /// What ended the exchange before the body's end.
    public typealias Failure = AgentError

    enum Storage: Sendable {
        /// It came with the head.
        case whole(ByteBuffer, trailers: HeadFields)
        case pipe(BodyReader)
    }

    private let storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    /// What has arrived and was not read; nil: the body came with its head.
    package var waitingBytes: Int? {
        if case .pipe(let reader) = storage { reader.pipe.waitingBytes } else { nil }
    }

    /// Reads on from where the last reader has stopped; a body that came with its head, from its start.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(storage: storage) }

    /// Hands out the parts.
    public struct AsyncIterator: AsyncIteratorProtocol {
        /// One part.
        public typealias Element = ByteBuffer
        /// What ended the exchange before the body's end.
        public typealias Failure = AgentError

        fileprivate var storage: Storage?

        fileprivate init(storage: Storage) { self.storage = storage }

        /// The next part, never empty; nil: the body is complete.
        ///
        /// - Throws: what ended the exchange before the body's end.
        public mutating func next() async throws(AgentError) -> ByteBuffer? {
            switch storage {
            case .pipe(let reader): return try await reader.next()
            case .whole(let bytes, _):
                storage = nil
                return bytes.readableBytes > 0 ? bytes : nil
            case nil: return nil
            }
        }

        /// The next part, never empty; nil: the body is complete.
        ///
        /// - Throws: what ended the exchange before the body's end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(AgentError) -> ByteBuffer? { try await next() }
    }

    /// The trailer fields; nil: the body's end was not reached yet. Most bodies have none.
    public var trailers: HTTPFields? {
        switch storage {
        case .whole(_, let trailers): HTTPFields(trailers)
        case .pipe(let reader): reader.pipe.trailers.map { HTTPFields($0) }
        }
    }

    /// Waits for the rest of the body.
    ///
    /// - Parameter limit: bytes that are taken at the most.
    /// - Returns: all of the body that no reader has taken yet.
    /// - Throws: `bodyTooLarge` where there are more, and then closes the connection; else what ended the exchange.
    public func collect(upTo limit: Int) async throws(AgentError) -> ByteBuffer {
        switch storage {
        case .whole(let bytes, _):
            guard bytes.readableBytes <= limit else { throw AgentError(cause: .bodyTooLarge) }
            return bytes
        case .pipe(let reader):
            return try await reader.collect(upTo: limit)
        }
    }
}

/// The reader's end of a body that comes in parts. When the last reference to it goes away before the body has ended,
/// the rest is given up.
final class BodyReader: Sendable {
    let pipe: BodyPipe
    private let slot: ExchangeSlot
    /// An agent that nobody holds on to any more shuts down; not while a body is being read.
    private let agent: HTTPAgent

    init(_ pipe: BodyPipe, slot: ExchangeSlot, agent: HTTPAgent) {
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
        // Told to the loop, so that the failure is in its books; it may have ended well by then.
        slot.refuseBody()
        while try await next() != nil {}
        throw AgentError(cause: .bodyTooLarge)
    }
}
