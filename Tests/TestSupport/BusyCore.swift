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

    static let gate = Gate()
}

/// Holds tests whose figures are times of their own, such as ages of idle connections, until no test waits for its turn on
/// the busy core any more. That is late in a run, when one core has little else to do.
package struct WatchesClocks: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await BusyCore.gate.quiet()
        try await function()
    }
}

/// Lets in one at a time, in the order of arrival.
final class Gate: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// They wait until nobody else does.
        var patient: [CheckedContinuation<Void, Never>] = []

        /// The callers that may go on now: the next one, and the patient ones beside the last.
        mutating func admitted() -> [CheckedContinuation<Void, Never>] {
            guard !isTaken else { return [] }
            var admitted: [CheckedContinuation<Void, Never>] = []
            if !waiting.isEmpty {
                isTaken = true
                admitted = [waiting.removeFirst()]
            }
            guard waiting.isEmpty else { return admitted }
            defer { patient = [] }
            return admitted + patient
        }
    }

    private let state = Mutex(State())

    func enter() async { await wait(in: \.waiting) }

    func leave() {
        let admitted = state.withLock { state in
            state.isTaken = false
            return state.admitted()
        }
        for one in admitted { one.resume() }
    }

    /// Returns when nobody waits to enter.
    func quiet() async { await wait(in: \.patient) }

    private func wait(in queue: any WritableKeyPath<State, [CheckedContinuation<Void, Never>]> & Sendable) async {
        await withCheckedContinuation { continuation in
            let admitted = state.withLock { state in
                state[keyPath: queue].append(continuation)
                return state.admitted()
            }
            for one in admitted { one.resume() }
        }
    }
}

extension Trait where Self == BusyCore {
    /// Needs a core for itself for more than a second: at most one such test runs at a time (`BusyCore`).
    package static var busyCore: Self { BusyCore() }
}

extension Trait where Self == WatchesClocks {
    /// Its figures are times that a busy machine would lengthen (`WatchesClocks`).
    package static var watchesClocks: Self { WatchesClocks() }
}
