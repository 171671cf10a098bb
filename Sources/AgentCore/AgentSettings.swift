import PoolModel

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

/// Every limit of an agent. All of them can change while the agent runs; each says how it meets what is under way.
///
/// Durations are limits from above: nil means "no limit", zero or less "no time at all". A count of nil means "no
/// limit"; zero means what it says, but where a setting says that at least one holds.
public struct AgentSettings: Sendable, Equatable {
    // MARK: HTTP keep-alive and the number of connections

    /// Whether connections carry more than one exchange (RFC 9112 §9.3). Default on, as in Node's global agent since 19.
    ///
    /// Switched off, idle connections close at once and the others after their exchange; on, it holds from the next
    /// response. A host's own setting wins. Matches http.Agent's `keepAlive`.
    public var keepAlive: KeepAlivePolicy = .on
    /// Connections per host, dials in progress included; below 1 counts as 1. Default 64: enough for 3,000 requests a
    /// second at 20 ms each.
    ///
    /// `maxTotalSockets` wins where it leaves less. Lowered, it closes surplus idle connections now and lets the others
    /// finish. Matches http.Agent's `maxSockets` (there unlimited).
    public var maxSocketsPerHost = 64
    /// Connections over all hosts, dials in progress included; below 1 counts as 1. Default 256, far below the usual
    /// limit of 1,024 descriptors.
    ///
    /// At this limit the oldest idle connection of another host makes room, and a freed place goes to the request that
    /// has waited longest over all hosts. Matches http.Agent's `maxTotalSockets` (there unlimited).
    public var maxTotalSockets = 256
    /// Idle connections kept per host; nil: as many as `maxSocketsPerHost`. Zero keeps none, and a connection then carries
    /// another exchange only if a request waits for it. Default nil: under a steady load any number of connections may be
    /// between two requests at once, and those that a lower limit closes would have to be opened again.
    ///
    /// Surplus connections go, the one idle longest first, when they have rested for a second; where the limit is lowered
    /// they go at once. `maxFreeSocketsTotal` wins where it leaves less. Matches http.Agent's `maxFreeSockets` (there 256,
    /// and zero cannot be said).
    public var maxFreeSocketsPerHost: Int?
    /// Idle connections kept over all hosts; the one idle longest goes, when it has rested for a second. Nil: as many as
    /// the limits per host allow. Default nil, because `maxTotalSockets` bounds them as well. http.Agent has no such limit.
    public var maxFreeSocketsTotal: Int?
    /// Idle connections kept ready per host; zero: none are opened ahead of need. Default 0, since they cost the server
    /// memory that a host with steady traffic does not need.
    ///
    /// Opened one at a time from the host's first request on, and replaced when a limit ends them. Every other limit
    /// wins, and so does HTTP keep-alive that is off. http.Agent has none.
    public var minIdlePerHost = 0
    /// Which idle connection goes first. Default LIFO: the fewest connections stay warm. Matches http.Agent's
    /// `scheduling`.
    public var scheduling = Scheduling.lifo

    // MARK: The life of a connection

    /// How long a connection may be idle; nil: for ever. Default 60 s, the idle limit of common load balancers.
    ///
    /// The lowest of four wins: this, the server's `Keep-Alive: timeout` hint and the limit learned from its FINs, both
    /// less a margin of a second (half, where that is less), and the rest of the lifetime. Matches http.Agent's
    /// `timeout` for free sockets.
    public var idleTimeout: Duration? = .seconds(60)
    /// How long a connection may live, from its end of the handshake; nil: for ever. Default 10 min, so that connections
    /// spread anew over a fleet behind one name. An exchange that is under way finishes. http.Agent has none.
    public var maxLifetime: Duration? = .seconds(600)
    /// The share of `maxLifetime`, 0…1, that is drawn at random per connection, up and down, so that connections opened
    /// together do not end together; zero: none. Default 0.1. http.Agent has none.
    public var lifetimeJitter = 0.1
    /// Exchanges per connection; nil: no limit, below 1 counts as 1. Default nil. The last one carries
    /// `Connection: close` (RFC 9112 §9.6).
    ///
    /// The lowest of this, `KeepAlivePolicy.exchanges` and the server's `Keep-Alive: max` hint wins. http.Agent has none.
    public var maxRequestsPerConnection: Int?
    /// TCP keep-alive probes after this much silence, then every half of it, three in all; nil: none. In whole seconds,
    /// at least one. Default 30 s, below every balancer's silent drop. Holds for connections opened from then on; one
    /// that is opened while HTTP keep-alive is off has none, for it carries one exchange. Matches http.Agent's
    /// `keepAliveMsecs` (there 1 s).
    public var tcpKeepAliveProbe: Duration? = .seconds(30)

    // MARK: Waiting

    /// Requests per host that may wait beside the dials in progress: those waiting, less those dials. Zero: a request
    /// that cannot have a connection or a dial at once fails. Default 1,024: a third of a second at 3,000 a second.
    ///
    /// One more fails with `queueFull`; lowered, the newest surplus fails. http.Agent's queue has no limit.
    public var queueLimit = 1024
    /// How long a request may wait for a connection, lookup and connect included; nil: as long as `requestTimeout`.
    /// Default 30 s.
    ///
    /// It fails with `queueTimeout`, or with the cause of the last failed dial if the host had one since its last good
    /// one. http.Agent has none.
    public var queueTimeout: Duration? = .seconds(30)
    /// From a request's arrival at the agent to its last response byte; nil: no limit. Default nil, since how long a
    /// download takes depends on its length: the limits on silence find servers that do not answer. Holds for requests
    /// from then on; `AgentRequestOptions.timeout` wins where it is given. It fails with `requestTimeout`. Node has a
    /// limit of silence only (`timeout`).
    public var requestTimeout: Duration?
    /// From the last request byte to the head of the final response; nil: no limit but `requestTimeout`, which wins
    /// where it is earlier. Default 30 s. While a request's body is on its way it is a limit on how long the server may
    /// take none of it; the time that the caller takes to produce the body does not count. It fails with
    /// `firstByteTimeout`. Node has none; undici's `headersTimeout` is like it.
    public var firstByteTimeout: Duration? = .seconds(30)
    /// How long a response's body may be silent; nil: no limit but `requestTimeout`, which wins where it is earlier.
    /// Default 30 s. Each byte starts it anew, and so does a reader that goes on: while the caller does not read, the
    /// silence is not the server's. It fails with `requestTimeout`. Matches http.Agent's `timeout` for sockets in use,
    /// and undici's `bodyTimeout`.
    public var bodySilenceTimeout: Duration? = .seconds(30)

    // MARK: Dialling

    /// TCP connect, all addresses of the host together; nil: the system's own limit. Default 10 s: three SYNs. It fails
    /// with `connectTimeout`.
    public var connectTimeout: Duration? = .seconds(10)
    /// TLS handshake; nil: no limit. Default 10 s. It fails with `tlsHandshakeFailed`.
    public var tlsTimeout: Duration? = .seconds(10)
    /// One lookup, all servers and tries together; nil: no limit. Default 5 s. It fails with `dnsTimeout`.
    public var dnsTimeout: Duration? = .seconds(5)
    /// Dials in progress per host; below 1 counts as 1. Default 8, so that a burst is no storm of dials at the server.
    /// The limits on connections win where they leave less. http.Agent has none.
    public var maxDialsPerHost = 8
    /// The longest pause between dials of a host that cannot be reached, while requests want it; below 10 ms counts as
    /// 10 ms. Default 1 s, so that a host that comes back is used within a second.
    ///
    /// The pause begins at 100 ms and grows by a quarter with every failure, ± 10 %; dials that fail together count once,
    /// and a good one starts anew. While no request wants the host, dials ahead of need (`minIdlePerHost`) pause up to
    /// five times as long. http.Agent has no pause.
    public var maxBackoff: Duration = .seconds(1)
    /// Whether a host without a connection fails its requests while it backs off. Default on, as Node's, Go's and
    /// undici's clients do: a request to a host that is down gains nothing by waiting.
    ///
    /// On: a failed dial fails every request that waits for that host with the dial's cause, and requests that come
    /// before the next dial is allowed fail at once with the same one. Off: only the request that has waited longest
    /// fails, and the others wait for the next dial or their own limit. Either way requests are left to connections that
    /// are open, and a DNS failure that the cache keeps fails all that wait.
    public var failFastWhileBackingOff = true

    // MARK: Retries

    /// Whether a request that is safe to repeat is sent again after its reused connection died without a byte of an
    /// answer (RFC 9110 §9.2.2, RFC 9112 §9.3.1); zero: never. Default 1. A retry goes to a fresh connection and is not
    /// retried itself, so more than 1 has no use. Node leaves this to the caller (`req.reusedSocket`).
    public var retries = 1
    /// Retries per host as a share of its requests, 0…1, so that an outage is not doubled. Ten a second are always
    /// allowed. Default 0.2, as in Envoy. What it refuses is counted (`RetryDecision.budget`).
    public var retryBudget = 0.2

    // MARK: Names

    /// Whether answers are kept for their TTL. Off: every dial asks a DNS server, and what was kept is dropped. Default
    /// on. Node has no cache.
    public var dnsCache = true
    /// The shortest time that an answer is kept, but for one with TTL 0, which serves the request at hand only
    /// (RFC 1035 §3.2.1). Default 1 s. `dnsMaxTTL` wins where it is lower.
    public var dnsMinTTL: Duration = .seconds(1)
    /// The longest time that an answer is kept, in force at once for what is kept already; zero: answers are not kept.
    /// Default 300 s.
    public var dnsMaxTTL: Duration = .seconds(300)
    /// How long past its TTL an answer may be served while no DNS server answers (RFC 8767); zero: never. Default 1 h.
    public var dnsStale: Duration = .seconds(3600)
    /// Names kept at the most; the least recently used goes first, and zero keeps none. Default 1,024.
    public var dnsCacheSize = 1024

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
