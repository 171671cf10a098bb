/// Bytes of one host.
public struct ByteCounts: Sendable, Equatable {
    /// Written to sockets.
    public var sent = 0
    /// Read from sockets.
    public var received = 0

    /// Both zero.
    public init() {}
}

/// The rows of these counts: each has its own, in the order of the report.
extension ByteCounts {
    static let rows: [Counter<HostMetrics>] = [
        Counter(
            "bytes.sent", .bytes, .total, .bytes, \.bytes.sent, "Bytes of HTTP written to sockets, before encryption."),
        Counter(
            "bytes.received", .bytes, .total, .bytes, \.bytes.received, "Bytes of HTTP read from sockets, decrypted."),
    ]
}
