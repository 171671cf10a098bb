import PoolModel

extension HostMetrics {
    /// The counts gained since an earlier value; figures of the present stay as they are.
    func since(_ earlier: HostMetrics) -> HostMetrics {
        var gained = self
        gained.requests = requests.since(earlier.requests)
        for (status, count) in earlier.statuses { gained.statuses[status, default: 0] -= count }
        gained.statuses = gained.statuses.filter { $0.value != 0 }
        gained.errors = errors.since(earlier.errors)
        gained.connections = connections.since(earlier.connections)
        gained.tls.handshakes -= earlier.tls.handshakes
        gained.tls.resumed -= earlier.tls.resumed
        gained.tls.failed -= earlier.tls.failed
        gained.bytes.sent -= earlier.bytes.sent
        gained.bytes.received -= earlier.bytes.received
        gained.latency = latency.since(earlier.latency)
        return gained
    }
}

extension RequestCounts {
    fileprivate func since(_ earlier: RequestCounts) -> RequestCounts {
        var gained = self
        gained.started -= earlier.started
        gained.succeeded -= earlier.succeeded
        gained.failed -= earlier.failed
        gained.cancelled -= earlier.cancelled
        gained.retried -= earlier.retried
        gained.retriesRefused -= earlier.retriesRefused
        gained.retryDecisions = retryDecisions.since(earlier.retryDecisions)
        gained.onNewConnection -= earlier.onNewConnection
        gained.onReusedConnection -= earlier.onReusedConnection
        return gained
    }
}

extension ConnectionCounts {
    /// `peakOpen` cannot be had for a window and stays the peak so far.
    fileprivate func since(_ earlier: ConnectionCounts) -> ConnectionCounts {
        var gained = self
        gained.dials -= earlier.dials
        gained.attempts -= earlier.attempts
        gained.dialFailed -= earlier.dialFailed
        gained.opened -= earlier.opened
        gained.closed -= earlier.closed
        gained.closedByReason = closedByReason.since(earlier.closedByReason)
        return gained
    }
}

extension LatencySet {
    fileprivate func since(_ earlier: LatencySet) -> LatencySet {
        var gained = LatencySet()
        for phase in LatencyPhase.all {
            gained[keyPath: phase.histogram] = self[keyPath: phase.histogram].since(earlier[keyPath: phase.histogram])
        }
        return gained
    }

    /// By the names of the report, in its order.
    var named: [(name: String, histogram: LatencyHistogram)] {
        LatencyPhase.all.map { ($0.name, self[keyPath: $0.histogram]) }
    }
}

extension DNSCounts {
    /// `entries` is a figure of the present and stays.
    func since(_ earlier: DNSCounts) -> DNSCounts {
        var gained = self
        gained.lookups -= earlier.lookups
        gained.hits -= earlier.hits
        gained.staleHits -= earlier.staleHits
        gained.negativeHits -= earlier.negativeHits
        gained.misses -= earlier.misses
        gained.coalesced -= earlier.coalesced
        gained.failures -= earlier.failures
        gained.queries -= earlier.queries
        return gained
    }
}
