@testable import Dashboard
@testable import PoolModel

extension Story {
    static func host(id: Int, name: String) -> HostSnapshot {
        let isTLS = name == "payments"
        return HostSnapshot(
            id: id, name: name, origin: "\(isTLS ? "https" : "http")://\(name).pooltop.test:\(18080 + id)",
            isTLS: isTLS, keepAlive: false, keepAliveIsOwn: false, maxSockets: 64, maxFreeSockets: 32,
            idleLimitSeconds: name == "catalog" ? 59 : 60, idleLimitOrigin: name == "catalog" ? .hint : .own,
            hintTimeoutSeconds: name == "catalog" ? 60 : nil, hintMax: nil, learnedIdleSeconds: nil,
            oldestWaitSeconds: nil, oldestActiveSeconds: nil, lastConnectFailure: nil, backoffSeconds: nil,
            metrics: HostMetrics(), certainty: isTLS ? Certainties([.resumption: .unknown]) : Certainties(),
            addresses: [],
            sockets: nil)
    }

    func addresses(_ id: Int, _ metrics: HostMetrics) -> [AddressSnapshot] {
        let count = id == 1 ? 3 : 1
        let all = metrics.requests.onNewConnection + metrics.requests.onReusedConnection
        return (0..<count).map { index in
            AddressSnapshot(
                address: "127.0.0.\(index + 1):\(18080 + id)", connectionsOpened: metrics.connections.opened / count,
                open: metrics.connections.open / count, exchanges: all / count + index * 7, isInDNS: true,
                isSuspect: false)
        }
    }

    /// One second's responses around a median, with a tail.
    static func second(of rate: Int, median: Double) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for index in 0..<rate {
            let place = Double(index) / Double(rate)
            let factor = 0.6 + 0.8 * place + (place > 0.97 ? 2.5 * (place - 0.97) * 33 : 0)
            histogram.record(.seconds(median * factor / 1000))
        }
        return histogram
    }

    func snapshot(socketsOf wanted: Int?) -> AgentSnapshot {
        var shown = hosts
        if let wanted, shown.indices.contains(wanted) {
            shown[wanted].sockets = sockets(of: shown[wanted])
            shown[wanted].head = HeadSnapshot(
                status: 200, ageSeconds: 0.1,
                fields: [
                    .init(name: "Server", value: "demo/1.2\u{1B}[31m"), .init(name: "Connection", value: "keep-alive"),
                    .init(name: "keep-alive", value: "timeout=60"), .init(name: "Upgrade", value: "h2c"),
                ])
        }
        let dials = hosts.reduce(0) { $0 + $1.metrics.connections.dials }
        var dns = DNSCounts()
        dns.lookups = dials
        dns.misses = queries / 2
        dns.hits = max(0, dials - dns.misses)
        dns.queries = queries
        dns.entries = 7
        return AgentSnapshot(
            sequence: sequence, takenAt: 1_763_805_600 + uptime, uptimeSeconds: uptime, keepAlive: keepAlive,
            dnsCacheEnabled: true, draining: false, maxTotalSockets: 256, hosts: shown, dns: dns,
            dnsRecords: wanted.map { [record(of: $0)] } ?? [], load: load,
            process: ProcessSnapshot(
                cpuSeconds: cpu * 1.3, agentCPUSeconds: cpu, maxResidentBytes: 48_000_000, openDescriptors: 121,
                descriptorLimit: 1024),
            events: events, ignoredEvents: 0)
    }

    private func record(of id: Int) -> DNSRecordSnapshot {
        DNSRecordSnapshot(
            hostID: id, name: "\(Self.names[id]).pooltop.test",
            addresses: id == 1 ? ["127.0.0.1", "127.0.0.2", "127.0.0.3"] : ["127.0.0.1"], ttlSeconds: 5,
            remainingSeconds: 5 - uptime.truncatingRemainder(dividingBy: 5), negative: nil,
            hits: hosts[id].metrics.connections.dials * 9 / 10, misses: hosts[id].metrics.connections.dials / 10,
            source: "dns")
    }

    private func sockets(of host: HostSnapshot) -> [SocketSnapshot] {
        let connections = host.metrics.connections
        return (0..<connections.open).map { index in
            let isActive = index < connections.active
            let idle = Double(index) * 0.7
            return SocketSnapshot(
                id: 41_200 + index * 3, state: isActive ? .awaitingHead : .idle, ageSeconds: 48 - Double(index) * 0.4,
                idleSeconds: isActive ? nil : idle, exchanges: 4800 - index * 61, localPort: 50_122 + index * 2,
                peer: "127.0.0.\(index % 3 + 1):\(18080 + host.id)", method: isActive ? "GET" : nil,
                exchangeSeconds: isActive ? 0.018 + Double(index) * 0.001 : nil,
                expiresInSeconds: isActive ? nil : 60 - idle, expiresBy: isActive ? nil : .own)
        }
    }

    private var load: LoadSnapshot {
        let planned = 3333 * Int(uptime)
        let all = Double(rates.reduce(0, +))
        return LoadSnapshot(
            isOpenLoop: true, targetPerSecond: 3333.3, concurrency: nil, arrivals: "poisson", planned: planned,
            sent: planned, seed: 42, paused: false,
            targets: zip(hosts, rates).map { host, rate in
                LoadSnapshot.LoadTarget(
                    name: host.name, url: "http://\(host.name).pooltop.test/item",
                    method: host.name == "payments" ? "POST" : "GET", weight: Double(rate) / all,
                    planned: rate * Int(uptime), succeeded: host.metrics.requests.succeeded,
                    failed: host.metrics.requests.failed, hostID: host.id)
            })
    }
}

/// A small generator of its own, so that no platform's randomness gets into a golden file.
struct Noise {
    var state: UInt64

    /// 0..<below.
    mutating func next(_ below: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, below)))
    }
}
