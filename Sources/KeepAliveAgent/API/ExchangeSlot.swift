import NIOCore

/// Names one exchange from any thread: what its caller and the reader of its body hold on to.
final class ExchangeSlot: Sendable {
    /// Each case names those that may follow.
    private enum State {
        /// → running, cancelled
        case waiting
        /// → ended
        case running(Exchange)
        /// Given up before it began → nothing.
        case cancelled
        /// → nothing
        case ended
    }

    let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = NIOLoopBoundBox.makeBoxSendingValue(.waiting, eventLoop: eventLoop)
    }

    // MARK: On the loop

    /// False: it was cancelled before.
    func begin(_ exchange: Exchange) -> Bool {
        guard case .waiting = state.value else { return false }
        state.value = .running(exchange)
        return true
    }

    func end() { state.value = .ended }

    // MARK: From any thread

    /// A task that is cancelled already cancels before it begins; the two arrive on the loop in either order.
    func cancel() {
        eventLoop.execute {
            switch self.state.value {
            case .waiting: self.state.value = .cancelled
            case .running(let exchange): exchange.cancel()
            case .cancelled, .ended: break
            }
        }
    }

    func resumeReading() { perform { $0.resumeReading() } }

    func abandonBody() { perform { $0.abandonBody() } }

    func refuseBody() { perform { $0.refuseBody() } }

    func uploadEnded() { perform { $0.uploadEnded() } }

    func uploadFailed(_ detail: String) { perform { $0.uploadFailed(detail) } }

    func upload(_ part: ByteBuffer, _ waiter: CheckedContinuation<Bool, Never>) {
        eventLoop.execute {
            guard case .running(let exchange) = self.state.value else { return waiter.resume(returning: false) }
            exchange.upload(part, waiter)
        }
    }

    private func perform(_ deed: @escaping @Sendable (Exchange) -> Void) {
        eventLoop.execute {
            if case .running(let exchange) = self.state.value { deed(exchange) }
        }
    }
}
