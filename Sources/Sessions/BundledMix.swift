package import Downstream
import PoolModel
package import SessionConfig

/// The traffic mix for the bundled downstreams.
package enum BundledMix {
    package static func targets(of fleet: DownstreamFleet, _ bundled: BundledFleet) -> [TargetPlan] {
        fleet.endpoints.compactMap { endpoint in
            guard let url = try? TargetURL.parse(endpoint.url) else { return nil }
            var target = TargetPlan(name: endpoint.name, url: url)
            target.weight = bundled.weight(of: endpoint.name)
            return target
        }
    }
}

extension BundledFleet {
    package var scenarios: [Scenario] {
        switch self {
        case .healthy: .bundled
        case .sick: .sick
        }
    }
}
