import Testing

@testable import PoolModel
@testable import SessionConfig

/// A pair of snapshots made by hand: one second of warm-up, then ten seconds of measuring.
enum SnapshotFixture {
    /// 2026-11-22T12:20:53.125Z
    static let startedAt = 1_795_350_053.125

    static func plan(checks: [String] = [], warmUp: Duration = .zero) throws -> SessionPlan {
        var plan = SessionPlan(seed: 42)
        plan.targets = [
            TargetPlan(name: "catalog", url: try TargetURL.parse("http://127.0.0.1:8080/items")),
            TargetPlan(name: "payments", url: try TargetURL.parse("https://pay.test/")),
        ]
        plan.load.shape = .rate(perSecond: 100, .constant)
        plan.load.duration = .seconds(10)
        plan.load.warmUp = warmUp
        plan.checks = try checks.map(CheckExpression.parse)
        return plan
    }

    /// Nothing has happened yet.
    static var zero: AgentSnapshot {
        snapshot(
            uptime: 0, hosts: [catalog(HostMetrics(), []), payments(HostMetrics())], dns: DNSCounts(), planned: [0, 0])
    }

    /// 100 requests, 4 connections of which one is closed again, 1 request in flight and 1 waiting.
    static var first: AgentSnapshot {
        var metrics = HostMetrics()
        metrics.requests.started = 102
        metrics.requests.succeeded = 100
        metrics.requests.inFlight = 1
        metrics.requests.queued = 1
        metrics.requests.onNewConnection = 4
        metrics.requests.onReusedConnection = 97
        metrics.statuses = [200: 99, 404: 1]
        metrics.connections.dials = 5
        metrics.connections.attempts = 5
        metrics.connections.connecting = 1
        metrics.connections.opened = 4
        metrics.connections.closed = 1
        metrics.connections.active = 1
        metrics.connections.idle = 2
        metrics.connections.peakOpen = 4
        metrics.connections.closedByReason.add(to: .peerReset)
        metrics.bytes.sent = 1000
        metrics.bytes.received = 10_000
        let address = address(opened: 4, open: 3, exchanges: 101)
        var dns = DNSCounts()
        (dns.lookups, dns.misses, dns.queries) = (2, 2, 4)
        return snapshot(uptime: 1, hosts: [catalog(metrics, [address])], dns: dns, planned: [102, 0], cpu: 0.5)
    }

    /// 1,000 requests more, 3 of them failed; 6 connections more, 7 closed; and payments is there.
    static var last: AgentSnapshot {
        var metrics = first.hosts[0].metrics
        metrics.requests.started = 1102
        metrics.requests.succeeded = 1095
        metrics.requests.failed = 3
        metrics.requests.cancelled = 1
        metrics.requests.inFlight = 2
        metrics.requests.queued = 1
        metrics.requests.retried = 2
        metrics.requests.retryDecisions.add(2, to: .repeatable)
        metrics.requests.retryDecisions.add(1, to: .notIdempotent)
        metrics.requests.onNewConnection = 10
        metrics.requests.onReusedConnection = 1091
        metrics.statuses = [200: 1089, 404: 1, 503: 5]
        metrics.errors.add(2, to: .peerReset)
        metrics.errors.add(1, to: .queueTimeout)
        metrics.connections.dials = 11
        metrics.connections.attempts = 12
        metrics.connections.dialFailed = 1
        metrics.connections.connecting = 0
        metrics.connections.opened = 10
        metrics.connections.closed = 8
        metrics.connections.active = 2
        metrics.connections.idle = 0
        metrics.connections.peakOpen = 6
        metrics.connections.closedByReason.add(4, to: .idleTimeout)
        metrics.connections.closedByReason.add(3, to: .peerClosedIdle)
        metrics.bytes.sent = 11_000
        metrics.bytes.received = 110_000
        for index in 1...995 { metrics.latency.response.record(.microseconds(Int64(index * 100))) }
        for _ in 1...6 { metrics.latency.connect.record(.microseconds(250)) }
        let address = address(opened: 10, open: 2, exchanges: 1101)
        var dns = DNSCounts()
        (dns.lookups, dns.hits, dns.staleHits, dns.negativeHits) = (13, 7, 1, 1)
        (dns.misses, dns.coalesced, dns.failures, dns.queries, dns.entries) = (3, 1, 1, 6, 2)
        return snapshot(
            uptime: 11, hosts: [catalog(metrics, [address]), payments(paid)], dns: dns, planned: [1102, 1], cpu: 1.5)
    }

    private static var paid: HostMetrics {
        var metrics = HostMetrics()
        metrics.requests.started = 1
        metrics.requests.succeeded = 1
        metrics.requests.onNewConnection = 1
        metrics.statuses = [201: 1]
        metrics.connections.dials = 1
        metrics.connections.opened = 1
        metrics.connections.idle = 1
        metrics.connections.peakOpen = 1
        metrics.tls.handshakes = 1
        metrics.latency.response.record(.milliseconds(20))
        return metrics
    }

    private static func address(opened: Int, open: Int, exchanges: Int) -> AddressSnapshot {
        AddressSnapshot(
            address: "127.0.0.1:8080", connectionsOpened: opened, open: open, exchanges: exchanges, isInDNS: true,
            isSuspect: false)
    }

    private static func snapshot(
        uptime: Double, hosts: [HostSnapshot], dns: DNSCounts, planned: [Int], cpu: Double = 0
    ) -> AgentSnapshot {
        let targets = [
            LoadSnapshot.LoadTarget(
                name: "catalog", url: "http://127.0.0.1:8080/items", method: "GET", weight: 1, planned: planned[0]),
            LoadSnapshot.LoadTarget(
                name: "payments", url: "https://pay.test:443/", method: "GET", weight: 1, planned: planned[1]),
        ]
        let load = LoadSnapshot(
            isOpenLoop: true, targetPerSecond: 100, concurrency: nil, arrivals: "constant",
            planned: planned[0] + planned[1],
            sent: planned[0] + planned[1], seed: 42, paused: false, targets: targets)
        return AgentSnapshot(
            sequence: Int(uptime), takenAt: startedAt - 1 + uptime, uptimeSeconds: uptime, keepAlive: true,
            dnsCacheEnabled: true, draining: false, maxTotalSockets: 256, hosts: hosts, dns: dns, dnsRecords: [],
            load: load,
            process: ProcessSnapshot(cpuSeconds: cpu * 2, agentCPUSeconds: cpu, maxResidentBytes: 33_554_432),
            events: [],
            ignoredEvents: 0)
    }

    private static func catalog(_ metrics: HostMetrics, _ addresses: [AddressSnapshot]) -> HostSnapshot {
        host(id: 0, name: "catalog", origin: "http://127.0.0.1:8080", metrics, addresses)
    }

    private static func payments(_ metrics: HostMetrics) -> HostSnapshot {
        host(id: 1, name: "payments", origin: "https://pay.test:443", metrics, [])
    }

    private static func host(
        id: Int, name: String, origin: String, _ metrics: HostMetrics, _ addresses: [AddressSnapshot]
    ) -> HostSnapshot {
        HostSnapshot(
            id: id, name: name, origin: origin, isTLS: id == 1, keepAlive: true, keepAliveIsOwn: false, maxSockets: 64,
            maxFreeSockets: 32, idleLimitSeconds: 60, idleLimitOrigin: .own, hintTimeoutSeconds: nil, hintMax: nil,
            learnedIdleSeconds: nil, oldestWaitSeconds: nil, oldestActiveSeconds: nil, lastConnectFailure: nil,
            backoffSeconds: nil, metrics: metrics,
            certainty: id == 1 ? Certainties([.resumption: .unknown]) : Certainties(), addresses: addresses,
            sockets: nil)
    }
}
