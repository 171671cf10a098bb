/// Requests in flight that have been so for about as long.
public struct InFlightAge: Sendable, Codable, Equatable {
    /// They have been in flight for this long at the least, in seconds.
    public var atLeastSeconds: Double
    /// How many there are.
    public var requests: Int
    /// How many of them have the head of their response and wait for the rest of its body.
    public var inBody: Int

    package init(atLeastSeconds: Double, requests: Int, inBody: Int) {
        self.atLeastSeconds = atLeastSeconds
        self.requests = requests
        self.inBody = inBody
    }
}

extension [InFlightAge] {
    package var requests: Int { reduce(0) { $0 + $1.requests } }

    /// How many have been in flight for so long at the least.
    package func requests(ofAtLeast seconds: Double) -> Int {
        reduce(0) { $0 + ($1.atLeastSeconds >= seconds ? $1.requests : 0) }
    }

    /// Adds those of another agent with the same hosts.
    package mutating func merge(_ others: Self) {
        for other in others {
            let place = firstIndex { $0.atLeastSeconds >= other.atLeastSeconds } ?? endIndex
            if place < endIndex, self[place].atLeastSeconds == other.atLeastSeconds {
                self[place].requests += other.requests
                self[place].inBody += other.inBody
            } else {
                insert(other, at: place)
            }
        }
    }
}

/// A dial in progress.
public struct DialProgress: Sendable, Codable, Equatable {
    /// `resolving`, `connecting` or `handshaking`.
    public var state: SocketState
    /// How long it has been in that state, in seconds.
    public var seconds: Double

    package init(state: SocketState, seconds: Double) {
        self.state = state
        self.seconds = seconds
    }
}

/// Lookups of a host's name that failed, one after the other, up to the latest one.
public struct NameFailure: Sendable, Codable, Equatable {
    /// The name that was asked for.
    public var name: String
    /// How the latest one failed: `dnsNotFound`, `dnsTimeout` or `dnsFailure`.
    public var cause: FailureCause
    /// Since the first of them failed, in seconds.
    public var sinceSeconds: Double
    /// Lookups since then that were answered from the cache with addresses whose TTL is over.
    public var staleHits: Int
    /// The names that servers are asked for in its place, in their order (`search` of resolv.conf); empty: not known.
    public var tried: [String]
    /// The DNS servers; empty: not known.
    public var servers: [String]

    package init(
        name: String, cause: FailureCause, sinceSeconds: Double, staleHits: Int = 0, tried: [String] = [],
        servers: [String] = []
    ) {
        self.name = name
        self.cause = cause
        self.sinceSeconds = sinceSeconds
        self.staleHits = staleHits
        self.tried = tried
        self.servers = servers
    }
}
