import PoolModel
import Testing

@testable import Experiment

@Suite struct WindowSchedulerTests {
    private static func plan(_ change: (inout ExperimentPlan) -> Void = { _ in }) -> ExperimentPlan {
        var plan = ExperimentPlan()
        plan.pairs = 2
        change(&plan)
        return plan
    }

    /// Observes pools every 200 ms until the end; returns the actions and their times.
    private static func play(
        _ plan: ExperimentPlan,
        observation: (Double) -> WindowScheduler.Observation = { _ in .init(open: 40, exchanges: 600, reused: 580) }
    ) -> [(seconds: Double, action: WindowScheduler.Action)] {
        var scheduler = WindowScheduler(plan: plan, session: 0)
        var done: [(Double, WindowScheduler.Action)] = []
        for beat in 0..<10_000 where !scheduler.isFinished {
            let seconds = Double(beat) * 0.2
            for action in scheduler.observed(observation(seconds), now: Moment(nanoseconds: Int64(beat) * 200_000_000))
            {
                done.append((seconds, action))
            }
        }
        return done
    }

    @Test("Arms alternate in the order ABBA, and the lead pairs do not count")
    func armsTakeTurnsABBAAndTheLeadDoesNotCount() {
        let windows = Self.plan().windows(ofSession: 0)
        #expect(windows.map(\.arm) == [.a, .b, .b, .a, .a, .b])
        #expect(windows.map(\.counts) == [false, false, true, true, true, true])
        #expect(windows.map(\.pair) == [0, 0, 1, 1, 2, 2])
    }

    @Test("Sessions share the pairs")
    func sessionsShareThePairs() {
        let plan = Self.plan {
            $0.pairs = 8
            $0.sessions = 3
        }
        #expect((0..<3).map { plan.pairs(ofSession: $0) } == [3, 3, 2])
        #expect((0..<3).map { plan.windows(ofSession: $0).count { $0.counts } } == [6, 6, 4])
    }

    @Test("Every window is measured once and in order")
    func everyWindowIsMeasuredOnceAndInOrder() {
        let plan = Self.plan()
        let done = Self.play(plan)
        let begun = done.compactMap { if case .begin(let window) = $0.action { window } else { nil } }
        let ended = done.compactMap { if case .end(let window, true) = $0.action { window } else { nil } }
        #expect(begun == plan.windows(ofSession: 0) && ended == begun)
        #expect(done.last?.action == .finished)
        // The arm is switched only where it changes.
        let switches = done.compactMap { if case .switchTo(let arm) = $0.action { arm } else { nil } }
        #expect(switches == [.a, .b, .a, .b])
    }

    @Test("A window has the planned length and follows a washout")
    func aWindowIsAsLongAsPlannedAndComesAfterAWashout() throws {
        let plan = Self.plan()
        let done = Self.play(plan)
        var begun: Double?
        var ended = 0.0
        for (seconds, action) in done {
            switch action {
            case .begin:
                #expect(seconds - ended >= plan.shortestWashout.asSeconds - 1e-9)
                #expect(seconds - ended < plan.longestWashout.asSeconds)
                begun = seconds
            case .end:
                let start = try #require(begun)
                #expect(abs(seconds - start - plan.window.asSeconds) < 0.201)
                ended = seconds
            case .switchTo, .finished: break
            }
        }
    }

    @Test("Pools that never come to rest are measured anyway, and this is recorded")
    func poolsThatNeverRestAreMeasuredAllTheSameAndItIsSaid() {
        let plan = Self.plan()
        let done = Self.play(plan) { .init(open: Int($0 * 5 + 0.5) % 2 == 0 ? 10 : 200, exchanges: 600, reused: 580) }
        #expect(done.count { if case .end(_, wasAtRest: false) = $0.action { true } else { false } } == 6)
        #expect(done.count { if case .end(_, wasAtRest: true) = $0.action { true } else { false } } == 0)
    }

    /// Reuse that still climbs holds a window back until it is flat, and no longer.
    @Test("A washout ends when reuse is stable")
    func aWashoutEndsWhenReuseIsFlat() throws {
        let done = Self.play(Self.plan()) { seconds in
            .init(open: 40, exchanges: 10_000, reused: Int(min(1, seconds) * 10_000))
        }
        let first = try #require(done.first { if case .begin = $0.action { true } else { false } })
        #expect((1.0...1.6).contains(first.seconds))
    }

    @Test("A small number of requests does not count as unrest")
    func fewRequestsAreNoUnrest() {
        // One request in a observation: its reuse is all or nothing.
        let done = Self.play(Self.plan()) { seconds in
            .init(open: 3, exchanges: 1, reused: Int(seconds * 5) % 2)
        }
        #expect(done.count { if case .end(_, wasAtRest: true) = $0.action { true } else { false } } == 6)
    }
}
