import AgentCore
import Testing

@Suite struct IdleLimitTests {
    private func moment(_ seconds: Double) -> Moment { Moment(nanoseconds: .seconds(seconds)) }

    @Test(arguments: [(60.0, 1.0), (5, 1), (2, 1), (1, 0.5), (0.2, 0.1), (0, 0)])
    func theMargin(limit: Double, margin: Double) {
        #expect(idleMargin(of: .seconds(limit)) == .seconds(margin))
    }

    @Test func twoClosesThatAgreeMakeALimit() {
        var learned = LearnedIdleLimit()
        learned.peerClosed(afterIdle: .seconds(5), now: moment(10))
        #expect(learned.limit == nil)
        learned.peerClosed(afterIdle: .seconds(5.2), now: moment(20))
        #expect(learned.limit == .seconds(5), "the youngest")
    }

    /// One stray close among the three does not hide the limit for longer than it is among the last three.
    @Test func scatteredClosesMakeNone() {
        var learned = LearnedIdleLimit()
        for (number, age) in [1.0, 9, 30, 4, 14].enumerated() {
            learned.peerClosed(afterIdle: .seconds(age), now: moment(Double(number)))
        }
        #expect(learned.limit == nil)
        for number in 0..<3 { learned.peerClosed(afterIdle: .seconds(20), now: moment(Double(100 + number))) }
        #expect(learned.limit == .seconds(20))
    }

    @Test func aCloseRightAfterParkingSaysNothing() {
        var learned = LearnedIdleLimit()
        for number in 0..<5 { learned.peerClosed(afterIdle: .milliseconds(50), now: moment(Double(number))) }
        #expect(learned.limit == nil)
    }

    @Test func itGrowsBackByATenthAMinute() {
        var learned = LearnedIdleLimit()
        for _ in 0..<3 { learned.peerClosed(afterIdle: .seconds(10), now: moment(0)) }
        learned.grow(now: moment(59))
        #expect(learned.limit == .seconds(10))
        learned.grow(now: moment(60))
        #expect(learned.limit == .seconds(11))
        learned.grow(now: moment(61))
        #expect(learned.limit == .seconds(11))
        learned.grow(now: moment(120))
        #expect(learned.limit == .seconds(12.1))
    }

    @Test func itIsForgottenBeyondAnHourAndNeverOverflows() {
        var learned = LearnedIdleLimit()
        for _ in 0..<3 { learned.peerClosed(afterIdle: .seconds(5), now: moment(0)) }
        var longest: Nanoseconds = 0
        for minute in 1...1000 {
            learned.grow(now: moment(Double(minute) * 60))
            longest = max(longest, learned.limit ?? 0)
        }
        #expect(learned.limit == nil)
        #expect(longest <= .seconds(3600))
        for _ in 0..<3 { learned.peerClosed(afterIdle: .seconds(7), now: moment(70_000)) }
        #expect(learned.limit == .seconds(7))
    }
}
