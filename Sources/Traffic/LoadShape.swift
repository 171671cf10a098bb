package import AgentCore

/// How planned requests follow one another in an open loop.
package enum Arrivals: String, Sendable, CaseIterable {
    /// Equal gaps.
    case constant
    /// Exponential gaps: independent callers.
    case poisson
}

/// A stretch of an open-loop plan. The rate goes in a straight line from `from` to `to`.
package struct RateStep: Sendable, Equatable {
    package var seconds: Double
    package var from: Double
    package var to: Double

    package init(seconds: Double, from: Double, to: Double) {
        self.seconds = seconds
        self.from = from
        self.to = to
    }
}

/// What the generator does.
package enum LoadShape: Sendable, Equatable {
    /// Requests at planned times, whatever the answers do. The last rate goes on after the last step.
    case openLoop([RateStep], Arrivals)
    /// This many in flight, each followed by the next.
    case closedLoop(Int)
}

/// Planned start times of an open loop: pure, seeded, never back-filled.
///
/// Above a thousand requests a second, starts are planned on a grid of one millisecond, several at once. A timer of its
/// own for each request would cost more than the request; and because the plan itself has the grid, latency that counts
/// from the plan hides nothing.
package struct ArrivalPlan: Sendable {
    private let steps: [RateStep]
    private let arrivals: Arrivals
    private var random: SplitMix64
    private let startedAt: Moment
    /// Multiplies every rate of the plan; changed live.
    package private(set) var factor = 1.0
    /// The next planned start.
    package private(set) var next: Moment
    /// While the rate is zero the plan is asked again after this time.
    private static let idleStep: Nanoseconds = .milliseconds(10)
    /// The next start before it was put on the grid, so that rounding does not add up.
    private var exact: Moment
    private static let grid: Nanoseconds = .milliseconds(1)
    private static let gridRate = 1000.0
    /// True where `next` is only a look at a rate of zero, and no request.
    package private(set) var isIdle = false

    package init(steps: [RateStep], arrivals: Arrivals, seed: UInt64, startedAt: Moment) {
        self.steps = steps
        self.arrivals = arrivals
        self.startedAt = startedAt
        random = SplitMix64(seed: seed)
        next = startedAt
        exact = startedAt
        step(from: startedAt)
    }

    /// Requests a second planned for a moment.
    package func rate(at moment: Moment) -> Double {
        var elapsed = (moment - startedAt).asSeconds
        for step in steps {
            if elapsed < step.seconds {
                let share = step.seconds > 0 ? max(0, elapsed) / step.seconds : 1
                return max(0, step.from + (step.to - step.from) * share) * factor
            }
            elapsed -= step.seconds
        }
        return max(0, steps.last?.to ?? 0) * factor
    }

    /// Moves `next` to the start after it.
    package mutating func advance() { step(from: isIdle ? next : exact) }

    /// A new factor holds from now on: a gap planned at the old rate is not waited for.
    package mutating func setFactor(_ factor: Double, now: Moment) {
        self.factor = factor
        if next > now { step(from: now) }
    }

    private static func onGrid(_ moment: Moment) -> Moment {
        Moment(nanoseconds: (moment.nanoseconds + grid - 1) / grid * grid)
    }

    private mutating func step(from moment: Moment) {
        exact = moment
        let rate = rate(at: moment)
        isIdle = rate < 1e-6
        guard !isIdle else { return next = moment + Self.idleStep }
        var gap = 1 / rate
        if arrivals == .poisson { gap *= -logOfUnit(random.unit()) }
        exact = exact + max(1, .seconds(min(gap, 3600)))
        next = rate > Self.gridRate ? Self.onGrid(exact) : exact
        // A gap longer than the look-ahead may cross into another step; ask again there.
        if gap > 0.1, self.rate(at: next) > rate * 1.5 {
            isIdle = true
            next = moment + Self.idleStep
        }
    }

    private func logOfUnit(_ value: Double) -> Double { naturalLogarithm(max(value, 1e-12)) }
}

/// One entry of a weighted mix.
package struct WeightedChoice: Sendable {
    private var credits: [Double]
    private let weights: [Double]

    /// Weights above zero are used in proportion; others never.
    package init(weights: [Double]) {
        self.weights = weights.map { max(0, $0) }
        credits = Array(repeating: 0, count: weights.count)
    }

    /// The next entry: smooth weighted round-robin, so that any stretch of the sequence has the mix's proportions.
    package mutating func next() -> Int {
        var best = 0
        var total = 0.0
        for index in credits.indices {
            credits[index] += weights[index]
            total += weights[index]
            if credits[index] > credits[best] { best = index }
        }
        credits[best] -= total
        return best
    }
}
