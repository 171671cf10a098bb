package import AgentCore
package import HTTP1
import NIOConcurrencyHelpers
package import NIOCore

/// A response body on its way from the loop to its reader. The lock is held for a few instructions and never while
/// another's code runs.
package final class BodyPipe: Sendable {
    package typealias Part = Result<ByteBuffer?, AgentError>

    package enum End {
        case complete(trailers: HeadFields)
        case failed(AgentError)
    }

    private struct State {
        var parts = CircularBuffer<ByteBuffer>()
        var bytes = 0
        var end: End?
        /// The reader, where it waits for a part. Resumed exactly once: whoever takes it out resumes it.
        var reader: CheckedContinuation<Part, Never>?
        /// The reader was told that the body is complete.
        var isRead = false
        /// The loop was told to stop reading.
        var isPaused = false

        mutating func keep(_ part: ByteBuffer) {
            bytes += part.readableBytes
            if part.readableBytes < joinedBelow, let last = parts.last, last.readableBytes < joinedUpTo {
                let index = parts.index(before: parts.endIndex)
                return parts.modify(index) { _ = $0.writeImmutableBuffer(part) }
            }
            parts.append(part)
        }
    }

    /// A part shorter than this joins the one before it up to some 16 KiB, so that what waits costs its own size and not
    /// a buffer for each chunk of a byte.
    private static let joinedBelow = 4096
    private static let joinedUpTo = 16 * 1024

    /// The loop stops reading at this many bytes that the reader has not taken; what the kernel handed over by then
    /// (some reads of 16 KiB) comes on top.
    package static let pauseAt = 64 * 1024
    /// It goes on reading below this many.
    private static let resumeBelow = 16 * 1024

    private let state = NIOLockedValueBox(State())

    package init() {}

    // MARK: The loop's side

    /// Adds a part. True: the loop should stop reading until it is told to go on.
    package func append(_ part: ByteBuffer) -> Bool {
        let (reader, pauses) = state.withLockedValue { state in
            if let reader = state.reader {
                state.reader = nil
                return (Optional(reader), false)
            }
            state.keep(part)
            // Reads that were under way when the loop stopped may still come, and find some of the parts taken: that
            // must not make this forget that the loop has stopped, or nobody would tell it to go on.
            if state.bytes >= Self.pauseAt { state.isPaused = true }
            return (nil, state.isPaused)
        }
        reader?.resume(returning: .success(part))
        return pauses
    }

    /// Nothing more will come. A failure is told after the parts that came before it.
    package func end(_ end: End) {
        let reader = state.withLockedValue { state in
            if state.end == nil { state.end = end }
            defer { state.reader = nil }
            if case .complete = end, state.reader != nil { state.isRead = true }
            return state.reader
        }
        reader?.resume(returning: Self.result(of: end))
    }

    // MARK: The reader's side

    package enum Taken {
        case part(Part, resumesLoop: Bool)
        case nothingYet
    }

    /// The next part if there is one.
    package func take() -> Taken { state.withLockedValue { Self.take(&$0) } }

    /// The body was larger than its reader takes; says the same to the next one.
    func refuse(_ error: AgentError) {
        state.withLockedValue { $0.end = .failed(error) }
    }

    /// Waits for the next part; a second reader at the same time is refused. True: the loop is to be told to go on reading.
    package func wait(_ reader: CheckedContinuation<Part, Never>) -> Bool {
        let taken = state.withLockedValue { state -> Taken in
            let taken = Self.take(&state)
            if case .nothingYet = taken {
                guard state.reader == nil else { return .part(.failure(.bodyAlreadyRead), resumesLoop: false) }
                state.reader = reader
            }
            return taken
        }
        guard case .part(let part, let resumesLoop) = taken else { return false }
        reader.resume(returning: part)
        return resumesLoop
    }

    /// The number of bytes that have arrived and were not read yet.
    package var waitingBytes: Int { state.withLockedValue { $0.bytes } }

    /// The exchange has ended: nothing is left to be given up.
    var hasEnded: Bool { state.withLockedValue { $0.end != nil } }

    /// nil before the body's end was reached.
    var trailers: HeadFields? {
        state.withLockedValue { state in
            guard case .complete(let trailers) = state.end, state.parts.isEmpty else { return nil }
            return trailers
        }
    }

    private static func take(_ state: inout State) -> Taken {
        if let part = state.parts.popFirst() {
            state.bytes -= part.readableBytes
            let resumes = state.isPaused && state.bytes < resumeBelow
            if resumes { state.isPaused = false }
            return .part(.success(part), resumesLoop: resumes)
        }
        guard let end = state.end else { return .nothingYet }
        if case .complete = end {
            if state.isRead { return .part(.failure(.bodyAlreadyRead), resumesLoop: false) }
            state.isRead = true
        }
        return .part(result(of: end), resumesLoop: false)
    }

    private static func result(of end: End) -> Part {
        switch end {
        case .complete: .success(nil)
        case .failed(let error): .failure(error)
        }
    }
}
