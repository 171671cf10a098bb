package import PlainDocuments
package import PoolModel
import Wording

/// A figure of the JSON report that a check can name: by its path there, or by a short name.
package struct MetricName: Sendable, Equatable {
    package typealias Unit = DerivedFigure.Unit

    /// The path in METRICS, or in the report where it begins with `dns.` or `process.`; or one of `derived`.
    package var path: String
    package var unit: Unit
    /// True where the figure only grows while the agent runs, so that it can be had per second.
    var grows: Bool
    /// The groups of figures that it is made of.
    package var groups: [FigureGroup]
    /// False where the figure exists once for all hosts.
    package var isPerHost: Bool { !path.hasPrefix("dns.") && !path.hasPrefix("process.") }

    private init(_ path: String, _ groups: [FigureGroup], _ unit: Unit = .number, grows: Bool = false) {
        self.path = path
        self.unit = unit
        self.grows = grows
        self.groups = groups
    }

    /// Figures that are in no field of the report but are made of several.
    static let derived: [MetricName] = [
        MetricName("requests", [.requests], grows: true), MetricName("errorRate", [.errors, .requests], .ratio),
        MetricName("failureRate", [.errors, .statuses, .requests], .ratio),
        MetricName("newConnections", [.connections], grows: true),
        MetricName("oldestInFlight", [.activity], .seconds), MetricName("silence", [.activity], .seconds),
    ]

    package static let quantiles = ["min", "mean", "p50", "p75", "p90", "p95", "p99", "p999", "max"]

    /// Every path of the report whose name is fixed; labels of errors, statuses and close reasons come on top.
    package static let fixed: [MetricName] = {
        let durations = LatencySet.rows.flatMap { row in
            [MetricName("latency.\(row.name).count", [row.group], grows: true)]
                + quantiles.map { MetricName("latency.\(row.name).\($0)", [row.group], .seconds) }
        }
        return counters(of: HostMetrics.self) + counters(of: DNSCounts.self) + process + durations
            + DerivedFigure.all.map { MetricName($0.name, $0.groups, $0.unit, grows: $0.grows) }
    }()

    private static let process = [
        MetricName("process.cpuSeconds", [.cpu], .seconds, grows: true),
        MetricName("process.agentCPUSeconds", [.cpu], .seconds, grows: true),
        MetricName("process.agentCPUSecondsPerRequest", [.cpu, .requests], .seconds),
        MetricName("process.maxResidentBytes", [.cpu]),
    ]

    private static func counters<Counts: Tabled>(of counts: Counts.Type) -> [MetricName] {
        Counts.counters.map { counter in
            switch counter.kind {
            case .total: MetricName(counter.name, [counter.group], grows: true)
            case .present, .peak: MetricName(counter.name, [counter.group])
            }
        }
    }

    /// Short names for the figures that checks are mostly made of.
    package static let short: [(name: String, path: String)] =
        [
            // `errors` are requests without a response; `failures` are those, and responses of 4xx and 5xx.
            ("reuse", "connections.reuseRatio"), ("errors", "requests.failed"), ("failures", "requests.failures"),
            ("status4xx", "statusClasses.4xx"), ("status5xx", "statusClasses.5xx"), ("dnsQueries", "dns.queries"),
            ("dnsLookups", "dns.lookups"), ("cpuPerRequest", "process.agentCPUSecondsPerRequest"),
        ] + quantiles.map { ($0, "latency.response.\($0)") }

    /// The names that an error message lists: the short ones, and where to find the others.
    package static let known =
        (short.map(\.name) + derived.map(\.path) + ["requests/s", "newConnections/s", "dnsQueries/s"])
        .joined(separator: ", ") + ", or a path of the JSON report such as connections.opened"

    package static func named(_ name: String) throws(TextProblem) -> MetricName {
        let path = short.first { $0.name == name }?.path ?? name
        if let metric = (derived + fixed).first(where: { $0.path == path }) { return metric }
        if let metric = labelled(path) { return metric }
        let candidates = short.map(\.name) + (derived + fixed).map(\.path)
        if let nearest = nearestWord(name, among: candidates) {
            throw TextProblem("unknown metric '\(name)'; did you mean '\(nearest)'?")
        }
        throw TextProblem("unknown metric '\(name)'", allowed: known)
    }

    /// Counts whose last name is a label: zero where the report has no such label.
    private static func labelled(_ path: String) -> MetricName? {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        let label = String(path[dot...].dropFirst())
        guard let counter = HostMetrics.labelledCounters.first(where: { $0.name == path[..<dot] }),
            counter.isLabel(label)
        else { return nil }
        return MetricName(path, [counter.group], grows: true)
    }
}
