/// When a connection may carry more than one exchange.
public enum KeepAlivePolicy: Sendable, Equatable {
    /// As often as the server and the other limits allow.
    case on
    /// Never: every request carries `Connection: close` on a connection of its own.
    case off
    /// Exactly this many exchanges, drawn once per connection from the range; above zero.
    case exchanges(ClosedRange<Int>)

    /// False only for `off`.
    public var isOn: Bool { self != .off }
}

/// Which of a host's idle connections carries the next request.
public enum Scheduling: String, CaseIterable, Codable, Sendable {
    /// The one used last: the fewest connections stay warm. Matches http.Agent's `scheduling: 'lifo'`, its default.
    case lifo
    /// The one idle longest: all stay warm. Matches http.Agent's `scheduling: 'fifo'`.
    case fifo
    /// One of the address next in turn: load spreads over a host's addresses.
    case roundRobin = "round-robin"
}

/// Every limit of an agent. All of them can change while the agent runs.
///
/// A time limit of nil means "no limit". A count of nil means "no limit"; zero means what it says.
public struct AgentSettings: Sendable, Equatable {
    /// HTTP keep-alive. Default on, as in Node's global agent since 19; matches http.Agent's `keepAlive`.
    public var keepAlive: KeepAlivePolicy = .on
    /// Connections per host, dials in progress included. Default 64: enough for 3,000 requests a second at 20 ms each.
    /// `maxTotalSockets` wins where it is lower. Matches http.Agent's `maxSockets` (there unlimited).
    public var maxSocketsPerHost = 64
    /// Connections over all hosts, dials in progress included. Default 256, far below the usual 1,024 descriptors.
    /// At this limit the oldest idle connection of another host makes room. Matches http.Agent's `maxTotalSockets`.
    public var maxTotalSockets = 256
    /// Idle connections kept per host; zero keeps none. Default 32: half of the connections, so that a burst's surplus
    /// goes away. Matches http.Agent's `maxFreeSockets` (there 256, and zero cannot be said).
    public var maxFreeSocketsPerHost = 32
    /// Idle connections kept over all hosts; nil: as many as the limits per host allow. Default nil. Node has none.
    public var maxFreeSocketsTotal: Int?
    /// Idle connections kept ready per host, opened one at a time ahead of need. Default 0. Never over another limit.
    public var minIdlePerHost = 0
    /// How long a connection may be idle; nil: for ever. Default 60 s. The server's hint, the learned limit and the
    /// remaining lifetime win where they are lower. Matches http.Agent's `timeout` on free sockets.
    public var idleTimeout: Duration? = .seconds(60)
    /// How long a connection may live; nil: for ever. Default 10 min, so that a fleet behind a balancer is spread anew.
    public var maxLifetime: Duration? = .seconds(600)
    /// The share of `maxLifetime` that is drawn at random per connection, up and down, so that connections opened
    /// together do not end together. Default 0.1; 0…1.
    public var lifetimeJitter = 0.1
    /// Exchanges per connection; nil: no limit. Default nil. The server's `max` hint wins where it is lower.
    public var maxRequestsPerConnection: Int?
    /// Which idle connection goes first. Default LIFO, as in Node.
    public var scheduling = Scheduling.lifo
    /// Requests per host that may wait for a connection while no dial of their own is in progress. Default 1,024. One
    /// more fails with `queueFull`. Zero: a request that cannot have a connection or a dial at once fails.
    public var queueLimit = 1024
    /// How long a request may wait for a connection; nil: as long as `requestTimeout`. Default 30 s.
    public var queueTimeout: Duration? = .seconds(30)
    /// TCP connect, all addresses together; nil: the system's own limit. Default 10 s.
    public var connectTimeout: Duration? = .seconds(10)
    /// TLS handshake; nil: no limit. Default 10 s.
    public var tlsTimeout: Duration? = .seconds(10)
    /// One lookup, all servers and tries together; nil: no limit. Default 5 s.
    public var dnsTimeout: Duration? = .seconds(5)
    /// From the last request byte to the first response byte; nil: no limit but `requestTimeout`. Default nil.
    public var firstByteTimeout: Duration?
    /// From a request's arrival at the agent to its last response byte; nil: no limit. Default 30 s.
    public var requestTimeout: Duration? = .seconds(30)
    /// Dials in progress per host. Default 8, so that a burst is no dial storm at the server.
    public var maxDialsPerHost = 8
    /// How often a request that is safe to repeat is sent again after its reused connection died; zero: never.
    /// Default 1. A retry always goes to a fresh connection, so more than 1 has no use.
    public var retries = 1
    /// Retries allowed as a share of requests, so that an outage is not doubled. Default 0.2, with a floor of 10 a second.
    public var retryBudget = 0.2
    /// Whether answers are kept for their TTL. Off: every dial asks the DNS server. Default on. Node has no cache.
    public var dnsCache = true
    /// The shortest time that an answer is kept, except one with TTL 0, which is not kept. Default 1 s.
    public var dnsMinTTL: Duration = .seconds(1)
    /// The longest time that an answer is kept. Default 300 s.
    public var dnsMaxTTL: Duration = .seconds(300)
    /// How long past its TTL an answer may be served while no DNS server answers; zero: never. Default 1 h (RFC 8767).
    public var dnsStale: Duration = .seconds(3600)
    /// Names kept at the most; the least recently used goes first. Default 1,024.
    public var dnsCacheSize = 1024
    /// TCP keep-alive probes after this much silence; nil: none. Default 30 s, below every balancer's silent drop.
    /// Matches http.Agent's `keepAliveMsecs` (there 1 s).
    public var tcpKeepAliveProbe: Duration? = .seconds(30)

    /// The defaults.
    public init() {}

    /// The limits over all hosts as they are obeyed. Without any connection no request could ever go out.
    var withinReason: AgentSettings {
        var settings = self
        settings.maxTotalSockets = max(1, maxTotalSockets)
        settings.maxFreeSocketsTotal = maxFreeSocketsTotal.map { max(0, $0) }
        return settings
    }
}
