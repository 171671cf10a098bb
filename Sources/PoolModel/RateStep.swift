/// How planned requests follow one another in an open loop.
package enum Arrivals: String, Sendable, CaseIterable {
    /// Equal gaps.
    case constant
    /// Exponentially distributed gaps, as independent callers make them.
    case poisson
}

/// A stretch of an open-loop plan: the rate goes in a straight line from `from` to `to`, and stays there after the last
/// step of a plan.
package struct RateStep: Sendable, Equatable {
    package var duration: Duration
    /// Requests a second over all targets.
    package var from: Double
    package var to: Double

    package init(duration: Duration, from: Double, to: Double) {
        self.duration = duration
        self.from = from
        self.to = to
    }

    /// One rate for ever, as a plan of its own.
    package static func steady(_ rate: Double) -> RateStep { RateStep(duration: .zero, from: rate, to: rate) }
}
