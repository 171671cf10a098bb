import AgentCore

extension AgentSetting: CaseIterable {
    private static let many = 1_000_000
    /// Linux's limit of TCP_KEEPIDLE.
    private static let longestProbe = Duration.seconds(32_767)

    /// Every setting of the agent, in the order of config files and reports. Options stand in the help in the same order.
    package static let allCases: [AgentSetting] = [
        AgentSetting(
            "keepAlive", .keepAlive,
            flag: Flag(
                "keep-alive",
                """
                HTTP keep-alive: on, off, N (a new connection after every N exchanges) or N:M (drawn per connection).
                """)),
        AgentSetting(
            "maxSockets", .count(\.maxSocketsPerHost, 1...many), alias: "maxSocketsPerHost", sharing: .atLeastOne,
            flag: Flag("max-sockets", "Connections per host.")),
        AgentSetting(
            "maxTotalSockets", .count(\.maxTotalSockets, 1...many), isPerHost: false, sharing: .atLeastOne,
            flag: Flag("max-total-sockets", "Connections over all hosts.")),
        AgentSetting(
            "maxFreeSockets", .optionalCount(\.maxFreeSocketsPerHost, 0...many), alias: "maxFreeSocketsPerHost",
            sharing: .exact,
            flag: Flag("max-free-sockets", "Idle connections kept per host, or none for as many as --max-sockets.")),
        AgentSetting(
            "maxFreeSocketsTotal", .optionalCount(\.maxFreeSocketsTotal, 0...many), isPerHost: false, sharing: .exact),
        AgentSetting("minIdlePerHost", .count(\.minIdlePerHost, 0...many), sharing: .exact),
        AgentSetting(
            "idleTimeout", .optionalDuration(\.idleTimeout, zero: true),
            flag: Flag("idle-timeout", "How long a connection may be idle, or none.")),
        AgentSetting(
            "maxLifetime", .optionalDuration(\.maxLifetime),
            flag: Flag("max-lifetime", "How long a connection may live, or none.")),
        AgentSetting("lifetimeJitter", .share(\.lifetimeJitter), isPerHost: false),
        AgentSetting(
            "maxRequestsPerConnection", .optionalCount(\.maxRequestsPerConnection, 1...Int.max),
            flag: Flag("max-requests-per-connection", "Exchanges per connection, or none.")),
        AgentSetting(
            "scheduling", .scheduling,
            flag: Flag("scheduling", "Which idle connection goes first: lifo, fifo or round-robin over addresses.")),
        AgentSetting(
            "queueLimit", .count(\.queueLimit, 0...many), sharing: .exact,
            flag: Flag("queue-limit", "Requests that may wait for a connection, per host.")),
        AgentSetting(
            "queueTimeout", .optionalDuration(\.queueTimeout),
            flag: Flag("queue-timeout", "How long a request may wait for a connection, or none.")),
        AgentSetting(
            "connectTimeout", .optionalDuration(\.connectTimeout),
            flag: Flag("connect-timeout", "Limit of a TCP connect, or none for the system's.")),
        AgentSetting("tlsTimeout", .optionalDuration(\.tlsTimeout)),
        AgentSetting("dnsTimeout", .optionalDuration(\.dnsTimeout), dnsKey: "timeout", isPerHost: false),
        AgentSetting("firstByteTimeout", .optionalDuration(\.firstByteTimeout)),
        AgentSetting("bodySilenceTimeout", .optionalDuration(\.bodySilenceTimeout)),
        AgentSetting(
            "requestTimeout", .optionalDuration(\.requestTimeout),
            flag: Flag("timeout", "Limit of a whole request, or none.")),
        AgentSetting("maxDialsPerHost", .count(\.maxDialsPerHost, 1...many), sharing: .atLeastOne),
        AgentSetting("maxBackoff", .duration(\.maxBackoff)),
        AgentSetting("failFastWhileBackingOff", .flag(\.failFastWhileBackingOff)),
        // A retry is never retried, so a larger number would be no different.
        AgentSetting(
            "retries", .count(\.retries, 0...1),
            flag: Flag("retries", "Retries of a request whose reused connection died.")),
        AgentSetting("retryBudget", .share(\.retryBudget), isPerHost: false),
        AgentSetting(
            "dnsCache", .flag(\.dnsCache), dnsKey: "cache", isPerHost: false,
            flag: Flag("dns-cache", "Keep DNS answers for their TTL.")),
        AgentSetting("dnsMinTTL", .duration(\.dnsMinTTL), dnsKey: "minTTL", isPerHost: false),
        AgentSetting(
            "dnsMaxTTL", .duration(\.dnsMaxTTL), dnsKey: "maxTTL", isPerHost: false,
            flag: Flag("dns-max-ttl", "The longest time that a DNS answer is kept.")),
        AgentSetting("dnsStale", .duration(\.dnsStale), dnsKey: "stale", isPerHost: false),
        AgentSetting("dnsCacheSize", .count(\.dnsCacheSize, 0...many), dnsKey: "cacheSize", isPerHost: false),
        AgentSetting(
            "tcpKeepAliveProbe", .optionalDuration(\.tcpKeepAliveProbe, most: longestProbe), isPerHost: false),
    ]
}

/// The settings that the program itself speaks of; another needs no name here.
extension AgentSetting {
    package static let keepAlive = row("keepAlive")
    package static let maxSockets = row("maxSockets")
    package static let maxTotalSockets = row("maxTotalSockets")
    package static let connectTimeout = row("connectTimeout")
    package static let requestTimeout = row("requestTimeout")
    package static let dnsCache = row("dnsCache")
    package static let dnsMinTTL = row("dnsMinTTL")
    package static let dnsMaxTTL = row("dnsMaxTTL")
}
