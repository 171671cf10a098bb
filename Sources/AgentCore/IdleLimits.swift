/// The idle limit of a server, learned from the idle ages at which its FINs arrived.
///
/// Two or three closes at about the same age (within a quarter) make a limit: the youngest of them. Ages that scatter,
/// as when a server restarts, make none. It grows back by a tenth for every minute without a close, so that a limit
/// learned by accident does not stay, and is forgotten when it has grown beyond an hour.
package struct LearnedIdleLimit: Sendable {
    private static let samples = 3
    private static let growthPeriod: Nanoseconds = .seconds(60)
    /// A close this soon after parking says nothing about an idle limit.
    private static let shortest: Nanoseconds = .milliseconds(100)

    private static let longest: Nanoseconds = .seconds(3600)

    private var ages: [Nanoseconds] = []
    private(set) package var limit: Nanoseconds?
    private var changedAt = Moment.zero

    package init() {}

    package mutating func peerClosed(afterIdle age: Nanoseconds, now: Moment) {
        guard age >= Self.shortest else { return }
        ages.append(age)
        if ages.count > Self.samples { ages.removeFirst() }
        guard ages.count >= 2, let youngest = ages.min(), let oldest = ages.max() else { return }
        let agree = oldest - youngest <= max(oldest / 4, .milliseconds(200))
        guard agree else { return }
        limit = youngest
        changedAt = now
    }

    package mutating func grow(now: Moment) {
        guard let current = limit, now - changedAt >= Self.growthPeriod else { return }
        let grown = current + current / 10
        limit = grown > Self.longest ? nil : grown
        changedAt = now
    }
}

/// How close to a server's limit a connection is still used: a second, or half of a shorter limit, so that a
/// one-second hint stays usable. Node's agent subtracts a fixed second, which makes such a hint useless.
package func idleMargin(of limit: Nanoseconds) -> Nanoseconds { min(.seconds(1), limit / 2) }
