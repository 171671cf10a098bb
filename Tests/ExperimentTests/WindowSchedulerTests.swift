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
        isFaulty: (PlannedWindow) -> Bool = { _ in false },
        observation: (Double) -> WindowScheduler.Observation = { _ in .init(open: 40, exchanges: 600, reused: 580) }
    ) -> [(seconds: Double, action: WindowScheduler.Action)] {
        var scheduler = WindowScheduler(plan: plan, session: 0)
        var done: [(Double, WindowScheduler.Action)] = []
        for beat in 0..<10_000 where !scheduler.isFinished {
            let seconds = Double(beat) * 0.2
            let now = Moment(nanoseconds: Int64(beat) * 200_000_000)
            for action in scheduler.observed(observation(seconds), now: now) {
                done.append((seconds, action))
                guard case .end(let window, _) = action else { continue }
                done += scheduler.judged(isFaulty: isFaulty(window), now: now).map { (seconds, $0) }
            }
        }
        return done
    }

    @Test("The order of the arms is drawn by the seed, in balanced blocks")
    func theOrderIsDrawn() {
        var plan = Self.plan { $0.pairs = 20 }
        var orders: Set<[Arm]> = []
        for seed in 0..<50 {
            plan.seed = UInt64(seed)
            let windows = plan.windows(ofSession: 0)
            let firsts = stride(from: 0, to: windows.count, by: 2).map { windows[$0].arm }
            orders.insert(firsts)
            #expect(windows == plan.windows(ofSession: 0))
            #expect(firsts[1...10].count { $0 == .a } == 5 && firsts[11...20].count { $0 == .a } == 5)
            #expect(stride(from: 0, to: windows.count, by: 2).allSatisfy { windows[$0].arm != windows[$0 + 1].arm })
        }
        #expect(orders.count == 50)
        #expect(plan.windows(ofSession: 0).map(\.arm) != plan.windows(ofSession: 1).map(\.arm))
        plan.pairs = 3
        let ofA = (0..<50).map { seed -> Int in
            plan.seed = UInt64(seed)
            return plan.windows(ofSession: 0).dropFirst(2).enumerated().count {
                $0.offset % 2 == 0 && $0.element.arm == .a
            }
        }
        #expect(Set(ofA) == [1, 2])
    }

    @Test("Lead pairs do not count")
    func leadPairsDoNotCount() {
        let windows = Self.plan().windows(ofSession: 0)
        #expect(windows.map(\.counts) == [false, false, true, true, true, true])
        #expect(windows.map(\.pair) == [0, 0, 1, 1, 2, 2])
    }

    // MARK: Replacements

    private static func begun(_ done: [(seconds: Double, action: WindowScheduler.Action)]) -> [PlannedWindow] {
        done.compactMap { if case .begin(let window) = $0.action { window } else { nil } }
    }

    @Test("A pair with a faulty window is measured again in the same order")
    func aFaultyPairIsReplaced() {
        let plan = Self.plan { $0.pairs = 6 }
        for arm in Arm.allCases {
            let windows = Self.begun(Self.play(plan, isFaulty: { $0.pair == 3 && $0.arm == arm }))
            #expect(Array(windows.dropLast(2)) == plan.windows(ofSession: 0))
            #expect(windows.suffix(2).map(\.arm) == windows.filter { $0.pair == 3 }.map(\.arm))
            #expect(windows.suffix(2).map(\.pair) == [7, 7] && windows.suffix(2).allSatisfy { $0.counts })
        }
    }

    @Test("At most a third more pairs are measured, and lead pairs are not replaced")
    func replacementsEnd() {
        let plan = Self.plan { $0.pairs = 9 }
        #expect(Self.begun(Self.play(plan, isFaulty: { _ in true })).count == 2 * (1 + 9 + 3))
        #expect(Self.begun(Self.play(plan, isFaulty: { !$0.counts })).count == 2 * (1 + 9))
    }

    @Test("Nothing is replaced if the time that was given would not do")
    func replacementsInTime() {
        // Seven pairs of turns of four seconds at the longest; they take 2.6 s, so that one more pair fits in.
        let plan = Self.plan {
            $0.pairs = 6
            $0.total = .seconds(56)
        }
        let done = Self.play(plan, isFaulty: { _ in true })
        #expect(Self.begun(done).count > 14 && Self.begun(done).count < 2 * (1 + 6 + 2) + 1)
        #expect((done.last?.seconds ?? 0) < 56)
        let short = Self.plan {
            $0.pairs = 6
            $0.total = .seconds(40)
        }
        #expect(Self.begun(Self.play(short, isFaulty: { _ in true })).count == 14)
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
        let arms = plan.windows(ofSession: 0).map(\.arm)
        #expect(switches == arms.indices.filter { $0 == 0 || arms[$0] != arms[$0 - 1] }.map { arms[$0] })
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
        let done = Self.play(
            plan, observation: { .init(open: Int($0 * 5 + 0.5) % 2 == 0 ? 10 : 200, exchanges: 600, reused: 580) })
        #expect(done.count { if case .end(_, wasAtRest: false) = $0.action { true } else { false } } == 6)
        #expect(done.count { if case .end(_, wasAtRest: true) = $0.action { true } else { false } } == 0)
    }

    /// Reuse that still climbs holds a window back until it is flat, and no longer.
    @Test("A washout ends when reuse is stable")
    func aWashoutEndsWhenReuseIsFlat() throws {
        let done = Self.play(
            Self.plan(),
            observation: { .init(open: 40, exchanges: 10_000, reused: Int(min(1, $0) * 10_000)) })
        let first = try #require(done.first { if case .begin = $0.action { true } else { false } })
        #expect((1.0...1.6).contains(first.seconds))
    }

    @Test("A small number of requests does not count as unrest")
    func fewRequestsAreNoUnrest() {
        // One request in a observation: its reuse is all or nothing.
        let done = Self.play(Self.plan(), observation: { .init(open: 3, exchanges: 1, reused: Int($0 * 5) % 2) })
        #expect(done.count { if case .end(_, wasAtRest: true) = $0.action { true } else { false } } == 6)
    }
}
