import Testing

@testable import PoolModel

@Suite("Quantiles with requests in flight") struct QuantileTests {
    private func answered(_ count: Int) -> LatencyHistogram {
        var durations = LatencyHistogram()
        for index in 1...max(1, count) where count > 0 { durations.record(.milliseconds(Int64(index))) }
        return durations
    }

    private func flying(_ ages: (Double, Int)...) -> [InFlightAge] {
        ages.map { InFlightAge(atLeastSeconds: $0.0, requests: $0.1, inBody: 0) }
    }

    private func isNear(_ quantile: Quantile?, _ seconds: Double) -> Bool {
        quantile.map { !$0.isAtLeast && abs($0.seconds - seconds) < 0.0011 } ?? false
    }

    @Test("Without anything in flight it is that of the answers") func answers() {
        #expect(isNear(answered(100).quantile(99, inFlight: []), 0.099))
        #expect(LatencyHistogram().quantile(50, inFlight: []) == nil)
    }

    @Test("One that hangs among a hundred answers moves the p99, and not to its own age yet") func one() {
        #expect(isNear(answered(100).quantile(99, inFlight: flying((12, 1))), 0.1))
        #expect(isNear(answered(100).quantile(50, inFlight: flying((12, 1))), 0.051))
    }

    @Test("Where the rank falls among those in flight, it is more than the age there") func among() {
        let ages = flying((2, 3), (5, 3), (12, 4))
        #expect(answered(100).quantile(99, inFlight: ages) == Quantile(seconds: 12, isAtLeast: true))
        #expect(answered(100).quantile(95, inFlight: ages) == Quantile(seconds: 5, isAtLeast: true))
        #expect(answered(100).quantile(92, inFlight: ages) == Quantile(seconds: 2, isAtLeast: true))
        #expect(isNear(answered(100).quantile(50, inFlight: ages), 0.055))
    }

    @Test("With no answer at all every one is more than an age") func noAnswer() {
        let ages = flying((2, 5), (12, 5))
        #expect(LatencyHistogram().quantile(50, inFlight: ages) == Quantile(seconds: 2, isAtLeast: true))
        #expect(LatencyHistogram().quantile(99, inFlight: ages) == Quantile(seconds: 12, isAtLeast: true))
    }

    @Test("Those that are not older than the quantile count for nothing yet") func young() {
        var slow = LatencyHistogram()
        for _ in 0..<10 { slow.record(.seconds(3)) }
        #expect(
            isNear(
                slow.quantile(50, inFlight: flying((1, 50), (2, 50))).map {
                    Quantile(seconds: ($0.seconds * 100).rounded() / 100, isAtLeast: $0.isAtLeast)
                }, 3))
    }
}
