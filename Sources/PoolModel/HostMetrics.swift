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

/// `started = succeeded + failed + cancelled + inFlight + queued` at every instant.
public struct RequestCounts: Sendable, Equatable {
    /// Given to the agent.
    public var started = 0
    /// A complete response was received, whatever its status.
    public var succeeded = 0
    /// Ended with an error.
    public var failed = 0
    /// Given up by the caller.
    public var cancelled = 0
    /// On a connection now.
    public var inFlight = 0
    /// Waiting for a connection now.
    public var queued = 0
    /// Sent again after a reused connection died.
    public var retried = 0
    /// Retries that were due by the rules and refused because the budget was used up.
    public var retriesRefused = 0
    /// Requests whose connection died under them, by what became of them. `retried` is the sum of those sent again, and
    /// `retriesRefused` one of the others.
    public var retryDecisions = CountsBy<RetryDecision>()
    /// Put on a connection that had carried no exchange before.
    public var onNewConnection = 0
    /// Put on a connection that had carried an exchange before.
    public var onReusedConnection = 0

    /// All zero.
    public init() {}

    /// Exchanges on an already used connection ÷ all exchanges; nil before the first.
    public var reuseRatio: Double? {
        let all = onNewConnection + onReusedConnection
        return all == 0 ? nil : Double(onReusedConnection) / Double(all)
    }
}

/// `dials = opened + dialFailed + connecting` and `opened = closed + idle + active` at every instant.
public struct ConnectionCounts: Sendable, Equatable {
    /// Dials begun, each from its lookup to a ready connection.
    public var dials = 0
    /// TCP connects begun. A dial makes one, and one more for each further address that it tries because the one before
    /// failed or took 250 ms (RFC 8305); none where the name has no address. A server may have accepted those that lost.
    public var attempts = 0
    /// Dials that ended without a ready connection.
    public var dialFailed = 0
    /// Dials in progress now.
    public var connecting = 0
    /// Connections established (for https: after the handshake).
    public var opened = 0
    /// Established connections that were closed.
    public var closed = 0
    /// Carrying an exchange now.
    public var active = 0
    /// Open and reusable now.
    public var idle = 0
    /// The most connections open at once so far.
    public var peakOpen = 0
    /// Closed by reason; the sum is `closed`.
    public var closedByReason = CountsBy<CloseReason>()

    /// All zero.
    public init() {}

    /// Open now.
    public var open: Int { active + idle }
    /// Closed because the server ended them.
    public var closedRemote: Int { closedByReason.nonZero.reduce(0) { $0 + ($1.key.isRemote ? $1.count : 0) } }
    /// Closed because we ended them.
    public var closedLocal: Int { closed - closedRemote }
}

/// TLS handshakes of one host.
public struct TLSCounts: Sendable, Equatable {
    /// Handshakes completed.
    public var handshakes = 0
    /// Completed handshakes that resumed an earlier session. The agent does not know: its TLS library can neither resume a session
    /// nor tell a resumed handshake from a full one, so `HostSnapshot.certainty` has `resumption` as unknown.
    public var resumed = 0
    /// Handshakes that failed.
    public var failed = 0

    /// All zero.
    public init() {}
}

/// Bytes of one host.
public struct ByteCounts: Sendable, Equatable {
    /// Written to sockets.
    public var sent = 0
    /// Read from sockets.
    public var received = 0

    /// Both zero.
    public init() {}
}

/// The durations of one host.
public struct LatencySet: Sendable {
    /// From the planned start (open loop) or arrival to the last response byte; successful requests only.
    public var response = LatencyHistogram()
    /// From the moment a socket was assigned to the last response byte; successful requests only.
    public var service = LatencyHistogram()
    /// From the planned start or arrival to the moment a socket was assigned.
    public var queueWait = LatencyHistogram()
    /// One lookup that asked a server.
    public var dnsLookup = LatencyHistogram()
    /// TCP connect.
    public var connect = LatencyHistogram()
    /// TLS handshake.
    public var tlsHandshake = LatencyHistogram()
    /// From the moment a socket was assigned to the first response byte.
    public var firstByte = LatencyHistogram()

    /// All empty.
    public init() {}
}
