import AgentCore
package import Downstream
package import FoundationEssentials
import NIOConcurrencyHelpers
import PlainDocuments
package import PoolModel
package import SessionConfig

/// The load of a plan, made by Node's own http.Agent and https.Agent in place of ours, so that a comparison tells what a
/// setting saves there.
package final class NodeSession: Sendable {
    package let plan: SessionPlan
    package let startedAt = Date()
    /// `v20.19.2`
    package let version: String?
    /// nil if the plan names targets.
    package let fleet: DownstreamFleet?
    private let targets: [TargetPlan]
    private let hosts: [TrafficHost]
    /// The index in `hosts` for each of `targets`.
    private let hostOfTarget: [Int]
    private let node: NodeProcess
    /// The response times so far and the number of snapshots.
    private let latencies: NIOLockedValueBox<(histograms: [LatencyHistogram], sequence: Int)>

    /// Starts the downstreams if they are needed, and Node; no traffic is sent yet.
    package static func make(_ plan: SessionPlan) async throws -> NodeSession {
        let node = try NodeProcess.start()
        let greeting = try await node.next(NodeGreeting.self)
        let (fleet, prepared) = try await PreparedTraffic.withDownstreams(plan)
        return NodeSession(plan, fleet, prepared, node, greeting.version)
    }

    private init(
        _ plan: SessionPlan, _ fleet: DownstreamFleet?, _ prepared: PreparedTraffic,
        _ node: NodeProcess, _ version: String
    ) {
        self.plan = plan
        self.fleet = fleet
        targets = prepared.requests.map(\.target)
        self.node = node
        self.version = version
        hosts = prepared.hosts
        latencies = NIOLockedValueBox((Array(repeating: LatencyHistogram(), count: prepared.hosts.count), 0))
        hostOfTarget = prepared.requests.map(\.host)
    }

    package func begin() async throws { try node.send(NodeRequest(begin: loadPlan())) }

    /// Changes a setting while the load runs. A failure to write is a Node that has ended, which the next snapshot
    /// reports.
    package func apply(_ change: SettingChange) throws { try node.send(NodeRequest(set: NodeSettings(change))) }

    /// Plans no further request.
    package func stop() throws { try node.send(NodeRequest(stop: true)) }

    package func shutdown() async throws {
        await node.stop()
        try await fleet?.shutdown()
    }

    package func snapshot() async throws -> AgentSnapshot {
        let number = latencies.withLockedValue { state in
            state.sequence += 1
            return state.sequence
        }
        return snapshot(of: try await node.ask(NodeRequest(report: number), for: NodeReport.self))
    }

    private func loadPlan() throws -> NodeLoadPlan {
        var authorities = fleet.map { [$0.certificateAuthorityPEM] } ?? []
        if let file = plan.tls.caFile { authorities.append(try String(contentsOfFile: file, encoding: .utf8)) }
        let targets = zip(targets, hostOfTarget).map { target, host in
            let limit: Duration? =
                if case .duration(let own) = target.overrides[.requestTimeout] { own } else {
                    plan.settings.requestTimeout
                }
            return NodeLoadPlan.Target(
                host: host, path: target.url.path, method: target.method, headers: Self.headers(target),
                body: target.body.isEmpty ? nil : Data(target.body).base64EncodedString(), weight: target.weight,
                timeout: limit.map { $0 / .seconds(1) } ?? 1e9)
        }
        var concurrency: Int?
        if case .concurrency(let count) = plan.load.shape { concurrency = count }
        var arrivals = "constant"
        if case .rate(_, .poisson) = plan.load.shape { arrivals = "poisson" }
        return NodeLoadPlan(
            hosts: zip(hosts.indices, hosts).map {
                Self.host($1, self.targets[hostOfTarget.firstIndex(of: $0) ?? 0], plan)
            },
            targets: targets, authorities: authorities, insecure: plan.tls.insecure, certificate: plan.tls.certFile,
            key: plan.tls.keyFile, dnsServer: plan.dns.server?.text ?? fleet?.dnsAddress, arrivals: arrivals,
            concurrency: concurrency, seed: UInt32(truncatingIfNeeded: plan.seed), settings: NodeSettings(plan))
    }

    private static func host(_ host: TrafficHost, _ target: TargetPlan, _ plan: SessionPlan) -> NodeLoadPlan.Host {
        let url = target.url
        let fixed = plan.dns.overrides.first { $0.matches(host: url.host, port: url.port) }?.addresses.first
        return NodeLoadPlan.Host(
            name: url.host, port: fixed?.port ?? url.port, isTLS: url.isTLS, address: fixed?.address,
            unixSocket: target.unixSocket)
    }

    private static func headers(_ target: TargetPlan) -> [String: [String]] {
        var headers = Dictionary(grouping: target.sentFields, by: \.name).mapValues { $0.map(\.value) }
        if !headers.keys.contains(where: { $0.lowercased() == "host" }) { headers["Host"] = [target.url.hostField] }
        return headers
    }
}

extension NodeSession {
    private func snapshot(of report: NodeReport) -> AgentSnapshot {
        let histograms = latencies.withLockedValue { state in
            for (index, host) in report.hosts.enumerated() {
                for latency in host.latencies { state.histograms[index].record(latency * 1000) }
            }
            return state.histograms
        }
        let hosts = report.hosts.enumerated().map { snapshot(of: $1, at: $0, histograms[$0]) }
        var dns = DNSCounts()
        (dns.lookups, dns.hits, dns.misses) = (report.dns.lookups, report.dns.hits, report.dns.misses)
        (dns.failures, dns.queries, dns.entries) = (report.dns.failures, report.dns.queries, report.dns.entries)
        return AgentSnapshot(
            sequence: report.report, takenAt: Date().timeIntervalSince1970, uptimeSeconds: report.uptime,
            keepAlive: plan.settings.keepAlive.isOn, dnsCacheEnabled: plan.settings.dnsCache, draining: false,
            maxTotalSockets: plan.settings.maxTotalSockets, hosts: hosts, dns: dns, dnsRecords: [],
            load: load(report),
            process: ProcessSnapshot(
                cpuSeconds: report.cpu, agentCPUSeconds: report.cpu, maxResidentBytes: report.maxResidentBytes),
            events: [], ignoredEvents: 0
        ).withoutSecrets()
    }

    private func snapshot(
        of host: NodeReport.Host, at index: Int, _ latency: LatencyHistogram
    ) -> HostSnapshot {
        let description = hosts[index].description
        // Node does not say who closed a connection.
        let certainty = Certainties([.closer: .unknown, .closeReasons: .unknown])
        return HostSnapshot(
            id: index, name: description.name, origin: description.origin, isTLS: description.isTLS,
            keepAlive: plan.settings.keepAlive.isOn, keepAliveIsOwn: false, maxSockets: plan.settings.maxSocketsPerHost,
            maxFreeSockets: plan.settings.maxFreeSocketsPerHost ?? plan.settings.maxSocketsPerHost,
            idleLimitOrigin: .none,
            metrics: Self.metrics(host, latency), certainty: certainty,
            addresses: host.addresses.sorted { $0.key < $1.key }.map {
                AddressSnapshot(
                    address: $0.key, connectionsOpened: $0.value.opened, open: $0.value.open,
                    exchanges: $0.value.exchanges, isInDNS: true, isSuspect: false)
            })
    }

    private static func metrics(_ host: NodeReport.Host, _ latency: LatencyHistogram) -> HostMetrics {
        var metrics = HostMetrics()
        metrics.requests.started = host.started
        metrics.requests.succeeded = host.succeeded
        metrics.requests.failed = host.failed
        metrics.requests.inFlight = host.inFlight
        metrics.requests.queued = host.queued
        metrics.requests.onNewConnection = host.onNew
        metrics.requests.onReusedConnection = host.onReused
        metrics.connections.dials = host.dials
        metrics.connections.attempts = host.dials
        metrics.connections.dialFailed = host.dialFailed
        metrics.connections.connecting = host.connecting
        metrics.connections.opened = host.opened
        metrics.connections.closed = host.closed
        metrics.connections.active = host.active
        metrics.connections.idle = host.open - host.active
        metrics.tls.handshakes = host.handshakes
        metrics.tls.resumed = host.resumed
        metrics.bytes.sent = host.sent
        metrics.bytes.received = host.received
        for (status, count) in host.statuses { if let status = Int(status) { metrics.statuses[status] = count } }
        for (label, count) in host.errors {
            metrics.errors.add(count, to: FailureCause(rawValue: label) ?? .peerClosed)
        }
        metrics.latency.response = latency
        return metrics
    }

    private func load(_ report: NodeReport) -> LoadSnapshot {
        var (isOpenLoop, rate, concurrency, arrivals) = (true, Double?.none, Int?.none, "constant")
        switch plan.load.shape {
        case .rate(let perSecond, let kind): (rate, arrivals) = (perSecond, kind.rawValue)
        case .steps(_, let kind): arrivals = kind.rawValue
        case .concurrency(let count): (isOpenLoop, concurrency) = (false, count)
        }
        return LoadSnapshot(
            isOpenLoop: isOpenLoop, targetPerSecond: rate, concurrency: concurrency, arrivals: arrivals,
            planned: report.planned, sent: report.planned, seed: plan.seed, paused: false,
            targets: zip(targets, zip(report.targets, hostOfTarget)).map { target, counted in
                LoadSnapshot.LoadTarget(
                    name: target.name, url: target.url.shown, method: target.method, weight: target.weight,
                    planned: counted.0.planned, succeeded: counted.0.succeeded, failed: counted.0.failed,
                    hostID: counted.1)
            })
    }
}
