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
    /// Whether the DNS cache keeps answers.
    public var dnsCacheEnabled: Bool
    /// True from `close()` on.
    public var draining: Bool
    /// Limits over all hosts.
    public var maxTotalSockets: Int
    /// In the order in which the hosts were first used.
    public var hosts: [HostSnapshot]
    /// Outcomes of the DNS cache.
    public var dns: DNSCounts
    /// Records kept, only for the hosts whose sockets were asked for.
    public var dnsRecords: [DNSRecordSnapshot]
    /// What the traffic generator does; nil where no generator runs.
    public var load: LoadSnapshot?
    /// What the process costs.
    public var process: ProcessSnapshot
    /// Things worth a line that happened since the snapshot before, oldest first. At most 256 are kept between two.
    public var events: [AgentNotice]
    /// Late or unknown events that the machine ignored. Any fast growth is a bug of ours.
    public var ignoredEvents: Int

    /// The sum over all hosts.
    public var totals: HostMetrics {
        var sum = HostMetrics()
        for host in hosts { sum.merge(host.metrics) }
        return sum
    }
}

/// One host (origin): a pool of connections and what went through it.
public struct HostSnapshot: Sendable, Codable {
    /// Stable for the life of the agent: the position in `AgentSnapshot.hosts`.
    public var id: Int
    /// The name given to the target, or the authority (`127.0.0.1:8080`) where it has none.
    public var name: String
    /// `scheme://host:port`, the port always present.
    public var origin: String
    /// True where the origin is https.
    public var isTLS: Bool
    /// HTTP keep-alive as it is in force for this host.
    public var keepAlive: Bool
    /// True where `keepAlive` was set for this host and not for all.
    public var keepAliveIsOwn: Bool
    /// Limits in force.
    public var maxSockets: Int
    /// Idle connections kept at the most.
    public var maxFreeSockets: Int
    /// The idle limit in force in seconds; nil: none.
    public var idleLimitSeconds: Double?
    /// Which rule `idleLimitSeconds` comes from.
    public var idleLimitOrigin: IdleLimitOrigin
    /// The server's last `Keep-Alive: timeout` hint in seconds; nil: none was seen.
    public var hintTimeoutSeconds: Double?
    /// The server's last `Keep-Alive: max` hint; nil: none was seen.
    public var hintMax: Int?
    /// The idle age at which this server is known to close; nil: not known.
    public var learnedIdleSeconds: Double?
    /// How long the oldest queued request has waited, in seconds; nil: none waits.
    public var oldestWaitSeconds: Double?
    /// How long the longest-running exchange has been running, in seconds; nil: none runs.
    public var oldestActiveSeconds: Double?
    /// The cause of the last failed dial, cleared by the next successful one; nil: none.
    public var lastConnectFailure: FailureCause?
    /// Seconds until the next dial is allowed after failures; nil: one is allowed now.
    public var backoffSeconds: Double?
    /// The counts.
    public var metrics: HostMetrics
    /// One per peer address ever dialled, at most 64, in the order of first use.
    public var addresses: [AddressSnapshot]
    /// The open connections, oldest first; nil unless they were asked for.
    public var sockets: [SocketSnapshot]?
}

/// Which rule gives the idle limit in force.
public enum IdleLimitOrigin: String, Codable, Sendable {
    /// No limit.
    case none
    /// `AgentSettings.idleTimeout`.
    case own
    /// The server's `Keep-Alive: timeout` hint less a margin.
    case hint
    /// What was learned from earlier closes.
    case learned
    /// What is left of `AgentSettings.maxLifetime`.
    case lifetime
}

/// Counts of one host, or their sum over several.
public struct HostMetrics: Sendable, Codable {
    /// Requests.
    public var requests = RequestCounts()
    /// Complete responses by status code, 100…599.
    public var statuses: [Int: Int] = [:]
    /// Failed requests by cause.
    public var errors = CountsBy<FailureCause>()
    /// Connections.
    public var connections = ConnectionCounts()
    /// TLS handshakes.
    public var tls = TLSCounts()
    /// Bytes of HTTP (for https: before encryption) written to and read from sockets.
    public var bytes = ByteCounts()
    /// Durations.
    public var latency = LatencySet()

    /// All counts zero.
    public init() {}

    /// Adds another host's counts. Present counts and totals add up; `peakOpen` adds up to an upper bound.
    public mutating func merge(_ other: HostMetrics) {
        requests.merge(other.requests)
        for (status, count) in other.statuses { statuses[status, default: 0] += count }
        errors.merge(other.errors)
        connections.merge(other.connections)
        tls.merge(other.tls)
        bytes.sent += other.bytes.sent
        bytes.received += other.bytes.received
        latency.merge(other.latency)
    }
}

/// `started = succeeded + failed + cancelled + inFlight + queued` at every instant.
public struct RequestCounts: Sendable, Codable, Equatable {
    /// Given to the agent.
    public var started = 0
    /// A complete response was received, whatever its status.
    public var succeeded = 0
    /// Ended with an error.
    public var failed = 0
    /// Given up by the caller.
    public var cancelled = 0
    /// On a connection now.
    public var inFlight = 0
    /// Waiting for a connection now.
    public var queued = 0
    /// Sent again after a reused connection died.
    public var retried = 0
    /// Retries that were due by the rules and refused because the budget was used up.
    public var retriesRefused = 0
    /// Requests whose connection died under them, by what became of them. `retried` is the sum of those sent again, and
    /// `retriesRefused` one of the others.
    public var retryDecisions = CountsBy<RetryDecision>()
    /// Put on a connection that had carried no exchange before.
    public var onNewConnection = 0
    /// Put on a connection that had carried an exchange before.
    public var onReusedConnection = 0

    /// All zero.
    public init() {}

    /// Exchanges on an already used connection ÷ all exchanges; nil before the first.
    public var reuseRatio: Double? {
        let all = onNewConnection + onReusedConnection
        return all == 0 ? nil : Double(onReusedConnection) / Double(all)
    }

    mutating func merge(_ other: RequestCounts) {
        started += other.started
        succeeded += other.succeeded
        failed += other.failed
        cancelled += other.cancelled
        inFlight += other.inFlight
        queued += other.queued
        retried += other.retried
        retriesRefused += other.retriesRefused
        retryDecisions.merge(other.retryDecisions)
        onNewConnection += other.onNewConnection
        onReusedConnection += other.onReusedConnection
    }
}

/// `dials = opened + dialFailed + connecting` and `opened = closed + idle + active` at every instant.
public struct ConnectionCounts: Sendable, Codable, Equatable {
    /// Dials begun, each from its lookup to a ready connection.
    public var dials = 0
    /// Dials that ended without a ready connection.
    public var dialFailed = 0
    /// Dials in progress now.
    public var connecting = 0
    /// Connections established (for https: after the handshake).
    public var opened = 0
    /// Established connections that were closed.
    public var closed = 0
    /// Carrying an exchange now.
    public var active = 0
    /// Open and reusable now.
    public var idle = 0
    /// The most connections open at once so far.
    public var peakOpen = 0
    /// Closed by reason; the sum is `closed`.
    public var closedByReason = CountsBy<CloseReason>()

    /// All zero.
    public init() {}

    /// Open now.
    public var open: Int { active + idle }
    /// Closed because the server ended them.
    public var closedRemote: Int { closedByReason.nonZero.reduce(0) { $0 + ($1.key.isRemote ? $1.count : 0) } }
    /// Closed because we ended them.
    public var closedLocal: Int { closed - closedRemote }

    mutating func merge(_ other: ConnectionCounts) {
        dials += other.dials
        dialFailed += other.dialFailed
        connecting += other.connecting
        opened += other.opened
        closed += other.closed
        active += other.active
        idle += other.idle
        peakOpen += other.peakOpen
        closedByReason.merge(other.closedByReason)
    }
}

/// TLS handshakes of one host.
public struct TLSCounts: Sendable, Codable, Equatable {
    /// Handshakes completed.
    public var handshakes = 0
    /// Of those, resumed from an earlier session.
    public var resumed = 0
    /// Handshakes that failed.
    public var failed = 0

    /// All zero.
    public init() {}

    mutating func merge(_ other: TLSCounts) {
        handshakes += other.handshakes
        resumed += other.resumed
        failed += other.failed
    }
}

/// Bytes of one host.
public struct ByteCounts: Sendable, Codable, Equatable {
    /// Written to sockets.
    public var sent = 0
    /// Read from sockets.
    public var received = 0

    /// Both zero.
    public init() {}
}

/// The durations of one host.
public struct LatencySet: Sendable, Codable {
    /// From the planned start (open loop) or arrival to the last response byte; successful requests only.
    public var response = LatencyHistogram()
    /// From the moment a socket was assigned to the last response byte; successful requests only.
    public var service = LatencyHistogram()
    /// From the planned start or arrival to the moment a socket was assigned.
    public var queueWait = LatencyHistogram()
    /// One lookup that asked a server.
    public var dnsLookup = LatencyHistogram()
    /// TCP connect.
    public var connect = LatencyHistogram()
    /// TLS handshake.
    public var tlsHandshake = LatencyHistogram()
    /// From the moment a socket was assigned to the first response byte.
    public var firstByte = LatencyHistogram()

    /// All empty.
    public init() {}

    mutating func merge(_ other: LatencySet) {
        response.merge(other.response)
        service.merge(other.service)
        queueWait.merge(other.queueWait)
        dnsLookup.merge(other.dnsLookup)
        connect.merge(other.connect)
        tlsHandshake.merge(other.tlsHandshake)
        firstByte.merge(other.firstByte)
    }
}

/// One peer address of a host.
public struct AddressSnapshot: Sendable, Codable, Equatable {
    /// `127.0.0.1:8080`, `[::1]:8080` or a unix path.
    public var address: String
    /// Connections established to it.
    public var connectionsOpened: Int
    /// Connections open to it now.
    public var open: Int
    /// Exchanges begun on connections to it.
    public var exchanges: Int
    /// Whether the host's current DNS answer has it (true where the host is an address and needs no DNS).
    public var isInDNS: Bool
    /// Whether it was found dead and is tried last for now.
    public var isSuspect: Bool
}

/// The state of one connection as a reader sees it.
public enum SocketState: String, Codable, Sendable, CaseIterable {
    /// Waiting for addresses.
    case resolving
    /// TCP connect in progress.
    case connecting
    /// TLS handshake in progress.
    case handshaking
    /// Open and reusable.
    case idle
    /// Request bytes are being written.
    case writing
    /// The request is written; no response head yet.
    case awaitingHead
    /// The response body is being read.
    case readingBody
    /// An abandoned body is being read to its end.
    case draining
    /// Being closed.
    case closing

    /// True for the states that carry an exchange.
    public var isActive: Bool {
        switch self {
        case .writing, .awaitingHead, .readingBody, .draining: true
        case .resolving, .connecting, .handshaking, .idle, .closing: false
        }
    }
}

/// One connection.
public struct SocketSnapshot: Sendable, Codable, Equatable {
    /// Unique for the life of the agent; grows.
    public var id: Int
    /// Its state.
    public var state: SocketState
    /// Since the dial began, in seconds.
    public var ageSeconds: Double
    /// Idle for this long, in seconds; nil unless idle.
    public var idleSeconds: Double?
    /// Exchanges begun on it.
    public var exchanges: Int
    /// Our port; nil before it is connected and for unix sockets.
    public var localPort: Int?
    /// The peer's address; nil before one is chosen.
    public var peer: String?
    /// The method of the running exchange; nil unless active.
    public var method: String?
    /// How long the running exchange has been running, in seconds; nil unless active.
    public var exchangeSeconds: Double?
    /// When it will be closed if it stays idle, in seconds from now; nil unless idle, or where there is no limit.
    public var expiresInSeconds: Double?
    /// The rule that closes it then; nil unless `expiresInSeconds` is given.
    public var expiresBy: IdleLimitOrigin?
}

/// `lookups = hits + staleHits + negativeHits + misses + coalesced` at every instant.
public struct DNSCounts: Sendable, Codable, Equatable {
    /// Questions asked of the cache.
    public var lookups = 0
    /// Answered from the cache.
    public var hits = 0
    /// Answered from the cache after the TTL had run out, because no server answered.
    public var staleHits = 0
    /// Answered from the cache with "no such name".
    public var negativeHits = 0
    /// Asked of a server.
    public var misses = 0
    /// Joined a question already on its way.
    public var coalesced = 0
    /// Lookups asked of a server that ended without an answer.
    public var failures = 0
    /// DNS messages sent.
    public var queries = 0
    /// Names kept now.
    public var entries = 0

    /// All zero.
    public init() {}
}

/// One name in the DNS cache.
public struct DNSRecordSnapshot: Sendable, Codable, Equatable {
    /// The host (`HostSnapshot.id`) that asks for it.
    public var hostID: Int
    /// The name asked for.
    public var name: String
    /// Addresses, in the server's order.
    public var addresses: [String]
    /// The TTL it came with, in seconds, after clamping.
    public var ttlSeconds: Double
    /// What is left of it, in seconds; negative: stale.
    public var remainingSeconds: Double
    /// The cause where the answer is "no"; nil where there are addresses.
    public var negative: FailureCause?
    /// Lookups of this name answered from the cache.
    public var hits: Int
    /// Lookups of this name that asked a server.
    public var misses: Int
    /// Where the answer came from: `dns`, `hosts file`, `--resolve`.
    public var source: String
}

/// What the traffic generator does.
public struct LoadSnapshot: Sendable, Codable, Equatable {
    /// `open loop` (requests at planned times) or `closed loop` (a fixed number in flight).
    public var isOpenLoop: Bool
    /// Requests a second over all targets as planned now; nil for a closed loop.
    public var targetPerSecond: Double?
    /// Requests kept in flight; nil for an open loop.
    public var concurrency: Int?
    /// `constant` or `poisson`; empty for a closed loop.
    public var arrivals: String
    /// Requests whose planned time has come.
    public var planned: Int
    /// Requests given to the agent.
    public var sent: Int
    /// The seed of every random choice.
    public var seed: UInt64
    /// True while no request is planned.
    public var paused: Bool
    /// The mix, in the order of the configuration.
    public var targets: [LoadTarget]

    /// One target of the mix.
    public struct LoadTarget: Sendable, Codable, Equatable {
        /// As in `HostSnapshot.name`.
        public var name: String
        /// The request's URL.
        public var url: String
        /// The request's method.
        public var method: String
        /// Its part of the mix, of the sum of all weights.
        public var weight: Double
        /// Requests whose planned time has come.
        public var planned: Int

        package init(name: String, url: String, method: String, weight: Double, planned: Int) {
            self.name = name
            self.url = url
            self.method = method
            self.weight = weight
            self.planned = planned
        }
    }

    package init(
        isOpenLoop: Bool, targetPerSecond: Double?, concurrency: Int?, arrivals: String, planned: Int, sent: Int,
        seed: UInt64, paused: Bool, targets: [LoadTarget]
    ) {
        self.isOpenLoop = isOpenLoop
        self.targetPerSecond = targetPerSecond
        self.concurrency = concurrency
        self.arrivals = arrivals
        self.planned = planned
        self.sent = sent
        self.seed = seed
        self.paused = paused
        self.targets = targets
    }
}

/// What the process costs.
public struct ProcessSnapshot: Sendable, Codable, Equatable {
    /// CPU time of the whole process, user and system, in seconds.
    public var cpuSeconds: Double
    /// CPU time of the agent's and generator's threads only, in seconds.
    public var agentCPUSeconds: Double
    /// The largest resident size so far, in bytes.
    public var maxResidentBytes: Int
    /// Open file descriptors; nil where it is not known.
    public var openDescriptors: Int?
    /// The soft limit of file descriptors; nil where it is not known.
    public var descriptorLimit: Int?

    package init(
        cpuSeconds: Double = 0, agentCPUSeconds: Double = 0, maxResidentBytes: Int = 0, openDescriptors: Int? = nil,
        descriptorLimit: Int? = nil
    ) {
        self.cpuSeconds = cpuSeconds
        self.agentCPUSeconds = agentCPUSeconds
        self.maxResidentBytes = maxResidentBytes
        self.openDescriptors = openDescriptors
        self.descriptorLimit = descriptorLimit
    }
}

/// One thing that happened in the agent and is worth a line.
public struct AgentNotice: Sendable, Codable, Equatable {
    /// How much it matters.
    public enum Level: String, Codable, Sendable {
        /// Good to know.
        case info
        /// Wants a look.
        case warn
        /// A person changed something; drawn as a mark on every chart.
        case mark
    }
    /// How much it matters.
    public var level: Level
    /// Seconds since the agent started.
    public var uptimeSeconds: Double
    /// The host it is about; nil: all of them.
    public var hostID: Int?
    /// For marks, the few letters beside the chart's mark (`K on`); otherwise empty.
    public var label: String
    /// One line in plain words.
    public var text: String

    package init(level: Level, uptimeSeconds: Double, hostID: Int?, label: String = "", text: String) {
        self.level = level
        self.uptimeSeconds = uptimeSeconds
        self.hostID = hostID
        self.label = label
        self.text = text
    }
}
