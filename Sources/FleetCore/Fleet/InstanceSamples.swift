import MetricsText
package import PoolModel

/// Makes the usual snapshots of the samples of one instance, one for each scrape.
package struct InstanceSamples: Sendable {
    package let id: InstanceID
    /// Seconds since 1970 at which the uptime of the snapshots begins, which is when the charts of the instance do.
    package let began: Double
    private var metrics: MetricsSource
    /// The time of the newest scrape that was read, by the database's clock; nil: none was.
    private var newest: Double?
    /// The scrapes that are read at the beginning, so that rates are there at once.
    private static let firstScrapes = 12.0
    /// An instance that was not asked about for longer than this has a gap.
    private static let mostSeconds = 3600.0

    package init(_ id: InstanceID, began: Double) {
        self.id = id
        self.began = began
        metrics = MetricsSource(name: id.instance)
    }

    /// Asks for everything that is newer than what was read; nil: the instance is gone.
    package func request(_ machine: FleetMachine, at now: Double) -> FleetRequest? {
        let scrape = machine.slowestInterval ?? 15
        // A little more than is new, because scrapes may be late.
        let seconds = newest.map { now - machine.clockOffset - $0 + 2 * scrape } ?? Self.firstScrapes * scrape
        return machine.samplesRequest(of: id, seconds: min(max(seconds, 2 * scrape), Self.mostSeconds))
    }

    /// The snapshots of the scrapes that were not read yet, oldest first.
    package mutating func read(_ answer: PrometheusAnswer, clockOffset: Double) -> [AgentSnapshot] {
        var snapshots: [AgentSnapshot] = []
        for (time, exposition) in answer.scrapes where time > newest ?? -.infinity {
            newest = time
            let takenAt = time + clockOffset
            var snapshot = metrics.read(exposition, takenAt: takenAt, uptimeSeconds: max(0, takenAt - began))
            snapshot.source?.kind = .fleet
            if metrics.restarts > 0 { snapshot.source?.notes.append(SourceNote(.restarted, count: metrics.restarts)) }
            if metrics.refused > 0 { snapshot.source?.notes.append(SourceNote(.tooMany, count: metrics.refused)) }
            snapshots.append(snapshot)
        }
        return snapshots
    }
}
