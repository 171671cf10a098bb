package import PoolModel

/// When a connection may carry more than one exchange.
public enum KeepAlivePolicy: Sendable, Equatable {
    /// As often as the server and the other limits allow.
    case on
    /// Never: every request carries `Connection: close` on a connection of its own.
    case off
    /// Exactly this many exchanges, drawn at random from the range once per connection; must be above zero.
    case exchanges(ClosedRange<Int>)

    /// True unless `off`.
    public var isOn: Bool { self != .off }
}

/// The rule by which one of a host's idle connections is chosen for the next request.
public enum Scheduling: String, CaseIterable, Codable, Sendable {
    /// The most recently used one, so that the fewest connections stay warm. Matches http.Agent's `scheduling: 'lifo'`,
    /// its default.
    case lifo
    /// The one that has been idle longest, so that all stay warm. Matches http.Agent's `scheduling: 'fifo'`.
    case fifo
    /// One to the next address in rotation, so that load spreads over a host's addresses.
    case roundRobin = "round-robin"
}

/// All limits of an agent. Every one can be changed while the agent runs; its documentation says how a change affects
/// work in progress.
///
/// Durations are upper limits: nil means "no limit", zero or less means "no time at all". For counts, nil means "no
/// limit", and zero means zero unless the setting has a minimum of one.
public struct AgentSettings: Sendable, Equatable {
    // MARK: HTTP keep-alive and the number of connections

    /// Whether connections carry more than one exchange (RFC 9112 §9.3). Default on, as in Node's global agent since
    /// version 19.
    ///
    /// When switched off, idle connections close at once and active ones after their exchange. When switched on, it
    /// applies from the next response. A host's own setting wins. Matches http.Agent's `keepAlive`.
    /// response. A host's own setting wins. Matches http.Agent's `keepAlive`.
    public var keepAlive: KeepAlivePolicy = .on
    /// The maximum number of connections per host, including dials in progress; below 1 counts as 1. Default 64: enough
    /// for 3,000 requests per second at 20 ms each.
    ///
    /// `maxTotalSockets` wins if it allows fewer. When lowered, surplus idle connections close at once and the others
    /// finish their exchange. Matches http.Agent's `maxSockets` (unlimited there).
    public var maxSocketsPerHost = 64
    /// The maximum number of connections over all hosts, including dials in progress; below 1 counts as 1. Default 256,
    /// far below the usual limit of 1,024 file descriptors.
    ///
    /// At this limit the oldest idle connection of another host is closed to make room, and a free slot goes to the
    /// request that has waited longest over all hosts. Matches http.Agent's `maxTotalSockets` (unlimited there).
    public var maxTotalSockets = 256
    /// The maximum number of idle connections per host; nil: the same as `maxSocketsPerHost`. With zero, a connection
    /// carries another exchange only if a request is already waiting for it. Default nil, because under a steady load
    /// any number of connections may be between two requests at the same time, and those that a lower limit closes
    /// would have to be reopened.
    ///
    /// Surplus connections are closed after they have been idle for a second, the longest idle first; if the limit is
    /// lowered, they are closed at once. `maxFreeSocketsTotal` wins if it allows fewer. Matches http.Agent's
    /// `maxFreeSockets` (256 there, and zero is not possible).
    public var maxFreeSocketsPerHost: Int?
    /// The maximum number of idle connections over all hosts; nil: as many as the limits per host allow. A surplus
    /// connection is closed after it has been idle for a second, the longest idle first. Default nil, because
    /// `maxTotalSockets` bounds them as well. http.Agent has no such limit.
    public var maxFreeSocketsTotal: Int?
    /// The number of idle connections kept ready per host; zero: none are opened in advance. Default 0, because they
    /// cost the server memory and a host with steady traffic does not need them.
    ///
    /// They are opened one at a time from the host's first request on, and replaced when a limit closes them. Every
    /// other limit wins, and none are opened while HTTP keep-alive is off. http.Agent has no such setting.
    public var minIdlePerHost = 0
    /// The rule by which an idle connection is chosen. Default LIFO, so that the fewest connections stay warm. Matches
    /// http.Agent's `scheduling`.
    public var scheduling = Scheduling.lifo

    // MARK: The life of a connection

    /// How long a connection may be idle; nil: forever. Default 60 s, the idle limit of common load balancers.
    ///
    /// The lowest of four limits wins: this one, the server's `Keep-Alive: timeout` hint, the limit learned from the
    /// server's earlier closes, and the remaining lifetime. A margin of one second (or half of a limit below two
    /// seconds) is subtracted from the hint and from the learned limit. Matches http.Agent's `timeout` for free
    /// sockets.
    public var idleTimeout: Duration? = .seconds(60)
    /// How long a connection may live, counted from the end of its handshake; nil: forever. Default 10 min, so that
    /// connections are redistributed over the servers behind one name. An exchange in progress finishes. http.Agent has
    /// no such limit.
    public var maxLifetime: Duration? = .seconds(600)
    /// The share of `maxLifetime`, 0…1, by which it is randomly lengthened or shortened for each connection, so that
    /// connections opened together do not end together; zero: none. Default 0.1. http.Agent has no such setting.
    public var lifetimeJitter = 0.1
    /// The maximum number of exchanges per connection; nil: no limit; below 1 counts as 1. Default nil. The last
    /// request carries `Connection: close` (RFC 9112 §9.6).
    ///
    /// The lowest of this, `KeepAlivePolicy.exchanges` and the server's `Keep-Alive: max` hint wins. http.Agent has no
    /// such limit.
    public var maxRequestsPerConnection: Int?
    /// The inactivity after which TCP keep-alive probes are sent, then at intervals of half of it, three in all; nil:
    /// none. In whole seconds, at least one. Default 30 s, less than the time after which any common load balancer
    /// silently drops a connection. Applies to connections opened from then on. A connection that is opened while HTTP
    /// keep-alive is off sends no probes, because it carries only one exchange. Matches http.Agent's `keepAliveMsecs`
    /// (1 s there).
    public var tcpKeepAliveProbe: Duration? = .seconds(30)

    // MARK: Waiting

    /// The maximum number of queued requests per host, not counting one for each dial in progress. Zero: a request that
    /// cannot have a connection or a dial at once fails. Default 1,024: the arrivals of a third of a second at 3,000
    /// per second.
    ///
    /// A request above the limit fails with `queueFull`; if the limit is lowered, the newest surplus requests fail.
    /// http.Agent's queue has no limit.
    public var queueLimit = 1024
    /// How long a request may wait for a connection, including lookup and connect; nil: as long as `requestTimeout`.
    /// Default 30 s.
    ///
    /// The request fails with `queueTimeout`, or with the cause of the host's last failed dial if no dial has succeeded
    /// since. http.Agent has no such limit.
    public var queueTimeout: Duration? = .seconds(30)
    /// The time from a request's arrival at the agent to its last response byte; nil: no limit. Default nil, because
    /// the duration of a download depends on its length; the limits on inactivity detect servers that do not answer.
    /// Applies to requests made from then on; `AgentRequestOptions.timeout` wins if it is given. The request fails with
    /// `requestTimeout`. Node limits inactivity only (`timeout`).
    public var requestTimeout: Duration?
    /// The time from the last request byte to the head of the final response; nil: no limit. Default 30 s.
    /// `requestTimeout` wins if it ends earlier. While a request body is being sent, this limits how long the server
    /// may accept none of it; time that the caller takes to produce the body does not count. The request fails with
    /// `firstByteTimeout`. Node has no such limit; undici's `headersTimeout` is similar.
    public var firstByteTimeout: Duration? = .seconds(30)
    /// How long no byte of a response body may arrive; nil: no limit. Default 30 s. `requestTimeout` wins if it ends
    /// earlier. The timer restarts with each byte, and when a reader resumes: while the caller does not read, the
    /// server is not to blame. The request fails with `requestTimeout`. Matches http.Agent's `timeout` for sockets in
    /// use, and undici's `bodyTimeout`.
    public var bodySilenceTimeout: Duration? = .seconds(30)

    // MARK: Dialling

    /// The time limit for the TCP connect, over all addresses of the host; nil: the system's own limit. Default 10 s:
    /// three SYNs. The dial fails with `connectTimeout`.
    public var connectTimeout: Duration? = .seconds(10)
    /// The time limit for the TLS handshake; nil: no limit. Default 10 s. The dial fails with `tlsHandshakeFailed`.
    public var tlsTimeout: Duration? = .seconds(10)
    /// The time limit for a lookup, over all servers and tries; nil: no limit. Default 5 s. The lookup fails with
    /// `dnsTimeout`.
    public var dnsTimeout: Duration? = .seconds(5)
    /// The maximum number of dials in progress per host; below 1 counts as 1. Default 8, so that a burst of requests
    /// does not flood the server with connects. The limits on connections win if they allow fewer. http.Agent has no
    /// such limit.
    public var maxDialsPerHost = 8
    /// The longest pause between dials to an unreachable host while requests are waiting for it; below 10 ms counts as
    /// 10 ms. Default 1 s, so that a host that recovers is used within a second.
    ///
    /// The pause starts at 100 ms and grows by a quarter with each failure, ± 10 %. Dials that fail together count
    /// once, and a successful dial resets it. While no request is waiting, dials in advance (`minIdlePerHost`) pause up
    /// to five times as long. http.Agent has no pause.
    public var maxBackoff: Duration = .seconds(1)
    /// Whether requests to a host without a connection fail while it backs off. Default on, as in Node, Go and undici:
    /// a request to a host that is down gains nothing by waiting.
    ///
    /// On: a failed dial fails every request that waits for the host with the dial's cause, and requests that arrive
    /// before the next dial is allowed fail at once with the same cause. Off: only the request that has waited longest
    /// fails, and the others wait for the next dial or for their own limit. Either way, requests keep waiting if the
    /// host has open connections, and a DNS failure in the cache fails all that wait.
    public var failFastWhileBackingOff = true

    // MARK: Retries

    /// How many times a request that is safe to repeat is sent again after its reused connection died without a byte of
    /// an answer (RFC 9110 §9.2.2, RFC 9112 §9.3.1); zero: never. Default 1. A retry uses a fresh connection and is not
    /// retried itself, so a value above 1 has no effect. Node leaves retries to the caller (`req.reusedSocket`).
    public var retries = 1
    /// The maximum number of retries per host as a share of its requests, 0…1, so that retries do not double an outage.
    /// Ten per second are always allowed. Default 0.2, as in Envoy. Refused retries are counted
    /// (`RetryDecision.budget`).
    public var retryBudget = 0.2

    // MARK: Names

    /// Whether DNS answers are cached for their TTL. When off, every dial asks a DNS server; switching it off empties
    /// the cache. Default on. Node has no cache.
    public var dnsCache = true
    /// The minimum time that an answer is cached. An answer with TTL 0 is not cached at all and serves only the current
    /// request (RFC 1035 §3.2.1). Default 1 s. `dnsMaxTTL` wins if it is lower.
    public var dnsMinTTL: Duration = .seconds(1)
    /// The maximum time that an answer is cached; zero: answers are not cached. Applies at once, also to cached
    /// answers. Default 300 s.
    public var dnsMaxTTL: Duration = .seconds(300)
    /// How long an expired answer may still be served while no DNS server answers (RFC 8767); zero: never. Default 1 h.
    public var dnsStale: Duration = .seconds(3600)
    /// The maximum number of names in the cache; the least recently used is evicted first, and zero caches none.
    /// Default 1,024.
    public var dnsCacheSize = 1024

    /// Creates settings with all defaults.
    public init() {}

    /// The limits over all hosts as they are applied. Without at least one connection no request could ever be sent.
    var withMinimums: AgentSettings {
        var settings = self
        settings.maxTotalSockets = max(1, maxTotalSockets)
        settings.maxFreeSocketsTotal = maxFreeSocketsTotal.map { max(0, $0) }
        return settings
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
