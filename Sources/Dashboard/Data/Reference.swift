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
        hosts = snapshot.hosts.map(HostReference.init)
        for host in hosts {
            started += host.requests.started
            opened += host.connections.opened
        }
    }
}

/// The counts of one host at one moment, for differences. Panels get figures derived from them, with their certainty.
struct HostReference: Sendable {
    var certainty = Certainties()
    var requests = RequestCounts()
    var connections = ConnectionCounts()
    var errors = CountsBy<FailureCause>()
    var tls = TLSCounts()
    var bytes = ByteCounts()
    var response = LatencyHistogram()
    /// The counts of `response` by band.
    var bands: [Int] = []
    var phases = PhaseSums()

    init() { bands = Array(repeating: 0, count: LatencyBands.count) }

    init(_ host: HostSnapshot) {
        certainty = host.certainty
        requests = host.metrics.requests
        connections = host.metrics.connections
        errors = host.metrics.errors
        tls = host.metrics.tls
        bytes = host.metrics.bytes
        response = host.metrics.latency.response
        bands = LatencyBands.counts(response)
        phases = PhaseSums(host.metrics.latency)
    }
}

extension HostReference {
    /// As the table of counters has them, without the distributions: to keep those would make the agent copy them.
    var counts: HostMetrics {
        var counts = HostMetrics()
        counts.requests = requests
        counts.connections = connections
        counts.errors = errors
        counts.tls = tls
        counts.bytes = bytes
        return counts
    }
}

/// Sums of durations: a mean over a window is the difference of two sums divided by the difference of two counts.
struct PhaseSums: Sendable {
    struct Sum: Sendable, Equatable {
        var count = 0
        var seconds = 0.0

        init() {}
        init(_ histogram: LatencyHistogram) {
            count = histogram.count
            seconds = (histogram.meanSeconds ?? 0) * Double(count)
        }

        /// The mean since an earlier value; nil if nothing was added.
        func mean(since earlier: Sum) -> Double? {
            count > earlier.count ? max(0, (seconds - earlier.seconds) / Double(count - earlier.count)) : nil
        }
    }
    var lookup = Sum()
    var connect = Sum()
    var handshake = Sum()
    var wait = Sum()
    var firstByte = Sum()
    var service = Sum()

    init() {}
    init(_ latency: LatencySet) {
        lookup = Sum(latency.dnsLookup)
        connect = Sum(latency.connect)
        handshake = Sum(latency.tlsHandshake)
        wait = Sum(latency.queueWait)
        firstByte = Sum(latency.firstByte)
        service = Sum(latency.service)
    }
}

/// The mean durations of one host's phases.
struct PhaseMeans: Sendable {
    var lookup: Figure<Double>
    var connect: Figure<Double>
    var handshake: Figure<Double>
    var wait: Figure<Double>
    var service: Figure<Double>

    init(_ host: HostFigures, window: (now: PhaseSums, before: PhaseSums)?) {
        func mean(_ path: KeyPath<PhaseSums, PhaseSums.Sum>, _ total: Figure<LatencyHistogram>) -> Figure<Double> {
            let recent = window.flatMap { $0.now[keyPath: path].mean(since: $0.before[keyPath: path]) }
            return total.map { recent ?? $0.meanSeconds }
        }
        lookup = mean(\.lookup, host.dnsLookup)
        connect = mean(\.connect, host.connect)
        handshake = mean(\.handshake, host.tlsHandshake)
        wait = mean(\.wait, host.queueWait)
        service = mean(\.service, host.service)
    }
}
