import PoolModel

/// The part of a snapshot that later ones are compared with: the counts, and the only histogram with a recent window.
struct Reference: Sendable {
    var uptimeSeconds: Double
    var cpuSeconds: Double
    var queries: Int
    var hosts: [HostReference]
    var started = 0
    var opened = 0
    /// The certainty of the sums over all hosts.
    var certainty: Certainties

    init(_ snapshot: AgentSnapshot) {
        certainty = snapshot.certainty
        uptimeSeconds = snapshot.uptimeSeconds
        cpuSeconds = snapshot.process.agentCPUSeconds
        queries = snapshot.dns.queries
        hosts = snapshot.hosts.map { HostReference($0) }
        for host in hosts {
            started += host.requests.started
            opened += host.connections.opened
        }
    }
}

/// The counts of one host at one moment, for differences. Panels get figures derived from them, with their certainty.
struct HostReference: Sendable {
    var certainty = Certainties()
    /// Every count of the table, without the distributions: to keep those would make the agent copy them.
    private(set) var counts = HostMetrics()
    var inFlightAges: [InFlightAge] = []
    var response = LatencyHistogram()
    /// The counts of `response` by band.
    var bands: [Int] = []
    var phases = PhaseSums()

    var requests: RequestCounts { counts.requests }
    var connections: ConnectionCounts { counts.connections }
    var errors: CountsBy<FailureCause> { counts.errors }

    init() { bands = Array(repeating: 0, count: LatencyBands.count) }

    /// Only the counts: differences of distributions take long.
    init(counts host: HostSnapshot) {
        certainty = host.certainty
        counts = host.metrics
        counts.latency = LatencySet()
    }

    init(_ host: HostSnapshot) {
        self.init(counts: host)
        inFlightAges = host.inFlightAges ?? []
        response = host.metrics.latency.response
        bands = LatencyBands.counts(response)
        phases = PhaseSums(host.metrics)
    }
}
