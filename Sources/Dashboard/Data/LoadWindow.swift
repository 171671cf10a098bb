internal import AgentCore

/// The generator's last ten seconds: planned rates, over all and by target.
struct LoadWindow: Sendable {
    private struct Point: Sendable {
        var uptimeSeconds: Double
        var planned: Int
        var sent: Int
        var targets: [Int]
    }
    private var points: [Point] = []

    private(set) var plannedPerSecond: Double?
    private(set) var sentPerSecond: Double?
    /// By target.
    private(set) var targets: [Double?] = []

    mutating func update(_ snapshot: AgentSnapshot) {
        guard let load = snapshot.load else {
            self = LoadWindow()
            return
        }
        let point = Point(
            uptimeSeconds: snapshot.uptimeSeconds, planned: load.planned, sent: load.sent,
            targets: load.targets.map(\.planned))
        points.append(point)
        while points.count > 2, points[0].uptimeSeconds < point.uptimeSeconds - Double(HostWindow.seconds) - 0.5 {
            points.removeFirst()
        }
        let first = points[0]
        let span = point.uptimeSeconds - first.uptimeSeconds
        guard span > 0 else { return }
        plannedPerSecond = Double(point.planned - first.planned) / span
        sentPerSecond = Double(point.sent - first.sent) / span
        targets = point.targets.enumerated().map { index, planned in
            index < first.targets.count ? Double(planned - first.targets[index]) / span : nil
        }
    }
}
