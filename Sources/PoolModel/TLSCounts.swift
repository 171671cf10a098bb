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

/// The rows of these counts: each has its own, in the order of the report.
extension TLSCounts {
    static let rows: [Counter<HostMetrics>] = [
        Counter("tls.handshakes", .tls, .total, .handshakes, \.tls.handshakes, "TLS handshakes completed."),
        Counter(
            "tls.resumed", .resumption, .total, .handshakes, \.tls.resumed,
            "TLS handshakes that resumed an earlier session."),
        Counter("tls.failed", .tls, .total, .handshakes, \.tls.failed, "TLS handshakes that failed."),
    ]
}
