/// The observable state of an agent at one moment: a value that is derived from the state machine and safe to keep.
///
/// Screens, JSON and reports read nothing else. Present counts are derived from states. Totals only grow, so a rate is
/// the difference between two snapshots divided by the difference between their `uptimeSeconds`.
public struct AgentSnapshot: Sendable, Codable {
    /// Grows by one with every snapshot of the same agent.
    public var sequence: Int
    /// Wall-clock time, seconds since 1970-01-01 UTC.
    public var takenAt: Double
    /// Seconds since the agent started, on the monotonic clock.
    public var uptimeSeconds: Double
    /// HTTP keep-alive for hosts without a setting of their own.
    public var keepAlive: Bool
    /// True if the DNS cache keeps answers.
    public var dnsCacheEnabled: Bool
    /// True once `close()` was called.
    public var draining: Bool
    /// Limits over all hosts.
    public var maxTotalSockets: Int
    /// Hosts in the order of first use. A host that replaced another one (`maxHosts`) has that one's position.
    public var hosts: [HostSnapshot]
    /// Outcomes of the DNS cache.
    public var dns: DNSCounts
    /// Cached records, only for the hosts whose sockets were requested.
    public var dnsRecords: [DNSRecordSnapshot]
    /// The state of the traffic generator; nil where no generator runs.
    package var load: LoadSnapshot?
    /// The resources that the process uses.
    public var process: ProcessSnapshot
    /// The most events that are kept between two snapshots.
    package static let eventLimit = 256
    /// Notices since the previous snapshot, oldest first. At most 256 are kept between two snapshots.
    public var events: [AgentNotice]
    /// Late or unknown events that the machine ignored. Fast growth indicates a bug in the agent.
    public var ignoredEvents: Int

    /// The totals of hosts that were evicted for others (`maxHosts`); nil if none was.
    public var departed: HostMetrics?

    /// Where the figures come from; nil: from our own agent.
    public var source: SourceSnapshot?

    /// The sum over all hosts, including evicted ones.
    public var totals: HostMetrics {
        var sum = departed ?? HostMetrics()
        for host in hosts { sum.merge(host.metrics) }
        return sum
    }

    /// The snapshot of an agent whose event loop has shut down.
    package static func empty(wallClock: Double) -> AgentSnapshot {
        AgentSnapshot(
            sequence: 0, takenAt: wallClock, uptimeSeconds: 0, keepAlive: false, dnsCacheEnabled: false, draining: true,
            maxTotalSockets: 0, hosts: [], dns: DNSCounts(), dnsRecords: [], load: nil, process: ProcessSnapshot(),
            events: [], ignoredEvents: 0)
    }

    package init(
        sequence: Int, takenAt: Double, uptimeSeconds: Double, keepAlive: Bool, dnsCacheEnabled: Bool, draining: Bool,
        maxTotalSockets: Int, hosts: [HostSnapshot], dns: DNSCounts, dnsRecords: [DNSRecordSnapshot],
        load: LoadSnapshot? = nil, process: ProcessSnapshot, events: [AgentNotice], ignoredEvents: Int,
        departed: HostMetrics? = nil, source: SourceSnapshot? = nil
    ) {
        self.sequence = sequence
        self.takenAt = takenAt
        self.uptimeSeconds = uptimeSeconds
        self.keepAlive = keepAlive
        self.dnsCacheEnabled = dnsCacheEnabled
        self.draining = draining
        self.maxTotalSockets = maxTotalSockets
        self.hosts = hosts
        self.dns = dns
        self.dnsRecords = dnsRecords
        self.load = load
        self.process = process
        self.events = events
        self.ignoredEvents = ignoredEvents
        self.departed = departed
        self.source = source
    }
}
