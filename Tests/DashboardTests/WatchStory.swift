@testable import Dashboard
@testable import PoolModel

/// A machine as the kernel tells of it, made by hand: a service without keep-alive, one with it, one that speaks HTTP/2, a
/// short command, and sockets of a user who cannot be read. Deterministic to the last digit.
struct WatchStory {
    /// The process that was chosen; nil: none.
    var pid: Int?
    var second = 0
    /// The list of processes, or none.
    var listsProcesses = true
    var notes = [
        SourceNote(.unreadable, count: 3, subject: "ann"), SourceNote(.sharesEstimated, count: 1203),
    ]
    /// The chosen process has ended.
    var hasEnded = false
    var kernelSees = 0
    var certainty = Certainties.watched

    /// The model after so many seconds.
    static func model(
        _ keys: [Key] = [], pid: Int? = nil, until end: Int = 70, width: Int = 120, height: Int = 36,
        glyphs: GlyphSet = .braille, configure: (inout WatchStory) -> Void = { _ in }
    ) -> Model {
        var configuration = Configuration()
        configuration.isWatch = true
        configuration.beginsWithProcesses = pid == nil
        configuration.source = "watch"
        configuration.glyphs = glyphs
        configuration.capabilities = .watch
        var model = Model(configuration: configuration)
        _ = update(&model, .resize(width: width, height: height))
        var story = WatchStory(pid: pid)
        configure(&story)
        for second in 0...end {
            story.second = second
            story.give(to: &model)
        }
        for key in keys { _ = update(&model, .key(key)) }
        if model.wantsSockets != nil { story.give(to: &model) }
        return model
    }

    func give(to model: inout Model) {
        _ = update(&model, .snapshot(snapshot(socketsOf: model.wantsSockets), utcOffsetSeconds: 0))
        _ = update(&model, .tick(Moment(nanoseconds: .seconds(Double(1000 + second)))))
    }

    func snapshot(socketsOf wanted: Int? = nil) -> AgentSnapshot {
        let names = pid == nil ? ["payments", "ledger", "billing-db", "mesh"] : ["payments", "ledger"]
        var hosts = names.enumerated().map { host($0, $1) }
        if let wanted, hosts.indices.contains(wanted) { hosts[wanted].sockets = sockets(of: wanted) }
        var dns = DNSCounts()
        dns.queries = 660 * second
        let opened = hosts.reduce(0) { $0 + $1.metrics.connections.opened }
        return AgentSnapshot(
            sequence: second, takenAt: 1_763_805_600 + Double(second), uptimeSeconds: Double(second), keepAlive: true,
            dnsCacheEnabled: true, draining: false, maxTotalSockets: 0, hosts: hosts, dns: dns, dnsRecords: [],
            process: ProcessSnapshot(cpuSeconds: 0.62 * Double(second), agentCPUSeconds: 0.62 * Double(second)),
            events: [], ignoredEvents: 0,
            source: SourceSnapshot(
                kind: .watch, name: pid == nil ? "" : "node app.js", pid: pid,
                scope: pid == nil ? .namespace : .process,
                notes: notes + (hasEnded ? [SourceNote(.processEnded)] : []),
                kernel: KernelCount(opened: opened + kernelSees, seen: opened, agrees: kernelSees == 0),
                processes: listsProcesses ? processes : nil))
    }

    var processes: [ProcessRow] {
        let curlSeconds = min(second, 40)
        return [
            ProcessRow(
                pid: 4711, command: "node app.js", user: "web", hosts: 2, open: 43, opened: 330 * second,
                closed: 329 * second, closedByUs: 329 * second, requests: 333 * second,
                connectionsCertainty: .estimate, lookups: 660 * second, cpuSeconds: 90 + 0.62 * Double(second),
                hasEnded: hasEnded),
            ProcessRow(
                pid: 5120, command: "java -jar billing.jar", user: "web", hosts: 1, open: 62, opened: second / 5,
                closed: second / 6, closedByPeer: second / 6, requests: 410 * second, lookups: second / 10,
                cpuSeconds: 800 + 0.18 * Double(second)),
            ProcessRow(
                pid: 7044, command: "envoy -c /etc/envoy.yaml", user: "envoy", hosts: 1, open: 9, opened: 9,
                requestsCertainty: .unknown, lookups: 0, cpuSeconds: 0.03 * Double(second)),
            ProcessRow(
                pid: 9001, command: "curl http://ledger/\u{1B}[31m", user: "ann", hosts: 1, open: 0,
                opened: curlSeconds / 10, closed: curlSeconds / 10, closedByUs: curlSeconds / 10,
                requests: curlSeconds / 10, lookups: curlSeconds / 10, hasEnded: second > 40),
            ProcessRow(
                pid: nil, command: "", user: "ann", hosts: 1, open: 3, opened: second / 20, closed: 0,
                lookups: nil, isReadable: false),
        ]
    }

    private func host(_ id: Int, _ name: String) -> HostSnapshot {
        var host = Story.host(id: id, name: name)
        host.certainty = certainty
        if name == "mesh" { for group in [FigureGroup.requests, .reuse] { host.certainty[group] = .unknown } }
        host.origin = "http://10.0.3.\(7 + id):8080"
        let perSecond = [
            (new: 300, requests: 303), (new: 30, requests: 30), (new: 0, requests: 410), (new: 0, requests: 0),
        ][id]
        let open = [38, 5, 62, 9][id]
        let active = [30, 2, 1, 0][id]
        host.metrics.requests.started = perSecond.requests * second
        host.metrics.requests.succeeded = perSecond.requests * second
        host.metrics.requests.onNewConnection = perSecond.new * second
        host.metrics.requests.onReusedConnection = (perSecond.requests - perSecond.new) * second
        let idleCloses = id == 2 ? second / 6 : 0
        host.metrics.connections.opened = perSecond.new * second + open + idleCloses
        host.metrics.connections.closed = perSecond.new * second + idleCloses
        host.metrics.connections.active = active
        host.metrics.connections.idle = open - active
        host.metrics.connections.peakOpen = open
        host.metrics.connections.closedByReason.add(perSecond.new * second, to: .closedByProcess)
        host.metrics.connections.closedByReason.add(idleCloses, to: .peerClosedIdle)
        host.kernel = KernelFigures(
            timeWait: perSecond.new * min(second, 60), roundTripSeconds: 0.0004 * Double(id + 1), retransmits: id,
            idleAgeAtDeathSeconds: id == 2 ? 75 : nil, deaths: idleCloses,
            connectionAgeSeconds: perSecond.new > 0 ? 0.012 : nil)
        host.addresses = [
            AddressSnapshot(
                address: "10.0.3.\(7 + id):8080", connectionsOpened: host.metrics.connections.opened, open: open,
                exchanges: perSecond.requests * second, isInDNS: true, isSuspect: false)
        ]
        return host
    }

    private func sockets(of id: Int) -> [SocketSnapshot] {
        (0..<38).map { index in
            let isActive = index < 30
            return SocketSnapshot(
                id: 900 + index, state: isActive ? .awaitingHead : .idle, ageSeconds: 0.02 * Double(index),
                idleSeconds: isActive ? nil : 0.3, exchanges: 1, localPort: 40_000 + index, peer: "10.0.3.7:8080",
                method: nil, exchangeSeconds: isActive ? 0.004 * Double(index + 1) : nil, expiresInSeconds: nil,
                expiresBy: nil, pid: index % 5 == 0 ? 4712 : index % 7 == 0 ? nil : 4711,
                roundTripSeconds: index % 3 == 0 ? nil : 0.0004, retransmits: index == 4 ? 2 : 0)
        }
    }
}
