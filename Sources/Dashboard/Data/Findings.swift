package import Diagnosis
import PoolModel

extension DashboardState {
    /// The findings about one host, as of the last snapshot.
    package func findings(_ id: Int) -> HostFindings { findings[id] ?? HostFindings() }

    /// The hosts whose users get errors or wait in vain, in the order of the snapshot.
    package var failingHosts: [Int] { (source?.hosts ?? []).map(\.id).filter { findings($0).isFailing } }

    /// Everything that a diagnosis of the host at this place of the snapshot may rest on.
    func evidence(_ index: Int, _ snapshot: AgentSnapshot) -> HostEvidence {
        let host = snapshot.hosts[index]
        let uptime = snapshot.uptimeSeconds
        let window = windows.indices.contains(index) ? windows[index] : RecentFigures()
        let close = massCloses[index].map {
            HostEvidence.MassClose(
                connections: $0.count, secondsAgo: uptime - $0.uptimeSeconds, areAllIdle: $0.areAllIdle)
        }
        let sinceMark = marks.lastChange.map { uptime - $0.uptimeSeconds }
        return HostEvidence(
            host: host, gained: window.gained, seconds: window.spanSeconds,
            meanServiceSeconds: window.meanService.value,
            meanFirstByteSeconds: window.meanFirstByte, massClose: close,
            secondsSinceChange: sinceMark.flatMap { $0 <= Double(RecentFigures.seconds) ? $0 : nil })
    }
}

extension HostReference {
    /// The counts since an earlier reference.
    func gained(since before: HostReference, response: LatencyHistogram) -> HostMetrics {
        var gained = counts
        gained.subtractCounts(of: before.counts)
        gained.latency.response = response
        return gained
    }
}
