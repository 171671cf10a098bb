package import Diagnosis
import PoolModel

extension DashboardState {
    /// What was found about one host, as of the last snapshot.
    package func findings(_ id: Int) -> HostFindings { findings[id] ?? HostFindings() }

    /// The hosts whose users get errors or wait in vain, in the order of the snapshot.
    package var failingHosts: [Int] { (source?.hosts ?? []).map(\.id).filter { findings($0).isFailing } }

    func diagnose(_ host: HostSnapshot) -> HostFindings { HostEvidence(host: host).findings() }
}
