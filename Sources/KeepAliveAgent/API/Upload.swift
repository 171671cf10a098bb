import NIOCore

/// How the task that reads a request's body hands it to the loop. It does not hold on to the exchange: a sequence that
/// never ends, and takes no notice of being cancelled, holds its own task only.
struct Upload: Sendable {
    private let slot: ExchangeSlot

    init(slot: ExchangeSlot) { self.slot = slot }

    /// How the body goes on after a part.
    enum Next: Sendable {
        /// The connection can take more.
        case more
        /// All bytes that were declared are sent.
        case complete
        /// The exchange is over.
        case stopped
    }
    typealias Waiter = CheckedContinuation<Next, Never>

    /// Returns when the connection can take more, or no more is wanted.
    func write(_ part: ByteBuffer) async -> Next {
        await withCheckedContinuation { slot.upload(part, $0) }
    }

    func finish() { slot.uploadEnded() }

    func fail(_ detail: String) { slot.uploadFailed(detail) }
}
