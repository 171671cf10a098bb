package import PoolModel

/// What a pool belongs to, and how its addresses are found.
package struct HostDescription: Sendable {
    package enum Location: Sendable, Equatable {
        case name(String)
        case addresses([PeerAddress])
    }

    package var name: String
    package var origin: String
    package var isTLS: Bool
    package var port: Int
    package var location: Location
    /// Wins over the agent's settings where given.
    package var keepAlive: KeepAlivePolicy?
    /// Changes that this host makes to the agent's settings, in order.
    package var adjustments: [SettingsAdjustment]

    package init(
        name: String, origin: String, isTLS: Bool, port: Int, location: Location, keepAlive: KeepAlivePolicy? = nil,
        adjustments: [SettingsAdjustment] = []
    ) {
        self.name = name
        self.origin = origin
        self.isTLS = isTLS
        self.port = port
        self.location = location
        self.keepAlive = keepAlive
        self.adjustments = adjustments
    }
}

/// A change of settings that holds for one host.
package typealias SettingsAdjustment = @Sendable (inout AgentSettings) -> Void

/// One address that a host was dialled at.
package struct PeerRecord: Sendable {
    package let address: PeerAddress
    /// The address as every snapshot shows it.
    package let text: String
    package var opened = 0
    package var exchanges = 0
    package var isInDNS = true
    /// Until then it is tried last, because it failed.
    package var suspectUntil = Moment.zero
    package var idle = LinkPool.List()

    package init(address: PeerAddress) {
        self.address = address
        text = address.description
    }
}

/// Complete responses by status code: only the codes that came, since a host answers with a handful of them.
package struct StatusCounts: Sendable {
    /// In ascending order, without the latest responses.
    private var codes: [(code: Int, count: Int)] = []
    /// The responses since the code was last another one, which it seldom is.
    private var latest = (code: 0, count: 0)

    package init() {}

    package var byCode: [Int: Int] {
        var counts = Dictionary(uniqueKeysWithValues: codes.lazy.map { ($0.code, $0.count) })
        if latest.count > 0 { counts[latest.code, default: 0] += latest.count }
        return counts
    }

    @inline(__always)
    package mutating func add(_ code: Int) {
        if code != latest.code {
            countLatest()
            latest = (code, 0)
        }
        latest.count += 1
    }

    @inline(never)
    private mutating func countLatest() {
        guard latest.count > 0 else { return }
        var (low, high) = (0, codes.count)
        while low < high {
            let middle = (low + high) / 2
            if codes[middle].code < latest.code { low = middle + 1 } else { high = middle }
        }
        if low < codes.count, codes[low].code == latest.code {
            codes[low].count += latest.count
        } else {
            codes.insert(latest, at: low)
        }
    }
}

/// The connections of one host by phase. Changed only where a connection's phase changes; recounted by the invariants.
package struct Population: Sendable, Equatable {
    private var counts = InlineArray<8, Int>(repeating: 0)

    package init() {}

    package subscript(phase: ConnectionPhase) -> Int {
        get { counts[Int(phase.rawValue)] }
        set { counts[Int(phase.rawValue)] = newValue }
    }

    // No sum can overflow: there are fewer connections than bytes of memory.
    @inline(__always)
    package var dialing: Int { self[.resolving] &+ self[.connecting] &+ self[.handshaking] }
    @inline(__always)
    package var idle: Int { self[.idle] }
    @inline(__always)
    package var active: Int { self[.writing] &+ self[.awaitingHead] &+ self[.readingBody] &+ self[.draining] }
    @inline(__always)
    package var established: Int { idle &+ active }
    @inline(__always)
    package var all: Int { dialing &+ established }

    package static func == (lhs: Population, rhs: Population) -> Bool {
        var phase = 0
        while phase < 8 {
            if lhs.counts[phase] != rhs.counts[phase] { return false }
            phase += 1
        }
        return true
    }
}

/// One host: its connections, its queue, and what is known of the server.
package struct HostPool: Sendable {
    package var description: HostDescription
    /// How many hosts the agent had before it.
    package var serial = 0
    /// When a request for it came last.
    package var usedAt = Moment.zero
    /// When a byte of a response came from it last.
    package var heardAt = Moment.zero
    /// When a byte of a body did, or a response was complete.
    package var bodyHeardAt = Moment.zero
    /// Its place in `AgentMachine.waitingHosts`; only while requests wait.
    package var waitingPlace = 0
    package var nameID: NameID?
    package var keepAlive: KeepAlivePolicy?
    package var limits: HostLimits

    package var population = Population()
    /// Head: parked last. Tail: idle longest.
    package var idle = LinkPool.List()
    /// Slots of the dials in progress, oldest first; at most `maxDials`.
    package var dialing: [Int] = []
    /// Head: the oldest.
    package var waiters = LinkPool.List()
    /// How many of the waiters take a fresh connection only.
    package var freshWaiters = 0

    package var peers: [PeerRecord] = []
    package var nextPeer = 0

    package var connectFailures = 0
    package var lastConnectFailure: FailureCause?
    /// Why TLS failed, where that is why the host cannot be used.
    package var lastTLSFailure: TLSFailure?
    package var dialAllowedAt = Moment.zero
    /// When the pause that ends at `dialAllowedAt` began.
    package var backingOffSince = Moment.zero
    /// Unused connections in a row that the server ended, and until when none is opened ahead of need.
    package var unusedCloses = 0
    package var prewarmAllowedAt = Moment.zero
    /// Until then each connection carries one exchange, because the server has sent answers that nobody asked for.
    package var distrustedUntil = Moment.zero

    package var hintTimeout: Nanoseconds?
    package var hintMax: Int?
    package var learned = LearnedIdleLimit()
    package var retryBudget = RetryBudget()

    /// Everything that is only counted, as the snapshot shows it. Present counts are zero here: `metrics` derives them from
    /// the states, and with them the totals that are sums of others.
    package var totals = HostMetrics()
    package var statuses = StatusCounts()
    /// Kinds of notices already given, so that each is said once per episode.
    package var noticed = NoticeMemory()

    package init(description: HostDescription, limits: HostLimits) {
        self.description = description
        self.keepAlive = description.keepAlive
        self.limits = limits
    }

    /// Nothing of it is under way, and nothing was set for it alone: it may make room for another host.
    var mayLeave: Bool {
        population.all == population.idle && waiters.isEmpty && keepAlive == nil && description.adjustments.isEmpty
    }
}

/// The settings of one host in the units of the core.
package struct HostLimits: Sendable, Equatable {
    package var maxSockets: Int
    package var maxFree: Int
    package var minIdle: Int
    package var maxDials: Int
    package var maxBackoff: Nanoseconds
    package var failsFast: Bool
    package var queueLimit: Int
    package var idleTimeout: Nanoseconds
    package var lifetime: Nanoseconds
    package var queueTimeout: Nanoseconds
    package var connectTimeout: Nanoseconds
    package var tlsTimeout: Nanoseconds
    package var dnsTimeout: Nanoseconds
    package var firstByteTimeout: Nanoseconds
    package var bodySilence: Nanoseconds
    package var requestTimeout: Nanoseconds
    package var scheduling: Scheduling
    package var maxRequests: Int
    package var retries: Int

    package init(_ agent: AgentSettings, host: HostDescription) {
        var settings = agent
        for adjust in host.adjustments { adjust(&settings) }
        func limit(_ duration: Duration?) -> Nanoseconds { max(0, duration?.clampedNanoseconds ?? .max) }
        maxSockets = max(1, settings.maxSocketsPerHost)
        maxFree = settings.maxFreeSocketsPerHost.map { max(0, $0) } ?? maxSockets
        minIdle = max(0, settings.minIdlePerHost)
        maxDials = max(1, settings.maxDialsPerHost)
        maxBackoff = max(Self.shortestBackoff, settings.maxBackoff.clampedNanoseconds)
        failsFast = settings.failFastWhileBackingOff
        queueLimit = max(0, settings.queueLimit)
        idleTimeout = limit(settings.idleTimeout)
        lifetime = limit(settings.maxLifetime)
        queueTimeout = limit(settings.queueTimeout)
        connectTimeout = limit(settings.connectTimeout)
        tlsTimeout = limit(settings.tlsTimeout)
        dnsTimeout = limit(settings.dnsTimeout)
        firstByteTimeout = limit(settings.firstByteTimeout)
        bodySilence = limit(settings.bodySilenceTimeout)
        requestTimeout = limit(settings.requestTimeout)
        scheduling = settings.scheduling
        maxRequests = settings.maxRequestsPerConnection.map { max(1, $0) } ?? .max
        retries = max(0, settings.retries)
    }

    /// With none at all a dial ahead of need to a host that refuses would be a busy loop.
    private static let shortestBackoff: Nanoseconds = .milliseconds(10)
}
