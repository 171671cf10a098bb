import Dispatch
import NIOConcurrencyHelpers

/// Runs an asynchronous deed from the main thread, which waits for it. Only for commands: never on an event loop.
func blocking<Value: Sendable>(_ deed: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let result = ResultSlot<Value>()
    Task {
        do { result.set(.success(try await deed())) } catch { result.set(.failure(error)) }
        done.signal()
    }
    done.wait()
    return try result.get()
}

private final class ResultSlot<Value: Sendable>: Sendable {
    private let value = NIOLockedValueBox<Result<Value, any Error>?>(nil)

    func set(_ result: Result<Value, any Error>) { value.withLockedValue { $0 = result } }

    func get() throws -> Value {
        guard let result = value.withLockedValue({ $0 }) else { preconditionFailure("set before it is read") }
        return try result.get()
    }
}
