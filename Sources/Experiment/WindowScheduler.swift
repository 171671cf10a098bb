package import PoolModel

/// Takes a session through its windows: decides which arm is in force, and when a window begins and ends.
///
/// It is given the time and the state of the pools at regular intervals, and returns the actions to perform. A washout
/// ends when two consecutive observations find the pools at rest, at the latest when its time is over. A pair with a
/// window that was found faulty is measured again at the end, in the same order of arms, as long as the plan allows it.
package struct WindowScheduler: Sendable {
    /// The activity of the pools since the previous observation.
    package struct Observation: Sendable, Equatable {
        /// Connections open now.
        package var open: Int
        /// Exchanges since the previous observation.
        package var exchanges: Int
        /// Exchanges among them on a connection that had been used before.
        package var reused: Int

        package init(open: Int, exchanges: Int, reused: Int) {
            self.open = open
            self.exchanges = exchanges
            self.reused = reused
        }

        /// Twice the random variation to expect of a share of so few exchanges.
        private var noise: Double { exchanges == 0 ? 1 : 1 / Double(exchanges).squareRoot() }
        private var reuse: Double { exchanges == 0 ? 0 : Double(reused) / Double(exchanges) }

        /// The pools have changed since the earlier observation by no more than normal variation.
        func isAtRest(since earlier: Observation) -> Bool {
            abs(open - earlier.open) <= max(2, max(open, earlier.open) / 10)
                && abs(reuse - earlier.reuse) <= 0.02 + noise + earlier.noise
        }
    }

    package enum Action: Sendable, Equatable {
        /// Apply the settings of an arm.
        case switchTo(Arm)
        /// A window begins now.
        case begin(PlannedWindow)
        /// The window ends now, and `judged` has to be called. `wasAtRest`: the washout before it ended because the pools
        /// were at rest.
        case end(PlannedWindow, wasAtRest: Bool)
        case finished
    }

    /// Each case lists the states that may follow.
    private enum State: Sendable, Equatable {
        /// → washing out
        case notBegun
        /// → measuring
        case washingOut(since: Moment, observations: Int)
        /// → judging
        case measuring(until: Moment, wasAtRest: Bool)
        /// → washing out, finished
        case judging(PlannedWindow)
        case finished
    }

    private let plan: ExperimentPlan
    private var windows: [PlannedWindow]
    private var next = 0
    /// How many more pairs may be measured again.
    private var replacements: Int
    /// The pair of the last window if that was faulty.
    private var faultyPair: Int?
    private var arm: Arm?
    private var state = State.notBegun
    private var last: Observation?

    package init(plan: ExperimentPlan, session: Int) {
        self.plan = plan
        windows = plan.windows(ofSession: session)
        replacements = plan.replacements(ofSession: session)
    }

    package var isFinished: Bool { state == .finished }
    /// The window being measured or washed out for; nil at the end.
    package var window: PlannedWindow? { windows.indices.contains(next) ? windows[next] : nil }
    package var isMeasuring: Bool { if case .measuring = state { true } else { false } }
    /// The number of pairs that are to be measured, including replacements so far.
    package var pairs: Int { windows.count / 2 }
    /// When the window that is being measured ends; nil outside of windows. An observation is due exactly then.
    package var windowEnd: Moment? { if case .measuring(let end, _) = state { end } else { nil } }

    /// Returns the actions to perform now, in this order.
    package mutating func observed(_ observation: Observation, now: Moment) -> [Action] {
        defer { last = observation }
        switch state {
        case .notBegun: return beginWashout(now)
        case .washingOut(let since, let observations):
            return washout(since, observations: observations + 1, observation, now)
        case .measuring(let end, let wasAtRest):
            guard now >= end, let window else { return [] }
            next += 1
            state = .judging(window)
            return [.end(window, wasAtRest: wasAtRest)]
        case .judging, .finished: return []
        }
    }

    /// Says whether the window that just ended was faulty, and returns the actions to perform now. `now`: the time since
    /// the session began.
    package mutating func judged(isFaulty: Bool, now: Moment) -> [Action] {
        guard case .judging(let window) = state else { return [] }
        if window.counts, isFaulty { faultyPair = window.pair }
        let isSecond = windows.indices.contains(next) ? windows[next].pair != window.pair : true
        if isSecond, faultyPair == window.pair { replace(window, now) }
        return beginWashout(now)
    }

    private mutating func replace(_ second: PlannedWindow, _ now: Moment) {
        faultyPair = nil
        guard replacements > 0, isInTime(windows: windows.count - next + 2, now) else { return }
        replacements -= 1
        let pair = windows.count / 2
        windows += [second.arm.other, second.arm].map {
            PlannedWindow(session: second.session, pair: pair, arm: $0, counts: true)
        }
    }

    /// So many more windows fit into the time of the session. A machine that is slow may use up what the plan allows.
    private func isInTime(windows: Int, _ now: Moment) -> Bool {
        guard let total = plan.sessionTotal else { return true }
        let turn = windows == 1 ? plan.shortestWashout + plan.window : plan.longestTurn
        return now + turn.clampedNanoseconds * Int64(windows) <= .zero + total.clampedNanoseconds
    }

    private mutating func beginWashout(_ now: Moment) -> [Action] {
        guard let window, isInTime(windows: 1, now) else {
            state = .finished
            return [.finished]
        }
        state = .washingOut(since: now, observations: 0)
        guard window.arm != arm else { return [] }
        arm = window.arm
        return [.switchTo(window.arm)]
    }

    private mutating func washout(_ since: Moment, observations: Int, _ observation: Observation, _ now: Moment)
        -> [Action]
    {
        state = .washingOut(since: since, observations: observations)
        guard let window, now >= since + plan.shortestWashout.clampedNanoseconds else { return [] }
        // The first observation still includes activity of the other arm.
        let isAtRest = observations > 2 && last.map(observation.isAtRest) == true
        guard isAtRest || now >= since + plan.longestWashout.clampedNanoseconds else { return [] }
        state = .measuring(until: now + plan.window.clampedNanoseconds, wasAtRest: isAtRest)
        return [.begin(window)]
    }
}
