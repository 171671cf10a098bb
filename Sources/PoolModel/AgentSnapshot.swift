/// Everything that can be seen of an agent at one moment: a value, derived from its state machine and safe to keep.
///
/// Screens, JSON and reports read nothing else. Counts of present things are derived from states; totals only grow, so
/// a rate is the difference of two snapshots divided by the difference of their `uptimeSeconds`.
public struct AgentSnapshot: Sendable, Codable {
    /// Grows by one with every snapshot of the same agent.
    public var sequence: Int
    /// Wall-clock time, seconds since 1970-01-01 UTC.
    public var takenAt: Double
    /// Seconds since the agent started, on the monotonic clock.
    public var uptimeSeconds: Double
    /// HTTP keep-alive for hosts that have no setting of their own.
    public var keepAlive: Bool
    /// True if the DNS cache keeps answers.
    public var dnsCacheEnabled: Bool
    /// True from `close()` on.
    public var draining: Bool
    /// Limits over all hosts.
    public var maxTotalSockets: Int
    /// In the order in which the hosts were first used; one that took the place of another (`maxHosts`) is where that was.
    public var hosts: [HostSnapshot]
    /// Outcomes of the DNS cache.
    public var dns: DNSCounts
    /// Records kept, only for the hosts whose sockets were asked for.
    public var dnsRecords: [DNSRecordSnapshot]
    /// The state of the traffic generator; nil where no generator runs.
    package var load: LoadSnapshot?
    /// The resources that the process uses.
    public var process: ProcessSnapshot
    /// The most events that are kept between two snapshots.
    package static let eventLimit = 256
    /// Things worth a line that happened since the snapshot before, oldest first. At most 256 are kept between two.
    public var events: [AgentNotice]
    /// Late or unknown events that the machine ignored. Any fast growth is a bug of ours.
    public var ignoredEvents: Int

    /// The totals of hosts that are no longer listed, because they made room for others (`maxHosts`); nil: none has.
    public var departed: HostMetrics?

    /// The sum over all hosts, those that have made room for others included.
    public var totals: HostMetrics {
        var sum = departed ?? HostMetrics()
        for host in hosts { sum.merge(host.metrics) }
        return sum
    }

    /// The snapshot of an agent whose event loop has gone.
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
        departed: HostMetrics? = nil
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
    }
}
