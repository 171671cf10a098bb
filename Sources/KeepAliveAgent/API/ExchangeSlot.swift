import AgentCore
import NIOCore
import PoolModel
import Synchronization

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

    private let door: LoopDoor
    private let origin: Origin
    private let state: NIOLoopBoundBox<State>
    /// The use of a body that arrived with its head: 0 not read, 1 read, 2 refused as too large.
    private let bodyUse = Atomic<UInt8>(0)

    init(door: LoopDoor, origin: Origin) {
        self.door = door
        self.origin = origin
        state = NIOLoopBoundBox.makeBoxSendingValue(.waiting, eventLoop: door.eventLoop)
    }

    /// Takes a body that came with its head, which can be read once.
    func takeBody(refusing isTooLarge: Bool = false) throws(AgentError) {
        let (isFirst, before) = bodyUse.compareExchange(
            expected: 0, desired: isTooLarge ? 2 : 1, ordering: .relaxed)
        if isTooLarge && isFirst || before == 2 { throw failure(.bodyTooLarge, .readingBody) }
        if !isFirst { throw .bodyAlreadyRead }
    }

    /// For an end that comes from the caller's side, where the loop's agent has no failure to report.
    func failure(_ cause: FailureCause, _ phase: RequestPhase, waited: Nanoseconds = 0) -> AgentError {
        AgentError(cause: cause, origin: origin.text, phase: phase, waitedSeconds: waited.asSeconds)
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
        door.performLater { isOpen in
            guard isOpen else { return }
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

    func upload(_ part: ByteBuffer, _ waiter: Upload.Waiter) {
        door.performLater { isOpen in
            guard isOpen, case .running(let exchange) = self.state.value else {
                return waiter.resume(returning: .stopped)
            }
            exchange.upload(part, waiter)
        }
    }

    private func perform(_ deed: @escaping @Sendable (Exchange) -> Void) {
        door.performLater { isOpen in
            if isOpen, case .running(let exchange) = self.state.value { deed(exchange) }
        }
    }
}

extension AgentError {
    /// By another task, or to its end.
    static let bodyAlreadyRead = AgentError.invalidRequest("The response's body is being read or was read already.")
}
