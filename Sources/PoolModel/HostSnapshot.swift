/// One host (origin): a pool of connections and its traffic.
public struct HostSnapshot: Sendable, Codable {
    /// The number of hosts used before this one. It is stable for the life of the agent and never reused. Until a host
    /// is evicted for another, it equals the position in `AgentSnapshot.hosts`.
    public var id: Int
    /// The name given to the target, or the authority (`127.0.0.1:8080`) if it has none.
    public var name: String
    /// `scheme://host:port`, always with the port.
    public var origin: String
    /// True if the origin is https.
    public var isTLS: Bool
    /// HTTP keep-alive in force for this host.
    public var keepAlive: Bool
    /// True if `keepAlive` was set for this host alone.
    public var keepAliveIsOwn: Bool
    /// The maximum number of connections in force.
    public var maxSockets: Int
    /// The maximum number of idle connections in force.
    public var maxFreeSockets: Int
    /// The idle limit in force, in seconds; nil if there is none.
    public var idleLimitSeconds: Double?
    /// The rule that determines `idleLimitSeconds`.
    public var idleLimitOrigin: IdleLimitOrigin
    /// The server's latest `Keep-Alive: timeout` hint, in seconds; nil if it sent none.
    public var hintTimeoutSeconds: Double?
    /// The server's latest `Keep-Alive: max` hint; nil if it sent none.
    public var hintMax: Int?
    /// The idle age at which this server is known to close connections; nil if unknown.
    public var learnedIdleSeconds: Double?
    /// How long the oldest queued request has waited, in seconds; nil if none is waiting.
    public var oldestWaitSeconds: Double?
    /// How long the longest-running exchange has taken so far, in seconds; nil if none is running.
    public var oldestActiveSeconds: Double?
    /// How long no byte has come from this host while requests were in flight whose turn is the server's, in seconds; nil:
    /// nothing is in flight, or something came less than a second ago.
    public var silentSeconds: Double?
    /// How long no response was completed and no byte of a body has come while bodies were read, in seconds; nil: none is
    /// read, or one did less than a second ago.
    public var bodySilentSeconds: Double?
    /// The longest time without a byte of a body after which one came, in seconds: streams of events pause between them;
    /// nil: none took a second.
    public var longestBodyPauseSeconds: Double?
    /// The requests in flight for a second or more, by age, the youngest first; nil: not known. They are in no
    /// distribution of durations yet, and will be in none where the server never answers.
    public var inFlightAges: [InFlightAge]?
    /// The oldest dial in progress, where it has taken a second or more; nil: there is none.
    public var oldestDial: DialProgress?
    /// Why the host's name is looked up in vain; nil: the last lookup gave addresses, or there is no name.
    public var nameFailure: NameFailure?
    /// The cause of the last failed dial, cleared by the next successful one; nil: none.
    public var lastConnectFailure: FailureCause?
    /// Why TLS failed, if that was the host's last failure and the reason is known; otherwise nil.
    public var lastTLSFailure: TLSFailure?
    /// Seconds until the next dial is allowed after failures; nil if one is allowed now.
    public var backoffSeconds: Double?
    /// The counts. A count that the source does not know is zero; `certainty` distinguishes it from a real zero.
    public var metrics: HostMetrics
    /// How well the source knows each group of figures.
    public var certainty: Certainties
    /// One entry per peer address ever dialled, at most 64, in the order of first use.
    public var addresses: [AddressSnapshot]
    /// The open connections, oldest first; nil unless they were requested.
    public var sockets: [SocketSnapshot]?
    /// The head of a recent response; nil until one is captured, which happens only while sockets are requested
    /// repeatedly.
    public var head: HeadSnapshot?

    /// Figures that only the kernel knows; nil: it was not asked.
    public var kernel: KernelFigures?

    package init(
        id: Int, name: String, origin: String, isTLS: Bool, keepAlive: Bool, keepAliveIsOwn: Bool, maxSockets: Int,
        maxFreeSockets: Int, idleLimitSeconds: Double? = nil, idleLimitOrigin: IdleLimitOrigin,
        hintTimeoutSeconds: Double? = nil, hintMax: Int? = nil, learnedIdleSeconds: Double? = nil,
        oldestWaitSeconds: Double? = nil, oldestActiveSeconds: Double? = nil, silentSeconds: Double? = nil,
        bodySilentSeconds: Double? = nil, longestBodyPauseSeconds: Double? = nil,
        inFlightAges: [InFlightAge]? = nil, oldestDial: DialProgress? = nil, nameFailure: NameFailure? = nil,
        lastConnectFailure: FailureCause? = nil, lastTLSFailure: TLSFailure? = nil, backoffSeconds: Double? = nil,
        metrics: HostMetrics,
        certainty: Certainties = Certainties(), addresses: [AddressSnapshot], sockets: [SocketSnapshot]? = nil,
        head: HeadSnapshot? = nil, kernel: KernelFigures? = nil
    ) {
        self.id = id
        self.name = name
        self.origin = origin
        self.isTLS = isTLS
        self.keepAlive = keepAlive
        self.keepAliveIsOwn = keepAliveIsOwn
        self.maxSockets = maxSockets
        self.maxFreeSockets = maxFreeSockets
        self.idleLimitSeconds = idleLimitSeconds
        self.idleLimitOrigin = idleLimitOrigin
        self.hintTimeoutSeconds = hintTimeoutSeconds
        self.hintMax = hintMax
        self.learnedIdleSeconds = learnedIdleSeconds
        self.oldestWaitSeconds = oldestWaitSeconds
        self.oldestActiveSeconds = oldestActiveSeconds
        self.silentSeconds = silentSeconds
        self.bodySilentSeconds = bodySilentSeconds
        self.longestBodyPauseSeconds = longestBodyPauseSeconds
        self.inFlightAges = inFlightAges
        self.oldestDial = oldestDial
        self.nameFailure = nameFailure
        self.lastConnectFailure = lastConnectFailure
        self.lastTLSFailure = lastTLSFailure
        self.backoffSeconds = backoffSeconds
        self.metrics = metrics
        self.certainty = certainty
        self.addresses = addresses
        self.sockets = sockets
        self.head = head
        self.kernel = kernel
    }
}

/// The rule that determines the idle limit.
public enum IdleLimitOrigin: String, Codable, Sendable {
    /// No limit.
    case none
    /// `AgentSettings.idleTimeout`.
    case own
    /// The server's `Keep-Alive: timeout` hint minus a margin.
    case hint
    /// The idle limit learned from the server's earlier closes.
    case learned
    /// The remainder of `AgentSettings.maxLifetime`.
    case lifetime
}

/// One peer address of a host.
public struct AddressSnapshot: Sendable, Codable, Equatable {
    /// `127.0.0.1:8080`, `[::1]:8080` or a unix path.
    public var address: String
    /// Connections established to it.
    public var connectionsOpened: Int
    /// Connections open to it now.
    public var open: Int
    /// Exchanges started on connections to it.
    public var exchanges: Int
    /// Whether it is in the host's current DNS answer. True if the host is an IP address and needs no DNS.
    public var isInDNS: Bool
    /// Whether connecting to it failed recently, so that it is tried last for now.
    public var isSuspect: Bool

    package init(address: String, connectionsOpened: Int, open: Int, exchanges: Int, isInDNS: Bool, isSuspect: Bool) {
        self.address = address
        self.connectionsOpened = connectionsOpened
        self.open = open
        self.exchanges = exchanges
        self.isInDNS = isInDNS
        self.isSuspect = isSuspect
    }
}
