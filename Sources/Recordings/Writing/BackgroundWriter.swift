import Dispatch
import Glibc
import NIOConcurrencyHelpers
import PoolModel
import SessionConfig

/// The destination of a `BackgroundWriter`: a value that lives on the writer's own thread.
protocol BackgroundSink: Sendable {
    associatedtype Item: Sendable

    mutating func write(_ item: Item) throws(CommandLineError)
    /// Called after the last item.
    mutating func finish() throws(CommandLineError)
    /// Called instead of `finish` after an error.
    func abandon()
}

/// Writes items in order on a thread of its own. Callers never wait: if the disk is too slow, the queue is full and the
/// item is rejected. The first error ends the writing and is reported once.
final class BackgroundWriter<Sink: BackgroundSink>: Sendable {
    /// The maximum number of items in the queue.
    static var room: Int { 8 }

    private struct State {
        var waiting: [Sink.Item] = []
        var isClosed = false
        var failure: CommandLineError?
    }

    private let state = NIOLockedValueBox(State())
    /// Signalled once per item, and once at the end.
    private let work = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    private let option: String

    /// - Parameters:
    ///   - sink: the destination.
    ///   - option: the command-line option that asked for it, for error messages.
    ///   - onFailure: called with the first error, on the writer's thread.
    init(_ sink: Sink, option: String, onFailure: @escaping @Sendable (CommandLineError) -> Void) {
        self.option = option
        DispatchQueue(label: "pooltop-files").async { [self] in
            // For whoever lists the threads; a process that is out of descriptors goes without.
            if let name = fopen("/proc/thread-self/comm", "w") {
                fputs("pooltop-files", name)
                fclose(name)
            }
            run(sink, onFailure)
        }
    }

    /// Returns false, and does not accept the item, if the queue is full.
    func offer(_ item: Sink.Item) -> Bool {
        let isTaken = state.withLockedValue { state in
            guard state.waiting.count < Self.room, !state.isClosed else { return false }
            // After an error all items are accepted and discarded.
            if state.failure == nil { state.waiting.append(item) }
            return true
        }
        if isTaken { work.signal() }
        return isTaken
    }

    /// Writes the waiting items and `last`, even if the queue is full, and stops the thread; waits for that for at most
    /// `limit`. Returns the error that ended the writing, even if it was reported before.
    func finish(_ last: [Sink.Item], limit: Duration) -> CommandLineError? {
        state.withLockedValue { state in
            if state.failure == nil { state.waiting += last }
            state.isClosed = true
        }
        work.signal()
        let isDone = done.wait(timeout: .now() + limit.asSeconds) == .success
        return state.withLockedValue { state in
            state.failure
                ?? (isDone ? nil : CommandLineError(.cannotRun, "\(option): is not written out after \(limit)"))
        }
    }

    private func run(_ first: Sink, _ onFailure: (CommandLineError) -> Void) {
        var sink = first
        while true {
            work.wait()
            let (items, isClosed) = state.withLockedValue { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isClosed)
            }
            do throws(CommandLineError) {
                for item in items { try sink.write(item) }
                if isClosed { try sink.finish() }
            } catch {
                sink.abandon()
                let isNamed = error.message.hasPrefix(option)
                let failure = isNamed ? error : CommandLineError(error.status, "\(option): \(error.message)")
                state.withLockedValue { state in
                    state.failure = failure
                    state.waiting = []
                }
                onFailure(failure)
                done.signal()
                return
            }
            if isClosed {
                done.signal()
                return
            }
        }
    }
}
