package import Experiment
import PoolModel

/// The activity between two observations of an experiment, for the charts.
struct TimelinePoint: Sendable, Equatable {
    /// Seconds since the first observation, at the end of this point's period.
    var time: Double
    /// The length of the point's period.
    var seconds: Double
    /// The arm in force during the period.
    var arm: Arm
    /// True in a window, false in a washout.
    var isMeasured: Bool
    var requests: Int
    var connectionsOpened: Int
    var dnsQueries: Int
    var agentCPUSeconds: Double
    /// Connections opened by host, in the order of the hosts.
    var openedByHost: [Int]
}

/// The data of the charts: all observations of an experiment, including those of washouts.
package struct WindowTimeline: Sendable {
    private(set) var points: [TimelinePoint] = []
    /// In the order in which they appeared, which is the same in all sessions.
    package private(set) var hosts: [String] = []

    /// Enough for a chart of any width; above this number, two points are combined into one.
    private static let most = 4096

    package mutating func add(_ window: MetricsWindow, arm: Arm, isMeasured: Bool) {
        for host in window.hosts where !hosts.contains(host.name) { hosts.append(host.name) }
        let opened = hosts.map { name in
            window.hosts.reduce(0) { $0 + ($1.name == name ? $1.figures.metrics.connections.opened : 0) }
        }
        points.append(
            TimelinePoint(
                time: (points.last?.time ?? 0) + window.seconds, seconds: window.seconds, arm: arm,
                isMeasured: isMeasured, requests: window.totals.metrics.requests.finished,
                connectionsOpened: window.totals.metrics.connections.opened, dnsQueries: window.dns.queries,
                agentCPUSeconds: window.process.agentCPUSeconds, openedByHost: opened))
        if points.count > Self.most { points = Self.halved(points) }
    }

    private static func halved(_ points: [TimelinePoint]) -> [TimelinePoint] {
        stride(from: 0, to: points.count, by: 2).map { index in
            guard index + 1 < points.count else { return points[index] }
            var (point, later) = (points[index], points[index + 1])
            point.time = later.time
            point.seconds += later.seconds
            point.isMeasured = point.isMeasured && later.isMeasured && point.arm == later.arm
            point.requests += later.requests
            point.connectionsOpened += later.connectionsOpened
            point.dnsQueries += later.dnsQueries
            point.agentCPUSeconds += later.agentCPUSeconds
            let missing = later.openedByHost.count - point.openedByHost.count
            point.openedByHost += [Int](repeating: 0, count: missing)
            later.openedByHost.indices.forEach { point.openedByHost[$0] += later.openedByHost[$0] }
            return point
        }
    }
}
