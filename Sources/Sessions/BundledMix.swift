package import Downstream
import PoolModel
package import SessionConfig

/// The traffic mix for the bundled downstreams.
package enum BundledMix {
    package static func targets(of fleet: DownstreamFleet) -> [TargetPlan] {
        fleet.endpoints.compactMap { endpoint in
            guard let url = try? TargetURL.parse(endpoint.url) else { return nil }
            var target = TargetPlan(name: endpoint.name, url: url)
            target.weight = BundledDownstream(rawValue: endpoint.name)?.weight ?? 1
            return target
        }
    }
}
