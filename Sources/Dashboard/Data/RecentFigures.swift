import PoolModel

/// The figures of the last ten seconds, for one host or for all: the difference between two references.
struct RecentFigures: Sendable {
    /// The time span of the figures in tables and headlines.
    static let seconds = 10

    var requestsPerSecond: Figure<Double> = .absent
    var openedPerSecond: Figure<Double> = .absent
    /// Exchanges on reused connections ÷ all exchanges.
    var reuse: Figure<Double> = .absent
    var exchanges: Figure<Int> = .absent
    var reused: Figure<Int> = .absent
    var opened: Figure<Int> = .absent
    /// Dials; each begins with a lookup.
    var dials: Figure<Int> = .absent
    /// Lookups that were forwarded to a server.
    var asked: Figure<Int> = .absent
    /// Lookups answered from the cache ÷ all lookups.
    var dnsHit: Figure<Double> = .absent
    /// Dials whose lookup asked no server.
    var fromCache: Figure<Int> { dials.with(asked) { max(0, $0 - $1) } }
    /// Failed ÷ ended.
    var failedShare: Figure<Double> = .absent
    var failed: Figure<Int> = .absent
    var ended: Figure<Int> = .absent
    /// nil if none failed or the causes are unknown.
    var dominantFailure: FailureCause?
    var dominantClose: Figure<CloseReason> = .absent
    /// Closed by us before the server did.
    var closedLocalPerSecond: Figure<Double> = .absent
    var response: Figure<LatencyHistogram> = .absent
    /// Quantiles of the answers, and of what is in flight longer than them.
    var quantile50: Figure<Quantile> = .absent
    var quantile99: Figure<Quantile> = .absent
    /// Requests in flight for a second or more at the end of the stretch.
    var inFlightAges: [InFlightAge] = []
    var p50: Figure<Double> { quantile50.map { $0.seconds } }
    var p99: Figure<Double> { quantile99.map { $0.seconds } }
    var meanService: Figure<Double> = .absent
    /// Nil where none came, and where it is unknown.
    var meanFirstByte: Double?
    /// Complete responses, whatever their status.
    var answeredPerSecond: Figure<Double> = .absent
    /// Complete responses that say that the request is at fault, or the server.
    var status4xx: Figure<Int> = .absent
    var status5xx: Figure<Int> = .absent
    /// Fewer requests are answered than are made, by more than a few percent.
    var isBehind: Bool {
        guard let started = requestsPerSecond.value, let answered = answeredPerSecond.value else { return false }
        return answered < started * 0.95 && started - answered >= 0.5
    }
    /// Requests without a response, and responses of 4xx and 5xx.
    var unsuccessful: Figure<Int> = .absent
    /// `unsuccessful` ÷ `ended`.
    var unsuccessfulShare: Figure<Double> = .absent
    /// The counts of one host, for its diagnosis; of no use where they are unknown.
    var gained = HostMetrics()
    /// How long the stretch is; zero where there is none yet.
    var spanSeconds = 0.0

    init() {}

    init(_ host: HostReference, since before: HostReference, span: Double) {
        func figure<Value>(_ value: Value?, _ groups: FigureGroup...) -> Figure<Value> {
            Figure(span > 0 ? value : nil, host.certainty.isExact ? .exact : host.certainty.of(groups))
        }
        let requests = host.requests
        let old = before.requests
        requestsPerSecond = figure(requests.started - old.started, .requests).perSecond(in: span)
        opened = figure(host.connections.opened - before.connections.opened, .connections)
        openedPerSecond = opened.perSecond(in: span)
        reused = figure(requests.onReusedConnection - old.onReusedConnection, .reuse)
        exchanges = reused + figure(requests.onNewConnection - old.onNewConnection, .reuse)
        failed = figure(requests.failed - old.failed, .errors)
        ended = failed + figure(requests.succeeded - old.succeeded, .requests)
        dominantFailure = host.certainty[.errors] == .unknown ? nil : host.errors.since(before.errors).dominant
        let closes = host.connections.closedByReason.since(before.connections.closedByReason)
        dominantClose = figure(closes.dominant, .closeReasons)
        let closed = host.connections.closed - before.connections.closed
        let closedRemote = host.connections.closedRemote - before.connections.closedRemote
        // If the server announces the close, it also closes first, so the TIME_WAIT state is on its side.
        let byServer = closes[.closeHeaderReceived] + closes[.http10]
        closedLocalPerSecond = figure(max(0, closed - closedRemote - byServer), .connections, .closer)
            .perSecond(in: span)
        // A host given as an address is never looked up, so its dials are not lookups.
        dials = figure(
            host.phases.lookup.count > 0 ? host.connections.dials - before.connections.dials : 0, .dials, .dns)
        asked = figure(host.phases.lookup.count - before.phases.lookup.count, .dns)
        response = figure(host.response.since(before.response), .latency)
        meanService = figure(host.phases.service.mean(since: before.phases.service), .latency)
        meanFirstByte = figure(host.phases.firstByte.mean(since: before.phases.firstByte), .latency).value
        spanSeconds = max(0, span)
        if span > 0 { gained = host.gained(since: before, response: response.value ?? LatencyHistogram()) }
        if host.certainty[.activity] != .unknown { inFlightAges = host.inFlightAges }
        answeredPerSecond = figure(requests.succeeded - old.succeeded, .requests).perSecond(in: span)
        status4xx = figure(gained.statuses.count(ofClass: 4), .statuses)
        status5xx = figure(gained.statuses.count(ofClass: 5), .statuses)
        measure()
    }

    /// The sum over hosts. A figure that is unknown for one of them is unknown in the sum.
    init(sum windows: [RecentFigures]) {
        func sum<Value: AdditiveArithmetic>(_ figure: KeyPath<RecentFigures, Figure<Value>>) -> Figure<Value> {
            .sum(windows.lazy.map { $0[keyPath: figure] })
        }
        requestsPerSecond = sum(\.requestsPerSecond)
        openedPerSecond = sum(\.openedPerSecond)
        exchanges = sum(\.exchanges)
        reused = sum(\.reused)
        opened = sum(\.opened)
        failed = sum(\.failed)
        ended = sum(\.ended)
        closedLocalPerSecond = sum(\.closedLocalPerSecond)
        answeredPerSecond = sum(\.answeredPerSecond)
        status4xx = sum(\.status4xx)
        status5xx = sum(\.status5xx)
        dials = sum(\.dials)
        asked = sum(\.asked)
        var all = LatencyHistogram()
        for window in windows { if let durations = window.response.value { all.merge(durations) } }
        for window in windows { inFlightAges.merge(window.inFlightAges) }
        response = Figure(all, windows.map(\.response.certainty).max() ?? .exact)
        measure()
    }

    private mutating func measure() {
        reuse = reused.ratio(to: exchanges)
        failedShare = failed.ratio(to: ended)
        // Where statuses are not known, failures without a response are all that is.
        unsuccessful = status5xx.isUnknown ? failed : failed + status4xx + status5xx
        unsuccessfulShare = unsuccessful.ratio(to: ended)
        dnsHit = asked.with(dials) { $1 > 0 ? max(0, 1 - Double($0) / Double($1)) : nil }
        quantile50 = response.map { $0.quantile(50, inFlight: inFlightAges) }
        quantile99 = response.map { $0.quantile(99, inFlight: inFlightAges) }
    }
}
