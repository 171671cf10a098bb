import NIOCore

/// Runs a deed when the loop has polled again and has handled everything that the kernel told it.
///
/// No timer can promise that: a loop that was held up runs every task that has become due meanwhile, one after the
/// other, before it polls. A signal to itself can: it is read after a poll, and what that poll found is handled before the
/// tasks that reading it begins.
final class PollSignal {
    private let eventLoop: any EventLoop
    /// nil: no descriptor was left for it.
    private let signal: LoopSignal?
    private var deed: (() -> Void)?

    /// Called when the loop ends.
    var onLoopEnd: () -> Void = {}

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        signal = LoopSignal(eventLoop: eventLoop)
        signal?.onLoopEnd = { [weak self] in self?.onLoopEnd() }
        signal?.onSignal = { [weak self] in
            eventLoop.assumeIsolated().execute { self?.run() }
        }
    }

    /// One deed at a time: a later one takes the place of one that has not run.
    func afterPoll(_ deed: @escaping () -> Void) {
        self.deed = deed
        if signal?.send() == true { return }
        // A millisecond is nearly always enough for a poll.
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { [weak self] in self?.run() }
    }

    private func run() {
        guard let deed else { return }
        self.deed = nil
        deed()
    }

    func close() {
        deed = nil
        signal?.close()
    }
}
