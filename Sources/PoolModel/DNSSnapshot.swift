/// `lookups = hits + staleHits + negativeHits + misses + coalesced` at every instant.
public struct DNSCounts: Sendable, Equatable {
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

extension DNSCounts: Tabled {
    package static let counters: [Counter<DNSCounts>] = [
        Counter("dns.lookups", .dns, .total, .lookups, \.lookups, "Questions asked of the DNS cache."),
        Counter("dns.hits", .dns, .total, .lookups, \.hits, "Lookups answered from the cache."),
        Counter(
            "dns.staleHits", .dns, .total, .lookups, \.staleHits,
            "Lookups answered from the cache after the TTL, because no server answered."),
        Counter(
            "dns.negativeHits", .dns, .total, .lookups, \.negativeHits,
            "Lookups answered from the cache with a failure."),
        Counter("dns.misses", .dns, .total, .lookups, \.misses, "Lookups that asked a server."),
        Counter("dns.coalesced", .dns, .total, .lookups, \.coalesced, "Lookups that joined one already on its way."),
        Counter("dns.failures", .dns, .total, .lookups, \.failures, "Lookups that asked a server and got no answer."),
        Counter("dns.queries", .dns, .total, .queries, \.queries, "DNS messages sent."),
        Counter("dns.entries", .dns, .present, .names, \.entries, "Names in the cache now."),
    ]

    package static let labelledCounters: [LabelledCounter<DNSCounts>] = []

    /// The counts gained since an earlier value; `entries` stays as it is.
    package func since(_ earlier: DNSCounts) -> DNSCounts {
        var gained = self
        gained.subtractCounts(of: earlier)
        return gained
    }
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

    package init(
        hostID: Int, name: String, addresses: [String], ttlSeconds: Double, remainingSeconds: Double,
        negative: FailureCause?, hits: Int, misses: Int, source: String
    ) {
        self.hostID = hostID
        self.name = name
        self.addresses = addresses
        self.ttlSeconds = ttlSeconds
        self.remainingSeconds = remainingSeconds
        self.negative = negative
        self.hits = hits
        self.misses = misses
        self.source = source
    }
}
