/// The table of a host's counts. A new count is a property of its group, a row here, and the place that counts it.
extension HostMetrics: Tabled {
    package static let counters: [Counter<HostMetrics>] = [
        Counter("requests.started", .total, .requests, \.requests.started, "Requests given to the agent."),
        Counter(
            "requests.succeeded", .total, .requests, \.requests.succeeded,
            "Requests with a complete response, whatever its status."),
        Counter("requests.failed", .total, .requests, \.requests.failed, "Requests that ended with an error."),
        Counter("requests.cancelled", .total, .requests, \.requests.cancelled, "Requests that their caller gave up."),
        Counter("requests.inFlight", .present, .requests, \.requests.inFlight, "Requests on a connection now."),
        Counter("requests.queued", .present, .requests, \.requests.queued, "Requests that wait for a connection now."),
        Counter(
            "requests.retried", .total, .requests, \.requests.retried,
            "Requests sent again after a reused connection died."),
        Counter(
            "requests.onNewConnection", .total, .requests, \.requests.onNewConnection,
            "Requests put on a connection that had carried none before."),
        Counter(
            "requests.onReusedConnection", .total, .requests, \.requests.onReusedConnection,
            "Requests put on a connection that had carried another before."),
        Counter(
            "requests.retriesRefused", .total, .requests, \.requests.retriesRefused,
            "Retries that were due and refused because the budget was used up."),
        Counter("connections.dials", .total, .dials, \.connections.dials, "Dials begun, each from its lookup on."),
        Counter(
            "connections.dialFailed", .total, .dials, \.connections.dialFailed,
            "Dials that ended without a ready connection."),
        Counter("connections.connecting", .present, .dials, \.connections.connecting, "Dials in progress now."),
        Counter(
            "connections.opened", .total, .connections, \.connections.opened,
            "Connections established, for https after the handshake."),
        Counter(
            "connections.closed", .total, .connections, \.connections.closed,
            "Established connections that were closed."),
        Counter(
            "connections.active", .present, .connections, \.connections.active,
            "Connections that carry a request now."),
        Counter(
            "connections.idle", .present, .connections, \.connections.idle, "Connections that are open and free now."),
        Counter(
            "connections.peakOpen", .peak, .connections, \.connections.peakOpen,
            "The most connections open at once so far."),
        Counter(
            "connections.attempts", .total, .dials, \.connections.attempts,
            "TCP connects begun; a dial may try several addresses."),
        Counter("tls.handshakes", .total, .handshakes, \.tls.handshakes, "TLS handshakes completed."),
        Counter("tls.resumed", .total, .handshakes, \.tls.resumed, "TLS handshakes that resumed an earlier session."),
        Counter("tls.failed", .total, .handshakes, \.tls.failed, "TLS handshakes that failed."),
        Counter("bytes.sent", .total, .bytes, \.bytes.sent, "Bytes of HTTP written to sockets, before encryption."),
        Counter("bytes.received", .total, .bytes, \.bytes.received, "Bytes of HTTP read from sockets, decrypted."),
    ]

    package static let labelledCounters: [LabelledCounter<HostMetrics>] = [
        LabelledCounter(statuses: "statuses", \.statuses, "Complete responses by status code."),
        LabelledCounter("errors", .requests, \.errors, "Failed requests by cause."),
        LabelledCounter(
            "requests.retryDecisions", .requests, \.requests.retryDecisions,
            "Requests whose connection died under them, by what became of them."),
        LabelledCounter(
            "connections.closedByReason", .connections, \.connections.closedByReason, "Closed connections by reason."),
    ]
}

extension LatencySet {
    /// In the order of the report.
    package static let rows: [DurationRow] = [
        DurationRow("response", \.response, "From the planned start or arrival to the last byte of the response."),
        DurationRow("service", \.service, "From a connection to the last byte of the response."),
        DurationRow("queueWait", \.queueWait, "From the planned start or arrival to a connection."),
        DurationRow("dnsLookup", \.dnsLookup, "Lookups that asked a server."),
        DurationRow("connect", \.connect, "TCP connects."),
        DurationRow("tlsHandshake", \.tlsHandshake, "TLS handshakes."),
        DurationRow("firstByte", \.firstByte, "From a connection to the first byte of the response."),
    ]
}

extension DNSCounts: Tabled {
    package static let counters: [Counter<DNSCounts>] = [
        Counter("dns.lookups", .total, .lookups, \.lookups, "Questions asked of the DNS cache."),
        Counter("dns.hits", .total, .lookups, \.hits, "Lookups answered from the cache."),
        Counter(
            "dns.staleHits", .total, .lookups, \.staleHits,
            "Lookups answered from the cache after the TTL, because no server answered."),
        Counter(
            "dns.negativeHits", .total, .lookups, \.negativeHits, "Lookups answered from the cache with a failure."),
        Counter("dns.misses", .total, .lookups, \.misses, "Lookups that asked a server."),
        Counter("dns.coalesced", .total, .lookups, \.coalesced, "Lookups that joined one already on its way."),
        Counter("dns.failures", .total, .lookups, \.failures, "Lookups that asked a server and got no answer."),
        Counter("dns.queries", .total, .queries, \.queries, "DNS messages sent."),
        Counter("dns.entries", .present, .names, \.entries, "Names in the cache now."),
    ]

    package static let labelledCounters: [LabelledCounter<DNSCounts>] = []

    /// The counts gained since an earlier value; `entries` stays as it is.
    package func since(_ earlier: DNSCounts) -> DNSCounts {
        var gained = self
        gained.subtractCounts(of: earlier)
        return gained
    }
}
