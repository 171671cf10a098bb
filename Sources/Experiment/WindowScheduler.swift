package import PoolModel

/// Leads a session through its windows: which arm is in force, when a window begins and when it ends.
///
/// It is told the time and how the pools are, at a steady beat, and answers with what is to be done. A washout ends when
/// two looks in a row find the pools at rest, and at the latest when its time is over.
package struct WindowScheduler: Sendable {
    /// What the pools did since the look before.
    package struct Observation: Sendable, Equatable {
        /// Connections open now.
        package var open: Int
        /// Exchanges since the look before.
        package var exchanges: Int
        /// Of those, on a connection that had been used before.
        package var reused: Int

        package init(open: Int, exchanges: Int, reused: Int) {
            self.open = open
            self.exchanges = exchanges
            self.reused = reused
        }

        /// Twice what chance alone would make of a share of so few.
        private var noise: Double { exchanges == 0 ? 1 : 1 / Double(exchanges).squareRoot() }
        private var reuse: Double { exchanges == 0 ? 0 : Double(reused) / Double(exchanges) }

        /// The pools have not changed between two looks by more than such pools always do.
        func isAtRest(since earlier: Observation) -> Bool {
            abs(open - earlier.open) <= max(2, max(open, earlier.open) / 10)
                && abs(reuse - earlier.reuse) <= 0.02 + noise + earlier.noise
        }
    }

    package enum Action: Sendable, Equatable {
        /// Put an arm's settings in force.
        case switchTo(Arm)
        /// A window begins here.
        case begin(PlannedWindow)
        /// It ends here. `wasAtRest`: the washout before it ended because the pools had come to rest.
        case end(PlannedWindow, wasAtRest: Bool)
        case finished
    }

    /// May be followed by the one below, or, from the last window, by `finished`.
    private enum State: Sendable, Equatable {
        /// → washing out
        case notBegun
        /// → measuring
        case washingOut(since: Moment, looks: Int)
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

    /// What is to be done now, in this order.
    package mutating func looked(_ look: Observation, now: Moment) -> [Action] {
        defer { last = look }
        switch state {
        case .notBegun: return beginWashout(now)
        case .washingOut(let since, let looks): return washout(since, looks: looks + 1, look, now)
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
        state = .washingOut(since: now, looks: 0)
        guard window.arm != arm else { return [] }
        arm = window.arm
        return [.switchTo(window.arm)]
    }

    private mutating func washout(_ since: Moment, looks: Int, _ look: Observation, _ now: Moment) -> [Action] {
        state = .washingOut(since: since, looks: looks)
        guard let window, now >= since + plan.shortestWashout.clampedNanoseconds else { return [] }
        // The first look still sees what the other arm did.
        let isAtRest = looks > 2 && last.map(look.isAtRest) == true
        guard isAtRest || now >= since + plan.longestWashout.clampedNanoseconds else { return [] }
        state = .measuring(until: now + plan.window.clampedNanoseconds, wasAtRest: isAtRest)
        return [.begin(window)]
    }
}
