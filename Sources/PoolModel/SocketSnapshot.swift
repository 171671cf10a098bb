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

    package init(
        id: Int, state: SocketState, ageSeconds: Double, idleSeconds: Double?, exchanges: Int, localPort: Int?,
        peer: String?, method: String?, exchangeSeconds: Double?, expiresInSeconds: Double?, expiresBy: IdleLimitOrigin?
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
    }
}
