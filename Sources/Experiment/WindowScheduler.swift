package import PoolModel

/// Takes a session through its windows: decides which arm is in force, and when a window begins and ends.
///
/// It is given the time and the state of the pools at regular intervals, and returns the actions to perform. A washout
/// ends when two consecutive observations find the pools at rest, at the latest when its time is over.
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
        /// The window ends now. `wasAtRest`: the washout before it ended because the pools were at rest.
        case end(PlannedWindow, wasAtRest: Bool)
        case finished
    }

    /// Each case lists the states that may follow.
    private enum State: Sendable, Equatable {
        /// → washing out
        case notBegun
        /// → measuring
        case washingOut(since: Moment, observations: Int)
        /// → washing out, finished
        case measuring(until: Moment, wasAtRest: Bool)
        case finished
    }

    private let plan: ExperimentPlan
    private let windows: [PlannedWindow]
    private var next = 0
    private var arm: Arm?
    private var state = State.notBegun
    private var last: Observation?

    package init(plan: ExperimentPlan, session: Int) {
        self.plan = plan
        windows = plan.windows(ofSession: session)
    }

    package var isFinished: Bool { state == .finished }
    /// The window being measured or washed out for; nil at the end.
    package var window: PlannedWindow? { windows.indices.contains(next) ? windows[next] : nil }
    package var isMeasuring: Bool { if case .measuring = state { true } else { false } }

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
            return [.end(window, wasAtRest: wasAtRest)] + beginWashout(now)
        case .finished: return []
        }
    }

    private mutating func beginWashout(_ now: Moment) -> [Action] {
        guard let window else {
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
