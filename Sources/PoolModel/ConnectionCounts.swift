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

/// The rows of these counts: each has its own, in the order of the report.
extension ConnectionCounts {
    static let rows: [Counter<HostMetrics>] = [
        Counter(
            "connections.dials", .dials, .total, .dials, \.connections.dials, "Dials begun, each from its lookup on."),
        Counter(
            "connections.dialFailed", .dials, .total, .dials, \.connections.dialFailed,
            "Dials that ended without a ready connection."),
        Counter("connections.connecting", .dials, .present, .dials, \.connections.connecting, "Dials in progress now."),
        Counter(
            "connections.opened", .connections, .total, .connections, \.connections.opened,
            "Connections established, for https after the handshake."),
        Counter(
            "connections.closed", .connections, .total, .connections, \.connections.closed,
            "Established connections that were closed."),
        Counter(
            "connections.active", .activity, .present, .connections, \.connections.active,
            "Connections that carry a request now."),
        Counter(
            "connections.idle", .activity, .present, .connections, \.connections.idle,
            "Connections that are open and free now."),
        Counter(
            "connections.peakOpen", .connections, .peak, .connections, \.connections.peakOpen,
            "The most connections open at once so far."),
        Counter(
            "connections.attempts", .dials, .total, .dials, \.connections.attempts,
            "TCP connects begun; a dial may try several addresses."),
    ]

    static let labelledRows: [LabelledCounter<HostMetrics>] = [
        LabelledCounter(
            "connections.closedByReason", .closeReasons, .connections, \.connections.closedByReason,
            "Closed connections by reason.")
    ]
}
