import PoolModel

@testable import Diagnosis

/// A host with the figures that it would have after ten seconds of twenty requests a second.
struct Ailment {
    var host: HostSnapshot
    var gained = HostMetrics()
    var seconds = 10.0
    var service: Double?
    var firstByte: Double?
    var massClose: HostEvidence.MassClose?
    var secondsSinceChange: Double?

    /// A host that is well: 200 answers on used connections, two connections open.
    init(_ name: String, isTLS: Bool = false) {
        host = HostSnapshot(
            id: 3, name: name, origin: "\(isTLS ? "https" : "http")://\(name).pooltop.test:8080", isTLS: isTLS,
            keepAlive: true, keepAliveIsOwn: false, maxSockets: 64, maxFreeSockets: 32, idleLimitSeconds: 4,
            idleLimitOrigin: .own, inFlightAges: [], metrics: HostMetrics(),
            addresses: [
                AddressSnapshot(
                    address: "127.0.0.1:8080", connectionsOpened: 2, open: 2, exchanges: 200, isInDNS: true,
                    isSuspect: false)
            ])
        answer(200)
        open(idle: 2)
    }

    var evidence: HostEvidence {
        HostEvidence(
            host: host, gained: gained, seconds: seconds, meanServiceSeconds: service, meanFirstByteSeconds: firstByte,
            massClose: massClose, secondsSinceChange: secondsSinceChange)
    }

    var findings: HostFindings { evidence.findings() }

    /// Requests that were answered, and nothing else.
    mutating func answer(_ statuses: [Int: Int], reused: Int? = nil) {
        let count = statuses.values.reduce(0, +)
        gained.statuses = statuses
        gained.requests.started = count
        gained.requests.succeeded = count
        gained.requests.failed = 0
        gained.errors = CountsBy()
        gained.requests.onReusedConnection = reused ?? count
        gained.requests.onNewConnection = count - (reused ?? count)
        gained.connections.opened = gained.requests.onNewConnection
        service = count > 0 ? 0.002 : nil
        copyTotals()
    }

    mutating func answer(_ count: Int) { answer([200: count]) }

    /// Requests that failed instead of being answered.
    mutating func fail(_ counts: [FailureCause: Int], answered: Int = 0) {
        answer(answered)
        for (cause, count) in counts {
            gained.errors.add(count, to: cause)
            gained.requests.failed += count
            gained.requests.started += count
        }
        copyTotals()
    }

    mutating func open(active: Int = 0, idle: Int = 0, queued: Int = 0, connecting: Int = 0) {
        host.metrics.connections.active = active
        host.metrics.requests.inFlight = active
        host.metrics.connections.idle = idle
        host.metrics.requests.queued = queued
        host.metrics.connections.connecting = connecting
        if !host.addresses.isEmpty { host.addresses[0].open = active + idle }
    }

    mutating func close(_ reason: CloseReason, _ count: Int) {
        gained.connections.closed += count
        gained.connections.closedByReason.add(count, to: reason)
        copyTotals()
    }

    /// Nothing gets through: no connection is open, and requests fail with the cause of dials.
    mutating func cannotDial(_ cause: FailureCause, _ reason: TLSFailure? = nil) {
        fail([cause: 200])
        host.lastConnectFailure = cause
        host.lastTLSFailure = reason
        host.backoffSeconds = 1.4
        open()
    }

    /// A run that ends while all its requests wait for dials.
    mutating func giveUpDials(attempts: Int) {
        answer(0)
        gained.requests.started = 200
        gained.requests.cancelled = 200
        gained.connections.dials = 8
        gained.connections.dialFailed = 8
        gained.connections.attempts = attempts
        open()
    }

    mutating func hang(_ count: Int, seconds: Double, inBody: Int = 0) {
        host.inFlightAges = [InFlightAge(atLeastSeconds: seconds, requests: count, inBody: inBody)]
        host.oldestActiveSeconds = seconds
    }

    /// Everything was counted in the window.
    private mutating func copyTotals() {
        let present = host.metrics
        host.metrics = gained
        host.metrics.requests.inFlight = present.requests.inFlight
        host.metrics.requests.queued = present.requests.queued
        host.metrics.connections.active = present.connections.active
        host.metrics.connections.idle = present.connections.idle
        host.metrics.connections.connecting = present.connections.connecting
    }
}
