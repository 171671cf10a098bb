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
