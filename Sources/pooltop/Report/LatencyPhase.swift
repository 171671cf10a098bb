import PoolModel

/// One of the durations that are measured, by the name that reports give it.
struct LatencyPhase: Sendable {
    var name: String
    var histogram: any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable

    /// In the order of the report.
    static let all = [
        LatencyPhase(name: "response", histogram: \.response), LatencyPhase(name: "service", histogram: \.service),
        LatencyPhase(name: "queueWait", histogram: \.queueWait),
        LatencyPhase(name: "dnsLookup", histogram: \.dnsLookup), LatencyPhase(name: "connect", histogram: \.connect),
        LatencyPhase(name: "tlsHandshake", histogram: \.tlsHandshake),
        LatencyPhase(name: "firstByte", histogram: \.firstByte),
    ]
}
