package import PoolModel

/// What the generator does.
package enum LoadShape: Sendable, Equatable {
    /// Requests at planned times, whatever the answers do. The last rate goes on after the last step.
    case openLoop([RateStep], Arrivals)
    /// This many in flight, each followed by the next.
    case closedLoop(Int)
}
