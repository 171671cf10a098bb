import PoolModel

/// A figure of the JSON report that a check can name: by its path there, or by a short name.
struct MetricName: Sendable, Equatable {
    enum Unit: Sendable, Equatable {
        case number, ratio, seconds
    }

    /// The path in METRICS, or in the report where it begins with `dns.` or `process.`; or one of `derived`.
    var path: String
    var unit: Unit
    /// True where the figure only grows while the agent runs, so that it can be had per second.
    var grows: Bool
    /// False where the figure exists once for all hosts.
    var isPerHost: Bool { !path.hasPrefix("dns.") && !path.hasPrefix("process.") }

    private init(_ path: String, _ unit: Unit = .number, grows: Bool = false) {
        self.path = path
        self.unit = unit
        self.grows = grows
    }

    /// Figures that are in no field of the report but are made of several.
    static let derived: [MetricName] = [
        MetricName("requests", grows: true), MetricName("errorRate", .ratio), MetricName("newConnections", grows: true),
    ]

    static let quantiles = ["min", "mean", "p50", "p75", "p90", "p95", "p99", "p999", "max"]
    static let latencies = ["response", "service", "queueWait", "dnsLookup", "connect", "tlsHandshake", "firstByte"]

    /// Every path of the report whose name is fixed; labels of errors, statuses and close reasons come on top.
    static let fixed: [MetricName] = {
        let growing = [
            "requests.planned", "requests.started", "requests.succeeded", "requests.failed", "requests.cancelled",
            "requests.retried", "requests.onNewConnection", "requests.onReusedConnection", "connections.dials",
            "connections.dialFailed", "connections.attempts", "connections.opened", "connections.closed",
            "connections.closedBy.local",
            "connections.closedBy.remote", "tls.handshakes", "tls.resumed", "tls.failed", "bytes.sent",
            "bytes.received", "requests.retriesRefused", "tls.full", "dns.lookups", "dns.hits", "dns.staleHits",
            "dns.negativeHits", "dns.misses",
            "dns.coalesced", "dns.failures", "dns.queries",
        ]
        let present = [
            "requests.inFlight", "requests.queued", "requests.perSecond", "connections.connecting",
            "connections.active", "connections.idle", "connections.peakOpen", "connections.requestsPerConnection",
            "dns.entries", "process.maxResidentBytes",
        ]
        return growing.map { MetricName($0, grows: true) } + present.map { MetricName($0) }
            + [
                MetricName("connections.reuseRatio", .ratio), MetricName("process.cpuSeconds", .seconds, grows: true),
                MetricName("process.agentCPUSeconds", .seconds, grows: true),
                MetricName("process.agentCPUSecondsPerRequest", .seconds),
            ]
            + latencies.flatMap { name in
                [MetricName("latency.\(name).count", grows: true)]
                    + quantiles.map { MetricName("latency.\(name).\($0)", .seconds) }
            }
    }()

    /// Short names for the figures that checks are mostly made of.
    static let short: [(name: String, path: String)] =
        [
            ("reuse", "connections.reuseRatio"), ("errors", "requests.failed"), ("dnsQueries", "dns.queries"),
            ("dnsLookups", "dns.lookups"), ("cpuPerRequest", "process.agentCPUSecondsPerRequest"),
        ] + quantiles.map { ($0, "latency.response.\($0)") }

    /// What an error message lists: the short names, and where the others are found.
    static let known =
        (short.map(\.name) + derived.map(\.path) + ["requests/s", "newConnections/s", "dnsQueries/s"])
        .joined(separator: ", ") + ", or a path of the JSON report such as connections.opened"

    static func named(_ name: String) throws(TextProblem) -> MetricName {
        let path = short.first { $0.name == name }?.path ?? name
        if let metric = (derived + fixed).first(where: { $0.path == path }) { return metric }
        if let metric = labelled(path) { return metric }
        let candidates = short.map(\.name) + (derived + fixed).map(\.path)
        if let nearest = NearestName.of(name, among: candidates) {
            throw TextProblem("unknown metric '\(name)'; did you mean '\(nearest)'?")
        }
        throw TextProblem("unknown metric '\(name)'", allowed: known)
    }

    /// Counts whose last name is a label: zero where the report has no such label.
    private static func labelled(_ path: String) -> MetricName? {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        let label = String(path[dot...].dropFirst())
        switch path[..<dot] {
        case "errors": return FailureCause(rawValue: label).map { _ in MetricName(path, grows: true) }
        case "requests.retryDecisions": return RetryDecision(rawValue: label).map { _ in MetricName(path, grows: true) }
        case "connections.closedByReason":
            return CloseReason(rawValue: label).map { _ in MetricName(path, grows: true) }
        case "statuses":
            guard let status = Int(label), (100...599).contains(status) else { return nil }
            return MetricName(path, grows: true)
        default: return nil
        }
    }
}
