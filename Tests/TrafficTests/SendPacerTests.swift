import PoolModel
import Testing
import Traffic

@Suite struct SendPacerTests {
    private static let due = Moment(nanoseconds: 1_000_000_000)

    /// A pacer whose loop has woken up this much after a request was due, and has sent it.
    private func pacer(late: Nanoseconds) -> SendPacer {
        var pacer = SendPacer()
        pacer.woke(for: Self.due, now: Self.due + late)
        return pacer
    }

    @Test("A request is never sent before it is due", arguments: [0, 20, 150, 5000] as [Int64])
    func neverEarly(late: Int64) {
        for gap in stride(from: Int64(1), to: 300, by: 7) {
            var pacer = pacer(late: .microseconds(late))
            let now = Self.due + .microseconds(late)
            let due = now + .microseconds(gap)
            #expect(pacer.step(due: due, now: now) != .send && !pacer.isDue(due, now: now))
        }
    }

    @Test("A request that became due during the wake-up follows at its planned distance")
    func distancesAreKept() {
        var pacer = pacer(late: .microseconds(30))
        let now = Self.due + .microseconds(30)
        #expect(pacer.step(due: Self.due, now: now) == .send)
        let next = Self.due + .microseconds(20)
        #expect(pacer.step(due: next, now: now + .microseconds(5)) == .spin(until: next + .microseconds(30)))
        #expect(pacer.step(due: next, now: next + .microseconds(30)) == .send)
    }

    @Test("A long wait is slept through, and ends when the request is due")
    func longWaits() {
        var pacer = pacer(late: .microseconds(30))
        let next = Self.due + .milliseconds(2)
        #expect(pacer.step(due: next, now: Self.due + .microseconds(35)) == .sleep(until: next))
    }

    @Test("After a hold-up of the loop everything that is due is sent at once")
    func holdUps() {
        var pacer = pacer(late: .milliseconds(5))
        let now = Self.due + .milliseconds(5)
        for millisecond in 0...5 as ClosedRange<Int64> {
            #expect(pacer.step(due: Self.due + .milliseconds(millisecond), now: now) == .send)
        }
    }

    /// A loop that only plays its time: sending takes 6 µs, and waking up 30.
    @Test("Spinning takes at most its share of the time at any rate", arguments: [1000.0, 5000, 20_000, 60_000, 1e6])
    func spinningIsLimited(rate: Double) {
        var plan = ArrivalPlan(steps: [.steady(rate)], arrivals: .poisson, seed: 1, startedAt: Self.due)
        var pacer = SendPacer()
        var now = Self.due
        var spun: Nanoseconds = 0
        var early = 0
        let end = Self.due + .seconds(1)
        while now < end {
            pacer.woke(for: plan.next, now: now)
            var wakesAt = Moment.never
            while wakesAt == .never, now < end {
                switch pacer.step(due: plan.next, now: now) {
                case .send:
                    if plan.next > now { early += 1 }
                    plan.advance()
                    now = now + .microseconds(6)
                case .spin(let moment):
                    spun += moment - now
                    now = moment
                case .sleep(let moment): wakesAt = moment
                }
            }
            now = max(now, wakesAt) + .microseconds(30)
        }
        #expect(early == 0 && spun <= .seconds(0.201))
    }
}
