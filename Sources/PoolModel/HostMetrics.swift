/// Counts of one host, or their sum over several.
public struct HostMetrics: Sendable {
    /// Requests.
    public var requests = RequestCounts()
    /// Complete responses by status code, 100…599.
    public var statuses: [Int: Int] = [:]
    /// Failed requests by cause.
    public var errors = CountsBy<FailureCause>()
    /// Connections.
    public var connections = ConnectionCounts()
    /// TLS handshakes.
    public var tls = TLSCounts()
    /// Bytes of HTTP (for https: before encryption) written to and read from sockets.
    public var bytes = ByteCounts()
    /// Durations.
    public var latency = LatencySet()

    /// All counts zero.
    public init() {}

    /// Adds another host's counts. Present counts and totals add up; `peakOpen` adds up to an upper bound.
    public mutating func merge(_ other: HostMetrics) {
        addCounts(of: other)
        for row in LatencySet.rows { latency[keyPath: row.histogram].merge(other.latency[keyPath: row.histogram]) }
    }

    /// The counts gained since an earlier value; what is present stays as it is, and so does `peakOpen`, which cannot be
    /// had for a window.
    package func since(_ earlier: HostMetrics) -> HostMetrics {
        var gained = self
        gained.subtractCounts(of: earlier)
        for row in LatencySet.rows {
            gained.latency[keyPath: row.histogram] =
                latency[keyPath: row.histogram].since(earlier.latency[keyPath: row.histogram])
        }
        return gained
    }
}

extension [Int: Int] {
    /// Responses with a status of 100 × `hundreds` and up, of counts by status.
    package func count(ofClass hundreds: Int) -> Int {
        reduce(0) { $0 + ($1.key / 100 == hundreds ? $1.value : 0) }
    }
}

/// The table of a host's counts, group after group. A new count is a property of its group with a row beside it, and the
/// place that counts it; a test fails for a property without a row.
extension HostMetrics: Tabled {
    package static let counters: [Counter<HostMetrics>] =
        RequestCounts.rows + ConnectionCounts.rows + TLSCounts.rows + ByteCounts.rows

    package static let labelledCounters: [LabelledCounter<HostMetrics>] =
        [
            LabelledCounter(statuses: "statuses", .statuses, \.statuses, "Complete responses by status code."),
            LabelledCounter("errors", .errors, .requests, \.errors, "Failed requests by cause."),
        ] + RequestCounts.labelledRows + ConnectionCounts.labelledRows

    /// The row of a count. Every count has one, as a test shows; this is a search, so keep what it returns.
    package static func counter(_ keyPath: any WritableKeyPath<HostMetrics, Int> & Sendable) -> Counter<HostMetrics> {
        guard let row = counters.first(where: { $0.keyPath == keyPath }) else {
            preconditionFailure("a count without a row in the table of counters: \(keyPath)")
        }
        return row
    }
}
