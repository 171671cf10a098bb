import AgentCore
import PoolModel
import Testing

@Suite struct RetryBudgetTests {
    /// Requests and retries wanted per second, both evenly spread; the retries allowed in each second.
    private func run(
        _ budget: inout RetryBudget, from start: Int = 0, seconds: Int, requests: Int, wanted: Int, share: Double = 0.2
    ) -> [Int] {
        (0..<seconds).map { second in
            var allowed = 0
            for tick in 0..<1000 {
                let now = Moment(nanoseconds: .seconds(Double(1000 + start + second)) + .milliseconds(Int64(tick)))
                for _ in 0..<(requests * (tick + 1) / 1000 - requests * tick / 1000) {
                    budget.requestArrived(share: share, now: now)
                }
                for _ in 0..<(wanted * (tick + 1) / 1000 - wanted * tick / 1000) where budget.take(now: now) {
                    allowed += 1
                }
            }
            return allowed
        }
    }

    @Test(
        "Under steady demand the larger allowance applies and not the sum",
        arguments: [(0, 10), (10, 10), (50, 10), (100, 20), (1000, 200)])
    func steadyDemandGetsTheLargerAllowanceAndNotTheSum(requests: Int, perSecond: Int) {
        var budget = RetryBudget()
        let allowed = run(&budget, seconds: 60, requests: requests, wanted: max(requests, 40))
        let total = allowed.reduce(0, +)
        #expect(total <= perSecond * 60 + 20)
        #expect(total >= perSecond * 60 - 20)
        #expect(allowed.dropFirst(2).allSatisfy { $0 <= perSecond + 2 })
    }

    @Test("The minimum of ten per second is always allowed")
    func theFloorIsNeverWithheld() {
        var budget = RetryBudget()
        let allowed = run(&budget, seconds: 20, requests: 5, wanted: 10)
        #expect(allowed.allSatisfy { $0 >= 9 })
        #expect(allowed.reduce(0, +) >= 198)
    }

    @Test("A healthy hour pays for twenty seconds of retries only")
    func aHealthyHourPaysForTwentySecondsOnly() {
        var budget = RetryBudget()
        _ = run(&budget, seconds: 60, requests: 100, wanted: 0)
        let burst = run(&budget, from: 60, seconds: 1, requests: 100, wanted: 5000)[0]
        #expect(burst <= 20 * 20 + 30)
        #expect(burst >= 10 * 20)
        let after = run(&budget, from: 61, seconds: 60, requests: 100, wanted: 100)
        #expect(after.reduce(0, +) <= 20 * 60 + 20)
    }

    @Test("No credit is kept over a long pause")
    func nothingIsKeptOverALongSilence() {
        var budget = RetryBudget()
        _ = run(&budget, seconds: 5, requests: 1000, wanted: 0)
        let burst = run(&budget, from: 100, seconds: 1, requests: 0, wanted: 1000)[0]
        #expect(burst <= 20)
    }

    @Test("A share of zero leaves the minimum")
    func aShareOfZeroLeavesTheFloor() {
        var budget = RetryBudget()
        let allowed = run(&budget, seconds: 10, requests: 1000, wanted: 1000, share: 0)
        #expect(allowed.reduce(0, +) <= 110)
        #expect(allowed.reduce(0, +) >= 99)
    }
}
