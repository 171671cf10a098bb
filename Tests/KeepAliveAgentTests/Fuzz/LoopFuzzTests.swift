import Foundation
import KeepAliveAgent
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// A stateful fuzz of the agent on its loop over loopback sockets, by seeds.
///
/// `POOLTOP_FUZZ_EVENTS` says how many events (requests, changes, moves of the peer, ends) in place of a few thousand;
/// `.ci/sanitize` runs a million of them under the Address Sanitizer. A failure prints its seed;
/// `POOLTOP_FUZZ_SEED=n` plays that one.
@Suite("Fuzzing the agent's loop", .serialized, .timeLimit(.minutes(30)), .busyCore)
struct LoopFuzzTests {
    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
    static let events = number("POOLTOP_FUZZ_EVENTS") ?? 15_000
    private static let runsAlone = number("POOLTOP_FUZZ_EVENTS") != nil
    private static let seeds = number("POOLTOP_FUZZ_SEED").map { [$0] } ?? [1, 2, 4]

    @Test("No sequence of requests, changes and hostile responses breaks the agent", arguments: seeds)
    func fuzz(seed: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let before = PeerSocket.openDescriptors()
        let events = Self.events / Self.seeds.count
        let fuzz = try await loop.submit {
            let isOnOwnSockets = TestTransport.usesOwnSockets && seed % 4 != 0
            guard let fuzz = LoopFuzz(eventLoop: loop, seed: UInt64(seed), usesOwnSockets: isOnOwnSockets) else {
                throw LoopFuzz.Complaint(description: "no socket is left")
            }
            return NIOLoopBound(fuzz, eventLoop: loop)
        }.get()
        do {
            while try await loop.submit({ fuzz.value.events }).get() < events { try await Self.epoch(fuzz, loop) }
        } catch {
            Issue.record("seed \(seed): \(error); again: POOLTOP_FUZZ_SEED=\(seed)")
        }
        let figures = try await loop.submit {
            let fuzz = fuzz.value
            fuzz.stop()
            return "seed \(seed): \(fuzz.events) events, \(fuzz.epochs) agents, \(fuzz.succeeded) answers, "
                + "\(fuzz.forged) of them on tainted connections not the right one, failures \(fuzz.outcomes.nonZero), "
                + "closes \(fuzz.reasons.nonZero)"
        }.get()
        print(figures)
        try await group.shutdownGracefully()
        // Other tests that run at the same time have descriptors of their own.
        if Self.runsAlone { #expect(PeerSocket.openDescriptors() <= before + 8, "descriptors leak") }
    }

    /// The life of one agent. The loop polls between two turns.
    private static func epoch(_ fuzz: NIOLoopBound<LoopFuzz>, _ loop: any EventLoop) async throws {
        try await repeatTurns(loop) {
            try fuzz.value.turn()
            return fuzz.value.isEpochOver
        }
        try await loop.submit { fuzz.value.endEpoch() }.get()
        try await repeatTurns(loop) { try fuzz.value.windDown() }
        try await loop.submit { try fuzz.value.nextEpoch() }.get()
    }

    private static func repeatTurns(_ loop: any EventLoop, _ turn: @escaping @Sendable () throws -> Bool) async throws {
        let isDone = loop.makePromise(of: Void.self)
        @Sendable func next() {
            // Long enough for the loop to poll in between, also where a sanitizer makes a turn slow: tasks that are due go
            // first, and one that was due at once each time would keep the agent from its sockets for ever.
            loop.scheduleTask(in: .microseconds(100)) {
                do {
                    if try turn() { isDone.succeed() } else { next() }
                } catch {
                    isDone.fail(error)
                }
            }
        }
        next()
        try await isDone.futureResult.get()
    }
}
