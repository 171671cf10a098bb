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

extension LatencySet {
    /// In the order of the report.
    package static let rows: [DurationRow] = [
        DurationRow(
            "response", .latency, \.response, "From the planned start or arrival to the last byte of the response."),
        DurationRow("service", .latency, \.service, "From a connection to the last byte of the response."),
        DurationRow("queueWait", .queue, \.queueWait, "From the planned start or arrival to a connection."),
        DurationRow("dnsLookup", .dns, \.dnsLookup, "Lookups that asked a server."),
        DurationRow("connect", .latency, \.connect, "TCP connects."),
        DurationRow("tlsHandshake", .tls, \.tlsHandshake, "TLS handshakes."),
        DurationRow("firstByte", .latency, \.firstByte, "From a connection to the first byte of the response."),
    ]
}
