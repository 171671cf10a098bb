internal import PoolModel

/// The figures of a host, made of what an exporter says. Each group is known as well as the facts that it is made of.
struct FiguresOfFacts: Sendable {
    private(set) var metrics = HostMetrics()
    private(set) var certainty = Certainties(
        Dictionary(uniqueKeysWithValues: FigureGroup.allCases.map { ($0, Certainty.unknown) }))
    private let facts: HostFacts
    private let traits: Dialect.Traits

    /// Connections open now; nil if nothing says it.
    static func open(_ facts: HostFacts) -> Int? {
        if let open = facts[.open] { return open }
        guard let active = facts[.active], let idle = facts[.idle] else { return nil }
        return active + idle
    }

    init(_ facts: HostFacts, _ traits: Dialect.Traits) {
        self.facts = facts
        self.traits = traits
        setActivity()
        setConnections()
        setRequests()
        setReuse()
        setOthers()
        setDurations()
        keepLast()
    }

    /// A total that nothing says this time is unknown and stays where it was: one that went back to zero would be counted
    /// again when it returns.
    private mutating func keepLast() {
        for counter in HostMetrics.counters where certainty[counter.group] == .unknown {
            switch counter.kind {
            case .total: metrics[keyPath: counter.keyPath] = facts.last[keyPath: counter.keyPath]
            case .present, .peak: break
            }
        }
        if certainty[.statuses] == .unknown { metrics.statuses = facts.last.statuses }
        if certainty[.connections] == .unknown {
            metrics.connections.closedByReason = facts.last.connections.closedByReason
        }
    }

    /// Active connections and requests on them. Where a connection carries one request, one number says the other.
    private mutating func setActivity() {
        let open = Self.open(facts)
        let isOnePer = traits.isOneRequestPerConnection && !facts.isMultiplexed
        var inFlight = facts[.inFlight]
        var active = facts[.active]
        if active == nil, let open, let idle = facts[.idle] { active = max(0, open - idle) }
        let isCounted = active != nil
        if active == nil, let open, let inFlight { active = min(open, inFlight) }
        if let all = inFlight, let active, traits.countsQueuedInFlight, isOnePer {
            inFlight = min(all, active)
            if facts[.queued] == nil {
                metrics.requests.queued = all - min(all, active)
                certainty[.queue] = .estimate
            }
        }
        if let queued = facts[.queued] {
            metrics.requests.queued = queued
            certainty[.queue] = .exact
        }
        guard let active else { return }
        let isExact = isCounted && (isOnePer || inFlight != nil)
        metrics.connections.active = active
        metrics.connections.idle = facts[.idle] ?? max(0, (open ?? active) - active)
        metrics.requests.inFlight = inFlight ?? active
        certainty[.activity] = isExact ? .exact : .estimate
    }

    private mutating func setConnections() {
        let open = metrics.connections.open
        metrics.connections.peakOpen = facts.peakOpen
        let failed = facts[.connectFailed]
        var opened = facts[.opened]
        let closed = facts[.closed].map { $0 + facts.lostConnections }
        let isCounted = opened != nil && closed != nil
        if opened == nil, traits.opensAreClosesAndOpen, let closed { opened = closed + open }
        if opened == nil, traits.opensAreAttempts, let attempts = facts[.attempts] {
            opened = max(0, attempts - (failed ?? 0))
        }
        if let attempts = facts[.attempts] {
            metrics.connections.dials = attempts
            metrics.connections.attempts = attempts
            metrics.connections.dialFailed = failed ?? 0
            certainty[.dials] = failed == nil ? .unknown : .estimate
        }
        guard let opened, certainty[.activity] != .unknown else { return }
        let least = max(closed ?? 0, facts.last.connections.closed) + open
        metrics.connections.opened = max(opened, facts.last.connections.opened, least)
        // A counter and a gauge may be a connection apart.
        metrics.connections.closed = metrics.connections.opened - open
        certainty[.connections] = isCounted || traits.opensAreClosesAndOpen ? .exact : .estimate
        setReasons(of: metrics.connections.closed)
    }

    /// Reasons add up to the connections closed, also where nothing says them.
    private mutating func setReasons(of closed: Int) {
        guard var local = facts[.closedLocal], var remote = facts[.closedRemote] else {
            return metrics.connections.closedByReason.add(closed, to: .closerUnknown)
        }
        if traits.closesIncludeFailedConnects {
            let timedOut = facts[.connectTimedOut] ?? 0
            local = max(0, local - timedOut)
            remote = max(0, remote - max(0, (facts[.connectFailed] ?? 0) - timedOut))
        }
        remote = min(remote, closed)
        local = min(local, closed - remote)
        var left = local
        func take(_ fact: Fact, _ reason: CloseReason) {
            let count = min(left, facts[fact] ?? 0)
            metrics.connections.closedByReason.add(count, to: reason)
            left -= count
        }
        take(.closedIdle, .idleTimeout)
        take(.closedLifetime, .lifetime)
        take(.closedMaxRequests, .maxRequests)
        metrics.connections.closedByReason.add(left, to: .closedByProcess)
        let active = min(remote, facts[.closedRemoteActive] ?? 0)
        metrics.connections.closedByReason.add(active, to: .peerClosedActive)
        metrics.connections.closedByReason.add(remote - active, to: .peerClosedIdle)
        metrics.connections.closedByReason.add(closed - local - remote, to: .closerUnknown)
        certainty[.closer] = .estimate
        certainty[.closeReasons] = .estimate
    }

    private mutating func setRequests() {
        guard let answered = facts[.answered] ?? facts[.ended] else { return }
        let (inFlight, queued) = (metrics.requests.inFlight, metrics.requests.queued)
        var failed = facts[.failed]
        certainty[.errors] = failed == nil ? .unknown : .exact
        if failed == nil, let sent = facts[.sent] {
            failed = max(0, sent - answered - inFlight)
            certainty[.errors] = .estimate
        }
        metrics.requests.succeeded = answered
        metrics.requests.failed = failed ?? 0
        metrics.requests.cancelled = facts[.cancelled] ?? 0
        metrics.requests.retried = facts[.retried] ?? 0
        metrics.requests.started =
            answered + metrics.requests.failed + metrics.requests.cancelled + inFlight + queued
        let isCounted = facts[.sent] == nil && failed != nil && certainty[.activity] == .exact
        certainty[.requests] = isCounted ? .exact : .estimate
        guard facts.saysStatuses else { return }
        for case (.status(let code), let count) in facts.totals where count > 0 {
            metrics.statuses[code] = Int(count.rounded())
        }
        certainty[.statuses] = facts.hasStatusClasses ? .estimate : .exact
    }

    /// Each connection carried one request first, if it carried any; the rest reused one.
    private mutating func setReuse() {
        guard certainty[.requests] != .unknown else { return }
        let requests = metrics.requests
        let exchanges = requests.succeeded + requests.failed + requests.inFlight
        let last = facts.last.requests
        if let reused = facts[.onReused] {
            metrics.requests.onReusedConnection = reused
            metrics.requests.onNewConnection = max(last.onNewConnection, exchanges - reused)
        } else if certainty[.connections] != .unknown {
            let most = max(last.onNewConnection, exchanges - last.onReusedConnection)
            let new = min(max(min(exchanges, metrics.connections.opened), last.onNewConnection), most)
            metrics.requests.onNewConnection = new
            metrics.requests.onReusedConnection = max(last.onReusedConnection, exchanges - new)
        } else {
            return
        }
        certainty[.reuse] = .estimate
    }

    private mutating func setOthers() {
        if let sent = facts[.bytesSent], let received = facts[.bytesReceived] {
            (metrics.bytes.sent, metrics.bytes.received) = (sent, received)
            certainty[.bytes] = .exact
        }
        if let handshakes = facts[.handshakes], let failed = facts[.handshakesFailed] {
            (metrics.tls.handshakes, metrics.tls.failed) = (handshakes, failed)
            certainty[.tls] = .exact
        }
        if let resumed = facts[.resumed] {
            metrics.tls.resumed = resumed
            certainty[.resumption] = .exact
        }
        // Keep-alive belongs to this group and is not said, so no limit makes it more than an estimate.
        if facts[.socketLimit] != nil { certainty[.limits] = .estimate }
    }

    /// Percentiles of buckets are estimates. A distribution makes no other group known: there may be a time in the queue
    /// where nothing says how many wait.
    private mutating func setDurations() {
        for (index, row) in LatencySet.rows.enumerated() {
            guard let histogram = facts.durations(index) else { continue }
            metrics.latency[keyPath: row.histogram] = histogram
            if row.group == .latency || certainty[row.group] == .exact { certainty[row.group] = .estimate }
        }
    }
}
