import Downstream
import PoolModel
import TestSupport
import Testing

/// The six equations of the books (BEHAVIOUR §6), each checked wherever a snapshot is looked at.
struct BookCheck: Sendable {
    private(set) var count = 0
    private(set) var complaints: [String] = []

    mutating func check(_ snapshot: AgentSnapshot) {
        count += 1
        for host in snapshot.hosts { check(host.metrics, host.name) }
        let dns = snapshot.dns
        demand(
            dns.lookups == dns.hits + dns.staleHits + dns.negativeHits + dns.misses + dns.coalesced, "lookups: \(dns)")
    }

    private mutating func check(_ metrics: HostMetrics, _ name: String) {
        let (requests, connections) = (metrics.requests, metrics.connections)
        demand(
            requests.started == requests.succeeded + requests.failed + requests.cancelled + requests.inFlight
                + requests.queued, "\(name): started: \(requests)")
        demand(
            connections.opened == connections.closed + connections.idle + connections.active,
            "\(name): opened: \(connections)")
        demand(
            connections.dials == connections.opened + connections.dialFailed + connections.connecting,
            "\(name): dials: \(connections)")
        demand(
            connections.closed == connections.closedByReason.nonZero.reduce(0) { $0 + $1.count },
            "\(name): closed: \(connections)")
        // Each exchange is the request's first or a retry; what failed unwritten or still waits was on none.
        let exchanges = requests.onNewConnection + requests.onReusedConnection
        demand(
            exchanges >= requests.succeeded && exchanges <= requests.started + requests.retried,
            "\(name): exchanges: \(requests)")
        demand(requests.onNewConnection <= connections.opened, "\(name): first uses: \(requests) \(connections)")
    }

    private mutating func demand(_ condition: Bool, _ what: String) {
        if !condition, complaints.count < 10 { complaints.append(what) }
    }
}

extension AgentSnapshot {
    func host(_ name: String) -> HostMetrics {
        guard let host = hosts.first(where: { $0.name == name }) else { preconditionFailure("no host \(name)") }
        return host.metrics
    }
}

extension HostMetrics {
    var exchanges: Int { requests.onNewConnection + requests.onReusedConnection }
    var closes: [CloseReason: Int] {
        Dictionary(uniqueKeysWithValues: connections.closedByReason.nonZero.map { ($0.key, $0.count) })
    }
    var failures: [FailureCause: Int] {
        Dictionary(uniqueKeysWithValues: errors.nonZero.map { ($0.key, $0.count) })
    }
}

/// Both sides' counts of the same deeds are the same. Nothing may be in progress.
func expectAgreement(
    _ rig: Rig, _ fleet: DownstreamFleet, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    for endpoint in fleet.endpoints {
        // Each side learns of the other's last deeds a moment later.
        try await eventually("\(endpoint.name): both sides have seen all") {
            let ours = try await rig.metrics(endpoint.name)
            let theirs = try await fleet.stats(endpoint.name)
            return theirs.open == ours.connections.open && theirs.accepted >= ours.connections.opened
                && theirs.requests >= ours.exchanges
        }
        let snapshot = try await rig.snapshot()
        let ours = snapshot.host(endpoint.name)
        let theirs = try await fleet.stats(endpoint.name)
        // A connect that took so long that another address was tried too may have been accepted and lost the race.
        let lost = max(0, ours.connections.attempts - ours.connections.dials)
        let accepted = ours.connections.opened...(ours.connections.opened + lost)
        #expect(accepted.contains(theirs.accepted), "\(endpoint.name)", sourceLocation: sourceLocation)
        #expect(theirs.requests == ours.exchanges, "\(endpoint.name)", sourceLocation: sourceLocation)
        #expect(theirs.tlsHandshakes == ours.tls.handshakes, "\(endpoint.name)", sourceLocation: sourceLocation)
        #expect(theirs.rejected == 0, "\(endpoint.name)", sourceLocation: sourceLocation)
        let addresses = snapshot.hosts.first { $0.name == endpoint.name }?.addresses ?? []
        for (address, accepted) in theirs.acceptedByAddress {
            let opened = addresses.first { $0.address == "\(address):\(endpoint.port)" }?.connectionsOpened ?? 0
            #expect(
                (opened...(opened + lost)).contains(accepted), "\(endpoint.name) \(address)",
                sourceLocation: sourceLocation)
        }
    }
    // A record may be asked again for between the two looks.
    try await eventually("as many DNS queries as the server has seen") {
        try await fleet.dnsStats().queries == rig.snapshot().dns.queries
    }
}
