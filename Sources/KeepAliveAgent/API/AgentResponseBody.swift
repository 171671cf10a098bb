public import AgentCore
import HTTP1
public import HTTPTypes
public import NIOCore
import PoolModel

/// A response's body: a sequence of its parts as they arrive, for one reader.
///
/// The connection is read no further while some 64 KiB wait for the reader, so that a slow reader slows the server down
/// and memory stays bounded. The request's time limit goes on meanwhile.
///
/// A body is read once. Each iterator goes on where the one before has stopped; reading it again after its end, or by two
/// tasks at the same time, throws `invalidRequest`, whether the body is small or large (in fetch: `bodyUsed`).
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
        case whole(ByteBuffer, trailers: HeadFields, slot: ExchangeSlot)
        case pipe(BodyReader)
    }

    private let storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    /// What has arrived and was not read; nil: the body came with its head.
    package var waitingBytes: Int? {
        if case .pipe(let reader) = storage { reader.pipe.waitingBytes } else { nil }
    }

    /// Reads on from where the last reader has stopped.
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
        /// - Throws: what ended the exchange before the body's end; `invalidRequest` where another reader has the body or
        ///   had it to its end.
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

        /// The next part, never empty; nil: the body is complete.
        ///
        /// - Throws: what ended the exchange before the body's end; `invalidRequest` where another reader has the body or
        ///   had it to its end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(AgentError) -> ByteBuffer? { try await next() }
    }

    /// The trailer fields; nil: the body's end was not reached yet. Most bodies have none.
    public var trailers: HTTPFields? {
        switch storage {
        case .whole(_, let trailers, _): HTTPFields(trailers)
        case .pipe(let reader): reader.pipe.trailers.map { HTTPFields($0) }
        }
    }

    /// Waits for the rest of the body.
    ///
    /// - Parameter limit: bytes that are taken at the most.
    /// - Returns: all of the body that no reader has taken yet.
    /// - Throws: `bodyTooLarge` where there are more, and then closes the connection; `invalidRequest` where the body was
    ///   read to its end before; else what ended the exchange.
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

/// The reader's end of a body that comes in parts. When the last reference to it goes away before the body has ended,
/// the rest is given up.
final class BodyReader: Sendable {
    let pipe: BodyPipe
    private let slot: ExchangeSlot
    /// An agent that nobody holds on to any more shuts down; not while a body is being read.
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
        // Told to the loop, so that the failure is in its books; it may have ended well by then.
        slot.refuseBody()
        while try await next() != nil {}
        let error = slot.failure(.bodyTooLarge, .readingBody)
        pipe.refuse(error)
        throw error
    }
}
