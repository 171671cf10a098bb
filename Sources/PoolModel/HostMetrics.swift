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
    /// Bytes of HTTP (before encryption, for https) written to and read from sockets.
    public var bytes = ByteCounts()
    /// Durations.
    public var latency = LatencySet()

    /// All counts zero.
    public init() {}

    /// Adds another host's counts. Present counts and totals are summed; the sum of `peakOpen` is an upper bound.
    public mutating func merge(_ other: HostMetrics) {
        addCounts(of: other)
        for row in LatencySet.rows { latency[keyPath: row.histogram].merge(other.latency[keyPath: row.histogram]) }
    }

    /// The counts gained since an earlier value. Present counts are unchanged, and so is `peakOpen`, which cannot be
    /// computed for a window.
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

/// At every instant, `started = succeeded + failed + cancelled + inFlight + queued`.
    /// Accepted by the agent.
    /// A complete response was received, whatever its status.
    /// Ended with an error.
    /// Cancelled by the caller.
    /// On a connection now.
    /// Waiting for a connection now.
    /// Sent again after a reused connection died.
    /// Retries that the rules allowed but the retry budget did not.
    /// Requests whose connection died under them, by the decision taken. `retried` is the sum of those that were sent
    /// again; `retriesRefused` is one of the others.
    /// Assigned to a connection that had carried no exchange before.
    /// Assigned to a connection that had carried an exchange before.
extension HostMetrics: Tabled {
    package static let counters: [Counter<HostMetrics>] =
        RequestCounts.rows + ConnectionCounts.rows + TLSCounts.rows + ByteCounts.rows

    package static let labelledCounters: [LabelledCounter<HostMetrics>] =
        [
            LabelledCounter(statuses: "statuses", .statuses, \.statuses, "Complete responses by status code."),
            LabelledCounter("errors", .errors, .requests, \.errors, "Failed requests by cause."),
        ] + RequestCounts.labelledRows + ConnectionCounts.labelledRows

    /// Exchanges on already used connections divided by all exchanges; nil before the first.
/// At every instant, `dials = opened + dialFailed + connecting` and `opened = closed + idle + active`.
    /// Dials started; each covers everything from the lookup to a ready connection.
    /// TCP connects started. A dial makes one, and another for each further address that it tries because the previous
    /// one failed or took 250 ms (RFC 8305); it makes none if the name has no address. A server may have accepted
    /// connects that lost the race.
    /// Dials that ended without a ready connection.
    /// Dials in progress now.
    /// Connections established (for https: after the handshake).
    /// Established connections that were closed.
    /// Carrying an exchange now.
    /// Open and reusable now.
    /// The highest number of connections open at once so far.
    /// Closed by reason; the sum is `closed`.
    /// All zero.
    /// Open now.
    /// Closed by the server.
    /// Closed by us.
/// TLS handshakes of one host.
    /// Handshakes completed.
    /// Completed handshakes that resumed an earlier session. The agent cannot tell: its TLS library can neither resume
    /// a session nor distinguish a resumed handshake from a full one, so `resumption` is unknown in
    /// `HostSnapshot.certainty`.
    /// Handshakes that failed.
    /// All zero.
/// Bytes of one host.
    /// Written to sockets.
    /// Read from sockets.
    /// Both zero.
/// The durations of one host.
    /// From the planned start (open loop) or the arrival to the last response byte; successful requests only.
    /// From the assignment to a socket to the last response byte; successful requests only.
    /// From the planned start or the arrival to the assignment to a socket.
    /// A lookup that was forwarded to a server.
    /// TCP connect.
    /// TLS handshake.
    /// From the assignment to a socket to the first response byte.
    /// All empty.
    package static func counter(_ keyPath: any WritableKeyPath<HostMetrics, Int> & Sendable) -> Counter<HostMetrics> {
        guard let row = counters.first(where: { $0.keyPath == keyPath }) else {
            preconditionFailure("a count without a row in the table of counters: \(keyPath)")
        }
        return row
    }
}
