package import PoolModel

/// The idle limit of a server, learned from the idle ages at which its FINs arrived (BEHAVIOUR §2.8).
///
/// Three moments at about the same age (within a quarter) establish a limit: the youngest of them. FINs that arrive
/// together count as one moment. A restart of the server is not counted; it is recognised because its FINs arrive
/// together with scattered ages, or close every idle connection while all are young, or are followed by failing dials.
/// Ages are tentative until their moment is over.
///
/// The limit is tested: now and then one connection stays idle beyond it and is not used. If the server closes it, the
/// limit is confirmed; if it survives, the limit was wrong and is forgotten.
package struct LearnedIdleLimit: Sendable {
    private static let samples = 3
    /// A close this soon after becoming idle says nothing about an idle limit.
    private static let shortest: Nanoseconds = .milliseconds(100)
    /// FINs no further apart than this belong to one moment.
    private static let oneMoment: Nanoseconds = .milliseconds(250)
    /// While all connections are younger than this, traffic gives them similar ages anyway, so agreement means nothing.
    private static let young: Nanoseconds = .seconds(1)
    /// A restarting server refuses connections for this long after its FINs.
    private static let refusalAfter: Nanoseconds = .seconds(1)
    private static let testedEvery: Nanoseconds = .seconds(15)

    /// The FINs of one moment.
    private struct Closes {
        var begunAt: Moment
        var youngest: Nanoseconds
        var oldest: Nanoseconds
        var count = 0
        var isRestart = false
        /// The state before this moment, to restore if it was a restart.
        var agesBefore: [Nanoseconds]
        var limitBefore: Nanoseconds?
    }

    private(set) package var limit: Nanoseconds?
    private var ages: [Nanoseconds] = []
    private var closes: Closes?
    /// When the limit was last confirmed or tested.
    private var testedAt = Moment.zero
    /// The connection that is or was last idle beyond the limit.
    private(set) package var tested = ConnectionID.none

    package init() {}

    /// `othersLeft`: idle connections of the host that are still open.
    package mutating func peerClosed(afterIdle age: Nanoseconds, othersLeft: Int, now: Moment) {
        guard age >= Self.shortest else { return }
        var closes = closes ?? Closes(begunAt: .zero, youngest: 0, oldest: 0, agesBefore: [])
        if closes.count == 0 || now - closes.begunAt > Self.oneMoment {
            closes = Closes(begunAt: now, youngest: age, oldest: age, agesBefore: ages, limitBefore: limit)
        }
        closes.count += 1
        closes.youngest = min(closes.youngest, age)
        closes.oldest = max(closes.oldest, age)
        let endsAll = closes.count > 1 && othersLeft == 0
        if !Self.agree(closes.youngest, closes.oldest) || (endsAll && closes.youngest < Self.young) {
            closes.isRestart = true
        }
        self.closes = closes
        learn(from: closes, now)
    }

    /// A dial to the host failed, so FINs just before it were a restart.
    package mutating func dialFailed(now: Moment) {
        guard var closes, now - closes.begunAt <= Self.refusalAfter else { return }
        closes.isRestart = true
        self.closes = closes
        learn(from: closes, now)
    }

    private mutating func learn(from closes: Closes, _ now: Moment) {
        ages = closes.agesBefore
        limit = closes.limitBefore
        guard !closes.isRestart else { return }
        if ages.count == Self.samples { ages.removeFirst() }
        ages.append(closes.youngest)
        guard ages.count == Self.samples, let youngest = ages.min(), let oldest = ages.max(),
            Self.agree(youngest, oldest)
        else { return }
        limit = youngest
        testedAt = now
    }

    private static func agree(_ youngest: Nanoseconds, _ oldest: Nanoseconds) -> Bool {
        oldest - youngest <= oldest / 4
    }

    // MARK: The test

    /// The idle age that no connection reaches if the limit is right; nil if no test is due.
    package func ageToTest(now: Moment) -> Nanoseconds? {
        guard let limit, now - testedAt >= Self.testedEvery else { return nil }
        return limit + limit / 4
    }

    package mutating func testBegan(on id: ConnectionID, now: Moment) {
        tested = id
        testedAt = now
    }

    /// Whether a connection that was idle for this long without being closed disproves the limit.
    package func isDisproved(by age: Nanoseconds) -> Bool { limit.map { age >= $0 + $0 / 4 } ?? false }

    /// The connection under test reached the age.
    package mutating func forget() { self = LearnedIdleLimit() }
}

/// How long before a server's limit a connection is no longer used: one second, or half of a limit below two seconds,
/// so that a one-second hint is still useful. Node's agent subtracts a fixed second, which makes such a hint useless.
package func idleMargin(of limit: Nanoseconds) -> Nanoseconds { min(.seconds(1), limit / 2) }
