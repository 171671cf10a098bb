import PoolModel

/// The cookies of sockets that are known to be gone, for as long as a dump from before that may still come. A cookie is
/// never used again, so it does not matter whether one is kept for longer.
struct RecentCookies {
    private static let limit = 1 << 16
    private var current: Set<UInt64> = []
    private var earlier: Set<UInt64> = []
    private var turnedAt = Moment.zero

    func contains(_ cookie: UInt64) -> Bool { current.contains(cookie) || earlier.contains(cookie) }

    mutating func insert(_ cookie: UInt64) {
        current.insert(cookie)
        if current.count >= Self.limit { turn() }
    }

    /// Called after a dump: two dumps and two seconds later no fact about the socket is on its way.
    mutating func forgetOld(now: Moment) {
        guard now - turnedAt >= .seconds(2) else { return }
        turnedAt = now
        turn()
    }

    private mutating func turn() {
        earlier = current
        current.removeAll(keepingCapacity: true)
    }
}
