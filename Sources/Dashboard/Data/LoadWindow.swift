import PoolModel

/// The generator's planned rates over the last ten seconds, in total and by target.
struct LoadWindow: Sendable {
    struct Target: Sendable {
        var plannedPerSecond: Double
        /// nil if it was not counted.
        var succeededPerSecond: Double?
        /// nil where it was not counted.
        var failed: Int?
        var ended: Int?

        init(from first: LoadSnapshot.LoadTarget, to last: LoadSnapshot.LoadTarget, seconds: Double) {
            plannedPerSecond = Double(last.planned - first.planned) / seconds
            guard let before = first.succeeded, let after = last.succeeded else { return }
            succeededPerSecond = Double(after - before) / seconds
            guard let failedBefore = first.failed, let failedAfter = last.failed else { return }
            failed = failedAfter - failedBefore
            ended = failedAfter - failedBefore + after - before
        }
    }

    private struct Point: Sendable {
        var uptimeSeconds: Double
        var planned: Int
        var sent: Int
        var targets: [LoadSnapshot.LoadTarget]
    }
    private var points: [Point] = []

    private(set) var plannedPerSecond: Double?
    private(set) var sentPerSecond: Double?
    /// One entry per target.
    private(set) var targets: [Target] = []

    /// Nothing from before `start` counts, which is when the last mark was.
    mutating func update(_ snapshot: AgentSnapshot, since start: Double) {
        guard let load = snapshot.load else {
            self = LoadWindow()
            return
        }
        let point = Point(
            uptimeSeconds: snapshot.uptimeSeconds, planned: load.planned, sent: load.sent,
            targets: load.targets)
        points.append(point)
        while points.count > 2, points[0].uptimeSeconds < point.uptimeSeconds - Double(RecentFigures.seconds) - 0.5 {
            points.removeFirst()
        }
        let first =
            points.first { $0.uptimeSeconds >= start - 0.01 && $0.uptimeSeconds < point.uptimeSeconds } ?? points[0]
        let span = point.uptimeSeconds - first.uptimeSeconds
        guard span > 0 else { return }
        plannedPerSecond = Double(point.planned - first.planned) / span
        sentPerSecond = Double(point.sent - first.sent) / span
        targets = zip(first.targets, point.targets).map { Target(from: $0, to: $1, seconds: span) }
    }
}
