import PoolModel

/// Snapshots for tests.
enum SampleSnapshots {
    /// A busy host: each count of the tables has a value of its own, so that two that are swapped differ.
    static func metrics(_ scale: Int = 1) -> HostMetrics {
        var metrics = HostMetrics()
        for (index, counter) in HostMetrics.counters.enumerated() {
            metrics[keyPath: counter.keyPath] = (index + 1) * 100 * scale
        }
        metrics.statuses = [200: 7 * scale, 503: scale]
        metrics.errors.add(2 * scale, to: .dnsTimeout)
        metrics.connections.closedByReason.add(3 * scale, to: .peerClosedIdle)
        for (index, row) in LatencySet.rows.enumerated() {
            for step in 1...40 * scale {
                metrics.latency[keyPath: row.histogram].record(Int64(step * (index + 1)) * 170_000)
            }
        }
        return metrics
    }

    static func host(
        _ id: Int, _ name: String, _ origin: String, _ metrics: HostMetrics = metrics(),
        _ certainty: Certainties = Certainties(), kernel: KernelFigures? = nil
    ) -> HostSnapshot {
        HostSnapshot(
            id: id, name: name, origin: origin, isTLS: origin.hasPrefix("https"), keepAlive: true,
            keepAliveIsOwn: false,
            maxSockets: 64, maxFreeSockets: 32, idleLimitSeconds: 60, idleLimitOrigin: .own, oldestWaitSeconds: 0.25,
            metrics: metrics, certainty: certainty, addresses: [], kernel: kernel)
    }

    static func snapshot(
        _ hosts: [HostSnapshot], departed: HostMetrics? = nil, source: SourceSnapshot? = nil
    ) -> AgentSnapshot {
        var dns = DNSCounts()
        for (index, counter) in DNSCounts.counters.enumerated() { dns[keyPath: counter.keyPath] = index + 1 }
        return AgentSnapshot(
            sequence: 1, takenAt: 1_700_000_000, uptimeSeconds: 12.5, keepAlive: true, dnsCacheEnabled: true,
            draining: false, maxTotalSockets: 256, hosts: hosts, dns: dns, dnsRecords: [],
            process: ProcessSnapshot(
                cpuSeconds: 1.25, agentCPUSeconds: 0.5, maxResidentBytes: 12_345_678, openDescriptors: 40,
                descriptorLimit: 1024),
            events: [], ignoredEvents: 0, departed: departed, source: source)
    }

    /// The view of a watched process, where much is estimated or unknown.
    static var watched: AgentSnapshot {
        let kernel = KernelFigures(
            timeWait: 5, roundTripSeconds: 0.00025, retransmits: 2, idleAgeAtDeathSeconds: 5, deaths: 3,
            connectionAgeSeconds: 61.5)
        let rows = [
            ProcessRow(
                pid: 4711, command: "node app.js --token=abc --port 80", user: "www", hosts: 2, open: 3, opened: 40,
                closed: 37, closedByPeer: 30, closedByUs: 5, requests: 400, connectionsCertainty: .estimate, lookups: 4,
                cpuSeconds: 8.5),
            ProcessRow(
                pid: nil, command: "", user: "postgres", opened: 2, requestsCertainty: .unknown, isReadable: false),
            ProcessRow(pid: nil, command: "", user: "", open: 1, opened: 3),
        ]
        let source = SourceSnapshot(
            kind: .watch, name: "node app.js", pid: 4711,
            kernel: KernelCount(opened: 42, seen: 42, agrees: true), processes: rows)
        return snapshot(
            [host(0, "api:8080", "http://api:8080", metrics(), .watched, kernel: kernel)], source: source)
    }

    static func busy(hosts count: Int, recordsEach records: Int) -> AgentSnapshot {
        var generator = SplitMix64(seed: 7)
        return snapshot(
            (0..<count).map { index in
                var metrics = metrics()
                for row in LatencySet.rows {
                    for _ in 0..<records {
                        metrics.latency[keyPath: row.histogram].record(
                            Int64.random(in: 300_000...80_000_000, using: &generator))
                    }
                }
                return host(index, "service-\(index).example", "http://service-\(index).example:8080", metrics)
            })
    }
}

/// An exposition, taken apart in the simplest way.
struct Lines {
    let all: [Substring]

    init(_ bytes: [UInt8]) { all = String(decoding: bytes, as: UTF8.self).split(separator: "\n") }

    var samples: [Substring] { all.filter { !$0.hasPrefix("#") } }

    /// The value of the sample whose name and labels are exactly this; nil: there is none, or more than one.
    func value(_ sample: String) -> String? {
        let found = all.filter { $0.hasPrefix(sample + " ") }
        return found.count == 1 ? found[0].dropFirst(sample.utf8.count + 1).description : nil
    }

    func samples(of name: String) -> [Substring] {
        samples.filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
    }
}
