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

/// Keeps tests that want a core for themselves away from those whose figures are times of their own, such as ages of idle
/// connections: none begins while one of these runs, and these wait for the one that has begun.
package struct WatchesClocks: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await BusyCore.gate.beginWatching()
        defer { BusyCore.gate.endWatching() }
        try await function()
    }
}

/// Lets in one busy test at a time, in the order of arrival, and any number that watch clocks while none is in.
final class Gate: Sendable {
    private struct State {
        var isTaken = false
        var watching = 0
        var busy: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []

        /// The callers that may go on now. Those that watch go first: they are fewer, and last no longer for others.
        mutating func admitted() -> [CheckedContinuation<Void, Never>] {
            guard !isTaken else { return [] }
            defer { watchers = [] }
            watching += watchers.count
            guard watching == 0, !busy.isEmpty else { return watchers }
            isTaken = true
            return [busy.removeFirst()]
        }
    }

    private let state = Mutex(State())

    func enter() async { await wait(in: \.busy) }

    func leave() { change { $0.isTaken = false } }

    func beginWatching() async { await wait(in: \.watchers) }

    func endWatching() { change { $0.watching -= 1 } }

    private func wait(in queue: any WritableKeyPath<State, [CheckedContinuation<Void, Never>]> & Sendable) async {
        await withCheckedContinuation { continuation in
            change { $0[keyPath: queue].append(continuation) }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let admitted = state.withLock { state in
            body(&state)
            return state.admitted()
        }
        for one in admitted { one.resume() }
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
