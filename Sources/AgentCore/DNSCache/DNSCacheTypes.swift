package import DNSWire
package import PoolModel

/// A name that the cache has seen, as a small number: dials name their host by it and hash no text.
package struct NameID: Hashable, Sendable {
    package let index: Int
}

/// The cache's part of `AgentSettings`, in the units that it computes in.
package struct DNSCacheSettings: Sendable, Equatable {
    package var isEnabled = true
    package var minTTL = Nanoseconds.seconds(1)
    package var maxTTL = Nanoseconds.seconds(300)
    /// How long past its TTL an answer may be served while no server answers; zero: never.
    package var staleLimit = Nanoseconds.seconds(3600)
    /// Names kept at the most; zero keeps none.
    package var size = 1024

    package init() {}

    package init(_ settings: AgentSettings) {
        isEnabled = settings.dnsCache
        minTTL = max(settings.dnsMinTTL.clampedNanoseconds, 0)
        maxTTL = max(settings.dnsMaxTTL.clampedNanoseconds, 0)
        staleLimit = max(settings.dnsStale.clampedNanoseconds, 0)
        size = max(settings.dnsCacheSize, 0)
    }

    /// The TTL in force. Zero stays zero: such an answer serves the request at hand only (RFC 1035 §3.2.1).
    func clamp(_ ttlSeconds: UInt32) -> Nanoseconds {
        ttlSeconds == 0 ? 0 : min(max(Nanoseconds(ttlSeconds) * 1_000_000_000, minTTL), maxTTL)
    }
}

/// Addresses to dial.
package struct DNSEntry: Sendable, Equatable {
    /// In the server's order: A answers, then AAAA answers. Never empty.
    package var addresses: [IPAddress]
    package var source: AnswerSource
    /// Its TTL has run out, and it is served because no server answers (RFC 8767).
    package var isStale: Bool

    package init(addresses: [IPAddress], source: AnswerSource, isStale: Bool = false) {
        self.addresses = addresses
        self.source = source
        self.isStale = isStale
    }
}

/// What the cache says to one lookup.
package enum DNSLookup: Sendable, Equatable {
    /// A hit.
    case fresh(DNSEntry)
    /// A hit near the end of its TTL; start a query too, whose outcome goes to `resolved`. Said once per answer, and
    /// once more after each failure's pause.
    case refreshNow(DNSEntry)
    /// A stale hit.
    case stale(DNSEntry)
    /// A stale hit; start a query too, since the pause after the last failure is over.
    case staleRefreshNow(DNSEntry)
    /// The name is known to be absent, or its servers to fail.
    case negative(FailureCause)
    /// A miss: start a query and wait for its `resolved`.
    case startQuery
    /// A query for this name is on its way: wait for its `resolved`.
    case join
}

/// Which of those that wait for a name (after `startQuery` or `join`) get the answer of one `resolved`.
package enum DNSWaiters: Sendable, Equatable {
    case all
    /// The one that has waited longest: with the cache off each of them has a query of its own under way.
    case oldest
    /// Nobody, since the event was not expected.
    case none
}

/// What those that wait are told.
package enum DNSAnswer: Sendable, Equatable {
    case addresses(DNSEntry)
    case failed(FailureCause)
}

/// What follows from one `resolved`.
package struct DNSUpdate: Sendable, Equatable {
    package var answer: DNSAnswer
    package var waiters: DNSWaiters
    /// Addresses that the answer brought and the one before did not have. Empty for a name's first answer.
    package var joined: [IPAddress] = []
    /// Addresses that the answer does not have and the one before had. They stay in use until `takeRetired` names them,
    /// one TTL later, unless an answer brings them back before.
    package var left: [IPAddress] = []

    package init(answer: DNSAnswer, waiters: DNSWaiters) {
        self.answer = answer
        self.waiters = waiters
    }
}

/// An address that left its name's record set one TTL ago: idle connections to it close, active ones after their
/// response (BEHAVIOUR §4.4).
package struct DNSRetirement: Sendable, Equatable {
    package var name: NameID
    package var address: IPAddress
}
