import NIOCore
import Synchronization

/// Delivers one value to one waiter, from whichever side provides it first.
private final class FirstOf<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case full(Value)
        case taken
    }
    private let state = Mutex(State.empty)

    func set(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .empty:
                state = .full(value)
                return nil
            case .waiting(let waiter):
                state = .taken
                return waiter
            case .full, .taken: return nil
            }
        }
        waiter?.resume(returning: value)
    }

    func get() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                guard case .full(let value) = state else {
                    state = .waiting(continuation)
                    return nil
                }
                state = .taken
                return value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    /// nil if the task was cancelled first. The operation behind the future continues.
    func resultUnlessCancelled() async -> Result<Value, any Error>? {
        let first = FirstOf<Result<Value, any Error>?>()
        return await withTaskCancellationHandler {
            whenComplete { first.set($0) }
            return await first.get()
        } onCancel: {
            first.set(nil)
        }
    }
}
