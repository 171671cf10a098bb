import NIOCore

/// Passes a request's body from the task that reads it to the loop. It does not retain the exchange, so a sequence that
/// never ends and ignores cancellation keeps only its own task alive.
struct Upload: Sendable {
    private let slot: ExchangeSlot

    init(slot: ExchangeSlot) { self.slot = slot }

    /// How the body continues after a part.
    enum Next: Sendable {
        /// The connection can take more.
        case more
        /// All declared bytes were sent.
        case complete
        /// The exchange is over.
        case stopped
    }
    typealias Waiter = CheckedContinuation<Next, Never>

    /// Returns when the connection can take more, or when no more is wanted.
    func write(_ part: ByteBuffer) async -> Next {
        await withCheckedContinuation { slot.upload(part, $0) }
    }

    func finish() { slot.uploadEnded() }

    func fail(_ detail: String) { slot.uploadFailed(detail) }
}
