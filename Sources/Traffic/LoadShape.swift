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
