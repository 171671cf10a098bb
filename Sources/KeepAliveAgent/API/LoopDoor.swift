import NIOConcurrencyHelpers
import NIOCore

/// The way onto an agent's event loop from any thread, which knows when the loop has gone.
///
/// A loop that has shut down drops the tasks that it is given, and whoever waits for one of them would wait for ever.
/// So each task is kept here until the loop runs it. When the loop ends, `close` runs those that are left and tells them
/// so, and from then on every task hears it at once. The lock is held for a few instructions and never while a task runs.
final class LoopDoor: Sendable {
    /// `isOpen`: it runs on the loop. Otherwise the loop has gone, and nothing that is bound to it may be touched.
    typealias Deed = @Sendable (_ isOpen: Bool) -> Void

    private struct State {
        var waiting = CircularBuffer<Deed>()
        var isOpen = true
    }

    let eventLoop: any EventLoop
    private let state = NIOLockedValueBox(State())

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// At once where the caller is on the loop, which a task can be made to be.
    func perform(_ deed: @escaping Deed) {
        if eventLoop.inEventLoop { deed(state.withLockedValue { $0.isOpen }) } else { performLater(deed) }
    }

    /// When the loop has done what it does now.
    func performLater(_ deed: @escaping Deed) {
        let isOpen = state.withLockedValue { state in
            if state.isOpen { state.waiting.append(deed) }
            return state.isOpen
        }
        guard isOpen else { return deed(false) }
        eventLoop.execute { self.runNext() }
    }

    private func runNext() {
        let deed = state.withLockedValue { $0.waiting.popFirst() }
        deed?(true)
    }

    /// The loop has ended.
    func close() {
        let left = state.withLockedValue { state in
            state.isOpen = false
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for deed in left { deed(false) }
    }
}
