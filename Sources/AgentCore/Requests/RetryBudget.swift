package import PoolModel

/// Retries allowed: the larger of a share of the requests and ten a second, so that an outage is not doubled
/// (BEHAVIOUR §3).
///
/// Two buckets. One earns a share of a retry with every request; what it earned is kept for ten to twenty seconds and
/// not for ever, or a long healthy time would pay for doubling an outage. The other fills at ten a second and holds one
/// second's worth. A retry needs either and takes from both: so the larger allowance holds, and not their sum.
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
