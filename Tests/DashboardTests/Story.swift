@testable import Dashboard
@testable import PoolModel

/// A story of snapshots made by hand: seven downstreams at about 3,333 requests a second, with HTTP keep-alive off at
/// first, switched on by a mark, and then on. Deterministic to the last digit.
struct Story {
    static let markAt = 40.0
    static let names = ["catalog", "search", "payments", "legacy", "ledger", "images", "flaky"]

    /// Requests a second of each host.
    var rates = [1200, 700, 500, 250, 333, 200, 150]
    /// Median service times in milliseconds.
    var medians = [0.6, 38.0, 4.0, 1.2, 0.8, 3.5, 1.5]
    var hosts: [HostSnapshot]
    var keepAlive = false
    var uptime = 0.0
    var sequence = 0
    var queries = 0
    var cpu = 0.0
    var events: [AgentNotice] = []
    /// Hosts that refuse every connection.
    var refusing: Set<Int> = []
    private var noise = Noise(state: 42)
    private var fullSets: [LatencyHistogram] = []

    init() {
        hosts = Self.names.enumerated().map { id, name in Self.host(id: id, name: name) }
        fullSets = zip(rates, medians).map { rate, median in Self.second(of: rate, median: median) }
        events.append(
            AgentNotice(
                level: .info, uptimeSeconds: 0, hostID: nil,
                text: "agent started: 64 sockets a host, 256 in all, idle limit 60 s"))
        events.append(
            AgentNotice(
                level: .info, uptimeSeconds: 0.1, hostID: nil,
                text: "generator: 7 targets, 3,333 requests a second, poisson arrivals, seed 42"))
    }

    /// The model after the story so far, and the story to go on with: off for 40 s, then on.
    static func played(
        glyphs: GlyphSet = .braille, until end: Double = 90, configure: (inout Configuration) -> Void = { _ in }
    ) -> (model: Model, story: Story) {
        var configuration = Configuration()
        configuration.glyphs = glyphs
        configure(&configuration)
        var model = Model(configuration: configuration)
        var story = Story()
        story.tell(until: end, to: &model)
        return (model, story)
    }

    static func told(glyphs: GlyphSet = .braille, until end: Double = 90) -> Model {
        played(glyphs: glyphs, until: end).model
    }

    /// Goes on second by second and gives every snapshot to the model.
    mutating func tell(until end: Double, to model: inout Model) {
        if uptime == 0 { give(to: &model) }
        while uptime < end {
            step()
            give(to: &model)
        }
    }

    mutating func give(to model: inout Model) {
        _ = update(&model, .tick(Moment(nanoseconds: .seconds(1000 + uptime))))
        _ = update(&model, .snapshot(snapshot(socketsOf: model.wantsSockets), utcOffsetSeconds: 3600))
        events = []
    }

    /// One more second goes by.
    mutating func step() {
        uptime += 1
        sequence += 1
        if uptime == Self.markAt { switchKeepAlive(true) }
        if uptime == 12 { warnLegacy() }
        for index in hosts.indices { step(host: index) }
        let opened = hosts.reduce(0) { $0 + $1.metrics.connections.dials }
        queries = keepAlive ? queries + 2 : max(queries, opened * 2)
        let perRequest = keepAlive ? 0.000_021 : 0.000_172
        cpu += 3333 * perRequest * (1 + Double(noise.next(40)) / 1000)
    }

    mutating func switchKeepAlive(_ isOn: Bool) {
        keepAlive = isOn
        for index in hosts.indices { hosts[index].keepAlive = isOn }
        events.append(
            AgentNotice(
                level: .mark, uptimeSeconds: uptime - 0.5, hostID: nil, label: isOn ? "K on" : "K off",
                text: "HTTP keep-alive \(isOn ? "off ▸ on" : "on ▸ off") for all hosts"))
    }

    private mutating func warnLegacy() {
        events.append(
            AgentNotice(
                level: .warn, uptimeSeconds: uptime - 0.2, hostID: 3,
                text: "legacy sends Connection: close on every response; keep-alive cannot help this host"))
    }

    private mutating func step(host id: Int) {
        let rate = rates[id] + noise.next(rates[id] / 12 + 1) - rates[id] / 24
        if refusing.contains(id) { return refuse(id, rate) }
        var metrics = hosts[id].metrics
        let justSwitched = keepAlive && uptime < Self.markAt + 2
        let perSecond = [0, 0, 1, rate, 2, 2, 3][id]
        let opened = keepAlive ? (justSwitched && id != 3 ? rate / 3 : perSecond) : rate
        metrics.requests.started += rate
        metrics.requests.succeeded += id == 6 ? rate - rate / 100 : rate
        if id == 6 {
            metrics.requests.failed += rate / 100
            metrics.errors.add(rate / 100, to: .peerReset)
        }
        metrics.requests.onNewConnection += opened
        metrics.requests.onReusedConnection += rate - opened
        metrics.connections.dials += opened
        metrics.connections.opened += opened
        settle(&metrics.connections, id: id)
        metrics.latency.response.merge(fullSets[id])
        metrics.latency.service.merge(fullSets[id])
        record(&metrics, id: id, opened: opened)
        hosts[id].metrics = metrics
        hosts[id].addresses = addresses(id, metrics)
        if id == 4, keepAlive, uptime > Self.markAt + 8 { hosts[id].learnedIdleSeconds = 2 }
    }

    /// Sets the open connections; the others that were opened have been closed for the host's usual reason.
    private func settle(_ connections: inout ConnectionCounts, id: Int) {
        connections.active = [1, 31, 2, 1, 1, 1, 1][id]
        connections.idle = keepAlive ? [11, 28, 9, 0, 5, 6, 4][id] : 0
        connections.peakOpen = max(connections.peakOpen, connections.open)
        let closed = connections.opened - connections.open
        let reason: CloseReason =
            keepAlive
            ? [
                .idleTimeout, .idleTimeout, .idleLimitHost, .closeHeaderReceived, .peerClosedIdle, .maxRequests,
                .peerReset,
            ][id]
            : id == 3 ? .closeHeaderReceived : .closeHeaderSent
        if closed > connections.closed {
            connections.closedByReason.add(closed - connections.closed, to: reason)
            connections.closed = closed
        }
    }

    private func record(_ metrics: inout HostMetrics, id: Int, opened: Int) {
        guard opened > 0 else { return }
        metrics.latency.connect.record(.microseconds(180))
        metrics.latency.dnsLookup.record(.microseconds(420))
        if id == 2 {
            metrics.tls.handshakes += opened
            metrics.latency.tlsHandshake.record(.microseconds(2600))
        }
        // Without the cache every dial asks a server.
        if !keepAlive, opened > 1 {
            for _ in 0..<min(opened, 40) { metrics.latency.dnsLookup.record(.microseconds(400)) }
        }
        metrics.latency.firstByte.record(.seconds(medians[id] / 1000))
        metrics.latency.queueWait.record(.microseconds(12))
    }

    private mutating func refuse(_ id: Int, _ rate: Int) {
        hosts[id].metrics.requests.started += rate
        hosts[id].metrics.requests.failed += rate
        hosts[id].metrics.errors.add(rate, to: .connectRefused)
        hosts[id].metrics.connections.dials += 3
        hosts[id].metrics.connections.dialFailed += 3
        hosts[id].metrics.connections.active = 0
        hosts[id].metrics.connections.idle = 0
        hosts[id].lastConnectFailure = .connectRefused
        hosts[id].backoffSeconds = 1.6
    }
}
