import Dispatch
import NIOConcurrencyHelpers
import PoolModel

/// Runs an asynchronous function and blocks the main thread until it ends. Only for commands, never on an event loop.
package func blocking<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) throws -> Value {
    let result = begun(operation)
    result.done.wait()
    return try result.get()
}

/// The same with a time limit. Returns nil if it is exceeded, in which case the function continues in the background.
package func blocking<Value: Sendable>(
    atMost limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) throws -> Value? {
    let result = begun(operation)
    guard result.done.wait(timeout: .now() + limit.asSeconds) == .success else { return nil }
    return try result.get()
}

private func begun<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) -> ResultSlot<Value> {
    let result = ResultSlot<Value>()
    Task {
        do { result.set(.success(try await operation())) } catch { result.set(.failure(error)) }
        result.done.signal()
    }
    return result
}

private final class ResultSlot<Value: Sendable>: Sendable {
    let done = DispatchSemaphore(value: 0)
    private let value = NIOLockedValueBox<Result<Value, any Error>?>(nil)

    func set(_ result: Result<Value, any Error>) { value.withLockedValue { $0 = result } }

    func get() throws -> Value {
        guard let result = value.withLockedValue({ $0 }) else { preconditionFailure("set before it is read") }
        return try result.get()
    }
}
