package import DNSWire
package import PoolModel

/// A name that the cache has seen, as a small number, so that dials need not hash its text.
package struct NameID: Hashable, Sendable {
    package let index: Int
}

/// The DNS settings from `AgentSettings`, in the units that the cache uses.
package struct DNSCacheSettings: Sendable, Equatable {
    package var isEnabled = true
    package var minTTL = Nanoseconds.seconds(1)
    package var maxTTL = Nanoseconds.seconds(300)
    /// How long an expired answer may still be served while no server answers; zero: never.
    package var staleLimit = Nanoseconds.seconds(3600)
    /// The maximum number of names in the cache; zero caches none.
    package var size = 1024

    package init() {}

    package init(_ settings: AgentSettings) {
        isEnabled = settings.dnsCache
        minTTL = max(settings.dnsMinTTL.clampedNanoseconds, 0)
        maxTTL = max(settings.dnsMaxTTL.clampedNanoseconds, 0)
        staleLimit = max(settings.dnsStale.clampedNanoseconds, 0)
        size = max(settings.dnsCacheSize, 0)
    }

    /// The TTL in force. Zero stays zero, because such an answer serves only the current request (RFC 1035 §3.2.1).
    func clamp(_ ttlSeconds: UInt32) -> Nanoseconds {
        ttlSeconds == 0 ? 0 : min(max(Nanoseconds(ttlSeconds) * 1_000_000_000, minTTL), maxTTL)
    }
}

/// Addresses to dial.
package struct DNSEntry: Sendable, Equatable {
    /// In the server's order: A answers, then AAAA answers. Never empty.
    package var addresses: [IPAddress]
    package var source: AnswerSource
    /// The TTL has expired, and the entry is served because no server answers (RFC 8767).
    package var isStale: Bool

    package init(addresses: [IPAddress], source: AnswerSource, isStale: Bool = false) {
        self.addresses = addresses
        self.source = source
        self.isStale = isStale
    }
}

/// The cache's response to one lookup.
package enum DNSLookup: Sendable, Equatable {
    /// A hit.
    case fresh(DNSEntry)
    /// A hit near the end of its TTL: also start a query, whose outcome goes to `resolved`. Returned once per answer,
    /// and once more after each failure's pause.
    case refreshNow(DNSEntry)
    /// A stale hit.
    case stale(DNSEntry)
    /// A stale hit: also start a query, because the pause after the last failure has ended.
    case staleRefreshNow(DNSEntry)
    /// The name is known not to exist, or its servers are known to fail.
    case negative(FailureCause)
    /// A miss: start a query and wait for its `resolved`.
    case startQuery
    /// A query for this name is in progress: wait for its `resolved`.
    case join
}

/// The waiters for a name (after `startQuery` or `join`) that one `resolved` answers.
package enum DNSWaiters: Sendable, Equatable {
    case all
    /// The one that has waited longest. With the cache off each waiter has a query of its own.
    case oldest
    /// None, because the event was not expected.
    case none
}

/// The answer that is given to waiters.
package enum DNSAnswer: Sendable, Equatable {
    case addresses(DNSEntry)
    case failed(FailureCause)
}

/// The consequences of one `resolved`.
package struct DNSUpdate: Sendable, Equatable {
    package var answer: DNSAnswer
    package var waiters: DNSWaiters
    /// Addresses that are in this answer and not in the previous one. Empty for a name's first answer.
    package var joined: [IPAddress] = []
    /// Addresses that are in the previous answer and not in this one. They stay in use for one more TTL, until
    /// `takeRetired` returns them, unless another answer brings them back.
    package var left: [IPAddress] = []

    package init(answer: DNSAnswer, waiters: DNSWaiters) {
        self.answer = answer
        self.waiters = waiters
    }
}

/// An address that was removed from its name's record set one TTL ago. Idle connections to it close, active ones after
/// their response (BEHAVIOUR §4.4).
package struct DNSRetirement: Sendable, Equatable {
    package var name: NameID
    package var address: IPAddress
}
