package import PoolModel

/// The load that the generator produces.
package enum LoadShape: Sendable, Equatable {
    /// Requests at planned times, independent of the responses. The last rate continues after the last step.
    case openLoop([RateStep], Arrivals)
    /// This many requests in flight, each followed by the next.
    case closedLoop(Int)
}
