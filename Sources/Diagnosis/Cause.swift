package import PoolModel

/// Why a host does badly or well, with the figures that say so. Each case is found by one rule, and has its words in
/// `Words`.
package enum Cause: Sendable, Equatable {
    // Nothing gets through.
    case name(NameTrouble)
    case dial(DialTrouble)
    /// A dial that has neither failed nor succeeded for so long.
    case dialPending(SocketState, seconds: Double, open: Int)

    // It is reached and does not answer, or not in time.
    case silent(Silence)
    /// None of the requests of the window was answered, and they were given up.
    case unanswered(requests: Int, inBody: Bool)
    /// Some requests are not answered while others are.
    case stuck(requests: Int, oldestSeconds: Double, inBody: Int)
    /// Bodies arrive, but hardly.
    case dribble(requests: Int, oldestSeconds: Double)
    case slow(meanSeconds: Double, usualSeconds: Double?)
    /// Answers begin at once, and their bodies take long.
    case slowBody(meanSeconds: Double, firstByteSeconds: Double)

    // It answers, and the answer is no good.
    case statuses(StatusTrouble)
    case failures(FailureCause, Share)
    case strayAnswers(Int)

    // Its addresses.
    case staleName(NameTrouble)
    case addressesDead([String], of: Int)
    case addressGone(String, connections: Int)
    case unevenLoad(addresses: Int, factor: Double)
    case massClose(connections: Int, secondsAgo: Double)
    /// `per`: segments per request, or per connection where requests are not known.
    case retransmits(count: Int, per: Double, ofConnections: Bool)
    case farAddress(String, seconds: Double, usualSeconds: Double)

    // Its pool.
    case waiting(Waiting)
    case bodyUnread(seconds: Double)
    case surplus(open: Int, requestsPerSecond: Double, serviceSeconds: Double, enough: Int, maxFree: Int?)
    case dialsUnused(unused: Int, opened: Int)
    case ports(held: Double)
    /// As the kernel counts them.
    case timeWait(held: Int, addresses: Int)

    // Reuse.
    case lowReuse(Reuse, Cause.Reason)
    case oneRequestEach(OneRequestEach)
    case closesIdle(IdleCloses)
    case goodReuse(Reuse, saves: [Phase])

    // The process.
    case descriptors(open: Int, limit: Int)
    case lookupsPerRequest(perRequest: Double, perSecond: Double, cacheIsOn: Bool)
    case lookupsPerConnection(perConnection: Double, perSecond: Double)

    /// Why connections are not used again.
    package enum Reason: Sendable, Equatable {
        case keepAliveOff
        /// HTTP keep-alive was off a moment ago, and the window still has that.
        case wasOff
        /// Nothing was closed: the pool grows.
        case growing
        /// The source does not know why connections are closed.
        case unknown
        /// `isEstimate`: the reason is inferred.
        case closes(CloseReason, idleLimitSeconds: Double?, maxFree: Int?, isEstimate: Bool)
    }
}

/// Lookups of the host's name.
package struct NameTrouble: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// DNS has no address for it.
        case missing
        /// No DNS server answers.
        case serverSilent
        /// DNS servers answer with a failure.
        case serverFails

        init(_ cause: FailureCause) {
            self = cause == .dnsNotFound ? .missing : cause == .dnsTimeout ? .serverSilent : .serverFails
        }
    }
    package var kind: Kind
    package var name: String?
    /// Names that servers were asked for.
    package var tried: [String] = []
    package var servers: [String] = []
    /// For how long there was no answer; nil: not known.
    package var seconds: Double?
    package var staleHits = 0
    /// Connections that are open and go on.
    package var open = 0
    package var failed = 0
}

/// Dials that fail.
package struct DialTrouble: Sendable, Equatable {
    package var cause: FailureCause
    package var reason: TLSFailure?
    /// `scheme://host:port` or the path of a unix socket.
    package var place: String
    /// Requests that failed in the window.
    package var failed = 0
    package var nextDialSeconds: Double?
    /// Connections that are open and go on.
    package var open = 0
}

/// Requests in flight, and not a byte for a while.
package struct Silence: Sendable, Equatable {
    package var seconds: Double
    package var requests: Int
    /// How many of them have their response's head.
    package var inBody = 0
    package var queued = 0
    /// The host has completed no response yet, so that it is not known how long one usually takes.
    package var isFirst = false

    /// Most of them wait for the rest of a body.
    package var isInBody: Bool { inBody * 2 > requests }
}

/// Answers of one class of status codes.
package struct StatusTrouble: Sendable, Equatable {
    /// 4 or 5.
    package var kind: Int
    /// The code that most of them have, and how many do.
    package var code: Int
    package var count: Int
    /// The others, the most frequent first.
    package var others: [Code] = []
    /// All of the class.
    package var share: Share
    /// The median time of an answer; nil: not known.
    package var medianSeconds: Double?
    package var windowSeconds: Double

    package struct Code: Sendable, Equatable {
        package var code: Int
        package var count: Int
    }

    /// Most of them have the one code, so that it stands for the class.
    package var isOneCode: Bool { Double(count) >= 0.6 * Double(share.count) }
}

/// Requests that wait for a connection.
package struct Waiting: Sendable, Equatable {
    package enum Why: Sendable, Equatable {
        /// Every connection is busy, and the server is as fast as ever.
        case poolTooSmall(limit: Int, needed: Int?)
        case slowServer(limit: Int, serviceSeconds: Double, usualSeconds: Double?)
        /// There is room for more connections, and they are not ready yet.
        case dialsAreSlow
        case unknown
    }
    package var queued: Int
    package var oldestSeconds: Double
    package var why: Why
    /// Requests that were given up because they got no connection.
    package var refused = 0
}

/// Exchanges on used connections.
package struct Reuse: Sendable, Equatable {
    package var share: Double
    package var openedPerSecond: Double?
}

/// Connections of a watched process that carry one request, or hardly more.
package struct OneRequestEach: Sendable, Equatable {
    package enum Closer: Sendable, Equatable { case process, server, unknown }
    package var reuse: Reuse
    package var closer: Closer
    package var requestsPerSecond: Double?
    /// From the opening of a connection to its end, in the median; nil: not known.
    package var lifeSeconds: Double?
    /// Connections that would carry the load if they were used again; nil: not known.
    package var enough: Int?

    /// They stay open long after an answer, so that it is no lack of keep-alive that ends them.
    package var isLongLived: Bool { closer == .process && lifeSeconds.map { $0 >= 1 } ?? false }
}

/// Idle connections that the server ends.
package struct IdleCloses: Sendable, Equatable {
    package var closes: Int
    /// The age at which it does; nil: not known yet.
    package var learnedSeconds: Double?
    /// Ours; nil: none.
    package var limitSeconds: Double?
    package var limitIsKnown: Bool
    /// Where it leaves little reuse, how little.
    package var reuse: Reuse?
    /// Requests of the window that were lost in the race with a close.
    package var lost = 0

    /// Ours is longer, so that requests race with its close.
    package var isBeforeOurs: Bool {
        guard limitIsKnown, let learnedSeconds else { return false }
        return limitSeconds.map { $0 >= learnedSeconds } ?? true
    }
}

/// A phase of a dial that a reused connection saves.
package struct Phase: Sendable, Equatable {
    package var name: String
    package var seconds: Double
}
