import Foundation
import NIOConcurrencyHelpers
import PoolModel
import SessionConfig

/// What is written behind the back of those who give it: a value that lives on the writer's own thread.
protocol BackgroundSink: Sendable {
    associatedtype Item: Sendable

    mutating func write(_ item: Item) throws(CommandLineError)
    /// After the last item.
    mutating func finish() throws(CommandLineError)
    /// In place of `finish`, after an error.
    func abandon()
}

/// A thread that writes what it is given, in order. Whoever gives it something never waits: where the disk does not keep
/// up there is no room, and that is the answer. The first error ends the writing and is told once.
final class BackgroundWriter<Sink: BackgroundSink>: Sendable {
    /// What may wait to be written.
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
    ///   - sink: what writes.
    ///   - option: the option that asked for it, for what goes wrong.
    ///   - onFailure: told the first error, on the writer's thread.
    init(_ sink: Sink, option: String, onFailure: @escaping @Sendable (CommandLineError) -> Void) {
        self.option = option
        let thread = Thread { [self] in run(sink, onFailure) }
        thread.name = "pooltop-files"
        thread.start()
    }

    /// False where there is no room; nothing is kept then.
    func offer(_ item: Sink.Item) -> Bool {
        let isTaken = state.withLockedValue { state in
            guard state.waiting.count < Self.room, !state.isClosed else { return false }
            // After an error everything is taken, and goes nowhere.
            if state.failure == nil { state.waiting.append(item) }
            return true
        }
        if isTaken { work.signal() }
        return isTaken
    }

    /// Writes `last`, room or not, and what is waiting, ends the thread, and waits for that, but no longer than `limit`.
    /// Returns the error that ended the writing, which may have been told before.
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
