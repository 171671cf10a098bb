import PoolModel

/// The account of one owner's connections to one remote end.
struct Ledger {
    var owner: Int
    var peer: Int
    var tally = Tally()
    var peakOpen = 0
    /// New connections of which the owner was seen, each falling by half in thirty seconds: the owner's share of those
    /// that no dump saw.
    var weight = 0.0
    /// Opened connections, falling likewise.
    var recentlyOpened = 0.0
    /// Connections that were given to the owner by its share, falling likewise: an owner that got too few, because it was
    /// seen late, gets the next ones.
    var given = 0.0
    /// Seconds since the last byte, of idle connections that the peer closed.
    var idleAges = SampleRing()
    /// Ages of closed connections in seconds.
    var ages = SampleRing()
    /// False: its place is free.
    var isUsed = true

    mutating func merge(_ other: Ledger) {
        tally.add(other.tally)
        peakOpen = max(peakOpen, tally.open)
        weight += other.weight
        given += other.given
        recentlyOpened += other.recentlyOpened
        idleAges.append(contentsOf: other.idleAges)
        ages.append(contentsOf: other.ages)
    }
}

/// The account of an owner.
enum OwnerKey: Hashable, Sendable {
    /// The process with this number that began at this time.
    case process(pid: Int, startTicks: UInt64)
    /// Sockets of a user whose process is not known.
    case user(UInt32)
    /// Sockets that were gone before their owner was seen, until there are shares by which they can be divided.
    case nobody
}

/// A process with connections, or what stands for those that are not known.
struct Owner {
    var key: OwnerKey
    var user: UInt32?
    var facts: ProcessFacts?
    /// CPU time before the watch, in seconds.
    var cpuAtFirst = 0.0
    /// CPU time of processes whose account was added to this one.
    var addedCPU = 0.0
    var hasEnded = false
    var endedAt = Moment.zero
    var isChosen = false
    /// True once a dump had a connection that it opened.
    var hasOpened = false
    /// Calls that wrote something, each falling by half in thirty seconds; nil: not known.
    var writes: Double?
    var ledgers: [Int] = []
    var lookups = 0
    var lookupCredit = 0.0
    var isUsed = true

    var pid: Int? {
        switch key {
        case .process(let pid, _): pid
        case .user, .nobody: nil
        }
    }
}

/// A remote end.
struct Peer {
    /// nil: the sum of many.
    var endpoint: Endpoint?
    /// Stable, and never used again.
    var id: Int
    var name: String?
    var ledgers: [Int] = []
    var judge = CloserJudge()
    var timeWaits: Int?
    var lastUsed: Moment
    /// Since when connections are kept that could not be given to an owner yet.
    var firstUnseen: Moment?
    /// When a user was last told that it closes idle connections.
    var noticedAt: Moment?
    var isUsed = true
    /// Connections that no dump saw, and those that were seen with their owner, both fading.
    var unseen = 0.0
    var sighted = 0.0

    var overhead: Int { endpoint?.isTLS == true ? Peer.handshakeSegments : 0 }
    /// TLS 1.3 adds two to the smaller number of data segments of both directions.
    private static let handshakeSegments = 2
}
