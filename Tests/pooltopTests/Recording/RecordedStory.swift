@testable import PoolModel

/// Snapshots made by hand, two a second: three hosts, one of them https with a hostile name, a switch of HTTP keep-alive
/// at 10 s, sockets that come, go and are used, records that run out, and a failure.
struct RecordedStory {
    static let markAt = 10.0
    private(set) var hosts: [HostSnapshot]
    private(set) var uptime = 0.0
    private var sequence = 0
    private var keepAlive = false
    private var events: [AgentNotice] = []

    init() {
        hosts = ["catalog", "pay\u{1B}[31mments", "search"].enumerated().map { id, name in
            HostSnapshot(
                id: id, name: name, origin: "http://127.0.0.1:\(8080 + id)", isTLS: id == 1, keepAlive: false,
                keepAliveIsOwn: false, maxSockets: id == 2 ? .max : 64, maxFreeSockets: 32, idleLimitSeconds: 60,
                idleLimitOrigin: .own, hintTimeoutSeconds: nil, hintMax: nil, learnedIdleSeconds: nil,
                oldestWaitSeconds: nil, oldestActiveSeconds: nil, lastConnectFailure: nil, backoffSeconds: nil,
                metrics: HostMetrics(), addresses: [], sockets: [])
        }
    }

    /// All snapshots of so many seconds.
    static func told(seconds: Double = 30) -> [AgentSnapshot] {
        var story = RecordedStory()
        var snapshots = [story.snapshot()]
        while story.uptime < seconds {
            story.step()
            snapshots.append(story.snapshot())
        }
        return snapshots
    }

    mutating func step() {
        uptime += 0.5
        sequence += 1
        events = []
        if uptime == Self.markAt {
            keepAlive = true
            events.append(
                AgentNotice(
                    level: .mark, uptimeSeconds: uptime - 0.125, hostID: nil, label: "K on", text: "HTTP keep-alive on")
            )
        }
        if uptime == 15 {
            events.append(AgentNotice(level: .warn, uptimeSeconds: 14.75, hostID: 1, text: "\u{202E}evil\u{7}"))
        }
        for index in hosts.indices { step(host: index) }
    }

    private mutating func step(host id: Int) {
        let requests = 40 * (id + 1) + sequence % 7
        let opened = keepAlive ? sequence % 3 : requests
        hosts[id].keepAlive = keepAlive
        hosts[id].lastConnectFailure = id == 2 && uptime > 20 ? .connectRefused : nil
        hosts[id].oldestWaitSeconds = sequence.isMultiple(of: 4) ? 0.25 : nil
        hosts[id].metrics.requests.started += requests
        hosts[id].metrics.requests.succeeded += requests
        hosts[id].metrics.requests.onNewConnection += opened
        hosts[id].metrics.requests.onReusedConnection += requests - opened
        hosts[id].metrics.statuses[200, default: 0] += requests
        hosts[id].metrics.errors.add(id, to: .peerReset)
        hosts[id].metrics.connections.dials += opened
        hosts[id].metrics.connections.opened += opened
        hosts[id].metrics.connections.idle = keepAlive ? 3 : 0
        hosts[id].metrics.connections.closed = hosts[id].metrics.connections.opened - hosts[id].metrics.connections.open
        hosts[id].metrics.connections.closedByReason.add(opened, to: .closeHeaderSent)
        for number in 0..<requests {
            let duration = Nanoseconds(100_000 * (id + 1) + number * 7919 % 90_000 * (sequence % 5 + 1))
            hosts[id].metrics.latency.response.record(duration)
            hosts[id].metrics.latency.service.record(duration - 50_000)
            hosts[id].metrics.latency.firstByte.record(duration - 60_000)
        }
        for _ in 0..<opened { hosts[id].metrics.latency.connect.record(180_000 + Nanoseconds(sequence)) }
        hosts[id].addresses = [
            AddressSnapshot(
                address: "127.0.0.1:\(8080 + id)", connectionsOpened: hosts[id].metrics.connections.opened, open: 3,
                exchanges: hosts[id].metrics.requests.started, isInDNS: true, isSuspect: false)
        ]
        hosts[id].sockets = sockets(of: id)
    }

    private func sockets(of id: Int) -> [SocketSnapshot] {
        guard keepAlive else { return [] }
        return (0..<3).map { index in
            let age = uptime - Self.markAt + 1.25
            let isActive = index == 0 && !sequence.isMultiple(of: 3)
            return SocketSnapshot(
                id: index == 2 ? 100 + sequence / 8 : index, state: isActive ? .awaitingHead : .idle, ageSeconds: age,
                idleSeconds: isActive ? nil : age / 4, exchanges: isActive ? sequence : 17, localPort: 50_000 + index,
                peer: "127.0.0.1:\(8080 + id)", method: isActive ? "GET" : nil,
                exchangeSeconds: isActive ? 0.012345678 : nil, expiresInSeconds: isActive ? nil : 60 - age / 4,
                expiresBy: isActive ? nil : .own)
        }
    }

    func snapshot() -> AgentSnapshot {
        var dns = DNSCounts()
        dns.lookups = hosts.reduce(0) { $0 + $1.metrics.connections.dials }
        dns.misses = dns.lookups
        dns.queries = dns.lookups * 2
        let records = hosts.map { host in
            DNSRecordSnapshot(
                hostID: host.id, name: "h\(host.id).test", addresses: ["127.0.0.1"], ttlSeconds: 30,
                remainingSeconds: 29.5 - uptime.truncatingRemainder(dividingBy: 30), negative: nil, hits: sequence,
                misses: 1, source: "dns")
        }
        let load = LoadSnapshot(
            isOpenLoop: true, targetPerSecond: 500, concurrency: nil, arrivals: "poisson", planned: 250 * sequence,
            sent: 250 * sequence, seed: .max, paused: false,
            targets: hosts.map { host in
                LoadSnapshot.LoadTarget(
                    name: host.name, url: host.origin + "/x", method: "GET", weight: 1, planned: 80 * sequence)
            })
        return AgentSnapshot(
            sequence: sequence, takenAt: 1_795_350_053.125 + uptime, uptimeSeconds: uptime, keepAlive: keepAlive,
            dnsCacheEnabled: true, draining: false, maxTotalSockets: 256, hosts: hosts, dns: dns, dnsRecords: records,
            load: load,
            process: ProcessSnapshot(
                cpuSeconds: uptime / 3, agentCPUSeconds: uptime / 7, maxResidentBytes: 48_000_000,
                openDescriptors: 121, descriptorLimit: .max),
            events: events, ignoredEvents: 0)
    }
}
