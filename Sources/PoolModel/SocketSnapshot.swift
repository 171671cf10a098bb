/// The state of one connection as shown to users.
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

    /// True for the states in which an exchange is in progress.
    public var isActive: Bool {
        switch self {
        case .writing, .awaitingHead, .readingBody, .draining: true
        case .resolving, .connecting, .handshaking, .idle, .closing: false
        }
    }
}

/// One connection.
public struct SocketSnapshot: Sendable, Codable, Equatable {
    /// Unique for the life of the agent; later connections have higher ids.
    public var id: Int
    /// Its state.
    public var state: SocketState
    /// Seconds since the dial began.
    public var ageSeconds: Double
    /// Seconds that it has been idle; nil unless idle.
    public var idleSeconds: Double?
    /// Exchanges started on it.
    public var exchanges: Int
    /// The local port; nil before it is connected and for Unix sockets.
    public var localPort: Int?
    /// The peer's address; nil before one is chosen.
    public var peer: String?
    /// The method of the running exchange; nil unless active.
    public var method: String?
    /// How long the running exchange has taken so far, in seconds; nil unless active.
    public var exchangeSeconds: Double?
    /// Seconds until it is closed if it stays idle; nil unless it is idle and has a limit.
    public var expiresInSeconds: Double?
    /// The rule that closes it then; nil if `expiresInSeconds` is nil.
    public var expiresBy: IdleLimitOrigin?
    /// The process that owns it; nil: not known, or this one.
    public var pid: Int?
    /// The kernel's round-trip time, in seconds; nil: not known.
    public var roundTripSeconds: Double?
    /// Segments that were sent again; nil: not known.
    public var retransmits: Int?

    package init(
        id: Int, state: SocketState, ageSeconds: Double, idleSeconds: Double?, exchanges: Int, localPort: Int?,
        peer: String?, method: String?, exchangeSeconds: Double?, expiresInSeconds: Double?,
        expiresBy: IdleLimitOrigin?,
        pid: Int? = nil, roundTripSeconds: Double? = nil, retransmits: Int? = nil
    ) {
        self.id = id
        self.state = state
        self.ageSeconds = ageSeconds
        self.idleSeconds = idleSeconds
        self.exchanges = exchanges
        self.localPort = localPort
        self.peer = peer
        self.method = method
        self.exchangeSeconds = exchangeSeconds
        self.expiresInSeconds = expiresInSeconds
        self.expiresBy = expiresBy
        self.pid = pid
        self.roundTripSeconds = roundTripSeconds
        self.retransmits = retransmits
    }
}
