import Synchronization
package import Testing

/// Keeps a core free for the tests that watch clocks: however many tests run at a time, one of those with this trait does.
///
/// Without it a machine of two cores is busy with two simulations for a minute, while probes, limits on silence and
/// suspended programs beside them wait for their turn, and their times with them.
package struct BusyCore: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Self.gate.enter()
        defer { Self.gate.leave() }
        try await function()
    }

    /// One at a time, in the order of arrival.
    private final class Gate: Sendable {
        private struct State {
            var isTaken = false
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Mutex(State())

        func enter() async {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    defer { state.isTaken = true }
                    if state.isTaken { state.waiting.append(continuation) }
                    return !state.isTaken
                }
                if isFree { continuation.resume() }
            }
        }

        func leave() {
            let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard !state.waiting.isEmpty else {
                    state.isTaken = false
                    return nil
                }
                return state.waiting.removeFirst()
            }
            next?.resume()
        }
    }

    private static let gate = Gate()
}

extension Trait where Self == BusyCore {
    /// Needs a core for itself for more than a second: at most one such test runs at a time (`BusyCore`).
    package static var busyCore: Self { BusyCore() }
}
