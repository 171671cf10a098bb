package import PoolModel

/// The identity of a pool, and how its addresses are found.
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
    /// Overrides the agent's policy if it is given.
    package var keepAlive: KeepAlivePolicy?
    /// This host's changes to the agent's settings, in order.
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

/// A change of settings for a single host.
package typealias SettingsAdjustment = @Sendable (inout AgentSettings) -> Void

/// One of the addresses of a host.
package struct PeerRecord: Sendable {
    package let address: PeerAddress
    /// The address as shown in snapshots.
    package let text: String
    package var opened = 0
    package var exchanges = 0
    package var isInDNS = true
    /// The address failed and is tried last until this moment.
    package var suspectUntil = Moment.zero
    package var idle = LinkPool.List()

    package init(address: PeerAddress) {
        self.address = address
        text = address.description
    }
}

/// Complete responses by status code. Stores only the codes that occurred, because a host uses only a handful of them.
package struct StatusCounts: Sendable {
    /// In ascending order, without the responses in `latest`.
    private var codes: [(code: Int, count: Int)] = []
    /// The responses since the code last changed, which it seldom does.
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

/// The connections of one host by phase. Changed only where a connection's phase changes; recomputed by the invariants.
package struct Population: Sendable, Equatable {
    private var counts = InlineArray<8, Int>(repeating: 0)

    package init() {}

    package subscript(phase: ConnectionPhase) -> Int {
        get { counts[Int(phase.rawValue)] }
        set { counts[Int(phase.rawValue)] = newValue }
    }

    // The sum cannot overflow, because there are fewer connections than bytes of memory.
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

/// One host: its connections, its queue, and what is known about the server.
package struct HostPool: Sendable {
    package var description: HostDescription
    /// The number of hosts that the agent had before it.
    package var serial = 0
    /// The arrival of its latest request.
    package var usedAt = Moment.zero
    /// When a byte of a response came from it last.
    package var heardAt = Moment.zero
    /// When a byte of a body did, or a response was complete.
    package var bodyHeardAt = Moment.zero
    /// The longest time between two pieces of a body that was read.
    package var longestBodyPause = Nanoseconds.zero
    /// Its place in `AgentMachine.waitingHosts`; only while requests wait.
    package var waitingPlace = 0
    package var nameID: NameID?
    package var keepAlive: KeepAlivePolicy?
    package var limits: HostLimits

    package var population = Population()
    /// Head: became idle last. Tail: idle longest.
    package var idle = LinkPool.List()
    /// The slots of the dials in progress, oldest first; at most `maxDials`.
    package var dialing: [Int] = []
    /// Head: the oldest.
    package var waiters = LinkPool.List()
    /// The number of waiters that need a fresh connection.
    package var freshWaiters = 0

    package var peers: [PeerRecord] = []
    package var nextPeer = 0

    package var connectFailures = 0
    package var lastConnectFailure: FailureCause?
    /// Why TLS failed, if that is why the host cannot be used.
    package var lastTLSFailure: TLSFailure?
    package var dialAllowedAt = Moment.zero
    /// When the pause that ends at `dialAllowedAt` began.
    package var backingOffSince = Moment.zero
    /// The number of consecutive connections that the server closed unused, and the end of the resulting pause in
    /// opening more in advance.
    package var unusedCloses = 0
    package var prewarmAllowedAt = Moment.zero
    /// Until this moment each connection carries only one exchange, because the server has sent unsolicited responses.
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

    /// Nothing is in progress and it has no settings of its own, so it may be evicted for another host.
    var isEvictable: Bool {
        population.all == population.idle && waiters.isEmpty && keepAlive == nil && description.adjustments.isEmpty
    }
}
