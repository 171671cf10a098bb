/// The set of downstreams that a session without targets starts.
package enum BundledFleet: Sendable, Equatable {
    /// `BundledDownstream`.
    case healthy
    /// One for every way in which a downstream can fail: `SickDownstream` in Downstream. A test compares the names.
    case sick
}

extension BundledFleet {
    /// In the order in which they are started.
    package var names: [String] {
        switch self {
        case .healthy: BundledDownstream.names
        case .sick: Self.sickNames
        }
    }

    package var hostNames: [String] { names.map { $0 + ".pooltop.test" } }

    private static let sickNames = [
        "unavailable", "rejecting", "hanging", "slow", "hangs-after-head", "resetting", "refusing", "blackhole",
        "self-signed", "wrong-name", "expired", "plain-port", "no-such-name", "dns-timeout", "dns-servfail",
        "dns-outage",
        "dribbling", "closes-idle", "forbids-reuse", "pushes-answers", "one-dead-address",
    ]

    /// The downstream's share of the traffic, relative to the sum of all. For the sick it is in requests a second: 20 show
    /// what is wrong without filling the pools, and 5 leave connections idle between two requests.
    package func weight(of name: String) -> Double {
        switch self {
        case .healthy: BundledDownstream(rawValue: name)?.weight ?? 1
        case .sick: name == "closes-idle" ? 5 : 20
        }
    }

    /// Requests a second over all where none are given.
    package var defaultRate: Double {
        switch self {
        case .healthy: LoadPlan.defaultRate
        case .sick: names.reduce(0) { $0 + weight(of: $1) }
        }
    }
}
