/// The table of a host's counters. A new counter needs a property in its group, a row here, and the code that
/// increments it.
extension HostMetrics: Tabled {
    package static let counters: [Counter<HostMetrics>] = [
        Counter("requests.started", .requests, .total, .requests, \.requests.started, "Requests given to the agent."),
        Counter(
            "requests.succeeded", .requests, .total, .requests, \.requests.succeeded,
            "Requests with a complete response, whatever its status."),
        Counter("requests.failed", .errors, .total, .requests, \.requests.failed, "Requests that ended with an error."),
        Counter(
            "requests.cancelled", .requests, .total, .requests, \.requests.cancelled,
            "Requests that their caller gave up."),
        Counter(
            "requests.inFlight", .activity, .present, .requests, \.requests.inFlight, "Requests on a connection now."),
        Counter(
            "requests.queued", .queue, .present, .requests, \.requests.queued,
            "Requests that wait for a connection now."),
        Counter(
            "requests.retried", .errors, .total, .requests, \.requests.retried,
            "Requests sent again after a reused connection died."),
        Counter(
            "requests.onNewConnection", .reuse, .total, .requests, \.requests.onNewConnection,
            "Requests put on a connection that had carried none before."),
        Counter(
            "requests.onReusedConnection", .reuse, .total, .requests, \.requests.onReusedConnection,
            "Requests put on a connection that had carried another before."),
        Counter(
            "requests.retriesRefused", .errors, .total, .requests, \.requests.retriesRefused,
            "Retries that were due and refused because the budget was used up."),
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
        Counter("tls.handshakes", .tls, .total, .handshakes, \.tls.handshakes, "TLS handshakes completed."),
        Counter(
            "tls.resumed", .resumption, .total, .handshakes, \.tls.resumed,
            "TLS handshakes that resumed an earlier session."),
        Counter("tls.failed", .tls, .total, .handshakes, \.tls.failed, "TLS handshakes that failed."),
        Counter(
            "bytes.sent", .bytes, .total, .bytes, \.bytes.sent, "Bytes of HTTP written to sockets, before encryption."),
        Counter(
            "bytes.received", .bytes, .total, .bytes, \.bytes.received, "Bytes of HTTP read from sockets, decrypted."),
    ]

    package static let labelledCounters: [LabelledCounter<HostMetrics>] = [
        LabelledCounter(statuses: "statuses", .statuses, \.statuses, "Complete responses by status code."),
        LabelledCounter("errors", .errors, .requests, \.errors, "Failed requests by cause."),
        LabelledCounter(
            "requests.retryDecisions", .errors, .requests, \.requests.retryDecisions,
            "Requests whose connection died under them, by what became of them."),
        LabelledCounter(
            "connections.closedByReason", .closeReasons, .connections, \.connections.closedByReason,
            "Closed connections by reason."),
    ]
}

extension LatencySet {
    /// The rows in the order of the report.
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

extension DNSCounts: Tabled {
    package static let counters: [Counter<DNSCounts>] = [
        Counter("dns.lookups", .dns, .total, .lookups, \.lookups, "Questions asked of the DNS cache."),
        Counter("dns.hits", .dns, .total, .lookups, \.hits, "Lookups answered from the cache."),
        Counter(
            "dns.staleHits", .dns, .total, .lookups, \.staleHits,
            "Lookups answered from the cache after the TTL, because no server answered."),
        Counter(
            "dns.negativeHits", .dns, .total, .lookups, \.negativeHits,
            "Lookups answered from the cache with a failure."),
        Counter("dns.misses", .dns, .total, .lookups, \.misses, "Lookups that asked a server."),
        Counter("dns.coalesced", .dns, .total, .lookups, \.coalesced, "Lookups that joined one already on its way."),
        Counter("dns.failures", .dns, .total, .lookups, \.failures, "Lookups that asked a server and got no answer."),
        Counter("dns.queries", .dns, .total, .queries, \.queries, "DNS messages sent."),
        Counter("dns.entries", .dns, .present, .names, \.entries, "Names in the cache now."),
    ]

    package static let labelledCounters: [LabelledCounter<DNSCounts>] = []

    /// The counts gained since an earlier value; `entries` stays as it is.
    package func since(_ earlier: DNSCounts) -> DNSCounts {
        var gained = self
        gained.subtractCounts(of: earlier)
        return gained
    }
}
