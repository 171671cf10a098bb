package import Downstream
import PoolModel
package import SessionConfig

/// The traffic to the bundled downstreams: each in the proportion that a shop's front end would call it in.
package enum BundledMix {
    /// Of the sum of all; a downstream that is not named here has 1.
    private static let weights: [String: Double] = [
        "catalog": 45, "search": 12, "payments": 15, "legacy": 3, "ledger": 10, "images": 5, "flaky": 10,
    ]

    package static func targets(of fleet: DownstreamFleet) -> [TargetPlan] {
        fleet.endpoints.compactMap { endpoint in
            guard let url = try? TargetURL.parse(endpoint.url) else { return nil }
            var target = TargetPlan(name: endpoint.name, url: url)
            target.weight = weights[endpoint.name] ?? 1
            return target
        }
    }
}
