/// The distribution of request times in an open loop.
package enum Arrivals: String, Sendable, CaseIterable {
    /// Equal gaps up to 1,000 requests per second; above that, the requests of each millisecond are planned and sent
    /// together. Waking up for each would cost more CPU time than the request.
    case batched
    /// Equal gaps.
    case constant
    /// Exponentially distributed gaps, as produced by independent callers.
    case poisson
}

/// A segment of an open-loop plan: the rate changes linearly from `from` to `to`. After the last segment it stays at
/// `to`.
package struct RateStep: Sendable, Equatable {
    package var duration: Duration
    /// Requests per second over all targets.
    package var from: Double
    package var to: Double

    package init(duration: Duration, from: Double, to: Double) {
        self.duration = duration
        self.from = from
        self.to = to
    }

    /// A plan with a single constant rate that never ends.
    package static func steady(_ rate: Double) -> RateStep { RateStep(duration: .zero, from: rate, to: rate) }
}
