import PoolModel

/// What the last ten seconds had in them, for one host or for all: the difference of two references.
struct HostWindow: Sendable {
    /// How long a stretch the figures of tables and headlines cover.
    static let seconds = 10

    var requestsPerSecond: Double?
    var openedPerSecond: Double?
    /// Exchanges on a used connection ÷ all exchanges.
    var reuse: Double?
    var exchanges = 0
    var reused = 0
    var opened = 0
    /// Dials, each of which begins with a lookup.
    var dials = 0
    /// Lookups that asked a server.
    var asked = 0
    /// Lookups answered without asking a server ÷ lookups.
    var dnsHit: Double?
    /// Failed ÷ ended.
    var failedShare: Double?
    var failed = 0
    var ended = 0
    var dominantFailure: FailureCause?
    var dominantClose: CloseReason?
    var closed = 0
    var closedRemote = 0
    /// Closed by us before the server did.
    var closedLocalPerSecond = 0.0
    var response = LatencyHistogram()
    var p50: Double?
    var p99: Double?
    var meanService: Double?

    init() {}

    init(_ host: HostReference, since before: HostReference, span: Double) {
        guard span > 0 else { return }
        let requests = host.requests
        let old = before.requests
        requestsPerSecond = Double(requests.started - old.started) / span
        opened = host.connections.opened - before.connections.opened
        openedPerSecond = Double(opened) / span
        reused = requests.onReusedConnection - old.onReusedConnection
        exchanges = reused + requests.onNewConnection - old.onNewConnection
        failed = requests.failed - old.failed
        ended = failed + requests.succeeded - old.succeeded
        dominantFailure = host.errors.since(before.errors).dominant
        let closes = host.connections.closedByReason.since(before.connections.closedByReason)
        dominantClose = closes.dominant
        closed = host.connections.closed - before.connections.closed
        closedRemote = host.connections.closedRemote - before.connections.closedRemote
        // Where the server says that it will close, it does so first, and the wait is on its side.
        let byServer = closes[.closeHeaderReceived] + closes[.http10]
        closedLocalPerSecond = Double(max(0, closed - closedRemote - byServer)) / span
        // A host given as an address never asks: its dials are no lookups.
        dials = host.phases.lookup.count > 0 ? host.connections.dials - before.connections.dials : 0
        asked = host.phases.lookup.count - before.phases.lookup.count
        response = host.response.since(before.response)
        meanService = host.phases.service.mean(since: before.phases.service)
        measure()
    }

    /// The sum over hosts.
    init(sum windows: [HostWindow]) {
        for window in windows {
            if let rate = window.requestsPerSecond { requestsPerSecond = (requestsPerSecond ?? 0) + rate }
            if let rate = window.openedPerSecond { openedPerSecond = (openedPerSecond ?? 0) + rate }
            exchanges += window.exchanges
            reused += window.reused
            opened += window.opened
            failed += window.failed
            ended += window.ended
            closed += window.closed
            closedRemote += window.closedRemote
            closedLocalPerSecond += window.closedLocalPerSecond
            dials += window.dials
            asked += window.asked
            response.merge(window.response)
        }
        measure()
    }

    private mutating func measure() {
        if exchanges > 0 { reuse = Double(reused) / Double(exchanges) }
        if ended > 0 { failedShare = Double(failed) / Double(ended) }
        if dials > 0 { dnsHit = max(0, 1 - Double(asked) / Double(dials)) }
        p50 = response.seconds(atPercentile: 50)
        p99 = response.seconds(atPercentile: 99)
    }
}
