package import PoolModel

/// Limits retries to a share of the requests or ten per second, whichever is more, so that retries do not double an
/// outage (BEHAVIOUR §3).
///
/// There are two buckets. One earns a share of a retry with every request; credit expires after ten to twenty seconds,
/// because a long healthy period would otherwise pay for doubling an outage. The other fills at ten per second and
/// holds one second's worth. A retry needs credit in either and takes from both, so the larger allowance applies and
/// not their sum.
package struct RetryBudget: Sendable {
    private static let floorPerSecond = 10.0
    private static let period: Nanoseconds = .seconds(10)

    private var earned = 0.0
    private var earnedBefore = 0.0
    private var periodStart = Moment.zero
    private var floor = RetryBudget.floorPerSecond
    private var refilledAt = Moment.zero

    package init() {}

    package mutating func requestArrived(share: Double, now: Moment) {
        turn(now)
        earned += share
    }

    package mutating func take(now: Moment) -> Bool {
        turn(now)
        let elapsed = max(0, (now - refilledAt).asSeconds)
        floor = min(floor + elapsed * Self.floorPerSecond, Self.floorPerSecond)
        refilledAt = now
        guard floor >= 1 || earned + earnedBefore >= 1 else { return false }
        floor = max(0, floor - 1)
        let older = min(earnedBefore, 1)
        earnedBefore -= older
        earned = max(0, earned - (1 - older))
        return true
    }

    private mutating func turn(_ now: Moment) {
        let elapsed = now - periodStart
        guard elapsed >= Self.period else { return }
        earnedBefore = elapsed < 2 * Self.period ? earned : 0
        earned = 0
        periodStart = now
    }
}
