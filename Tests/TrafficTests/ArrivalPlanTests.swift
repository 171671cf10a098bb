import Foundation
import PoolModel
import Testing
import Traffic

@Suite struct ArrivalPlanTests {
    private static let start = Moment(nanoseconds: 5_000_000_300)

    private func plan(_ steps: [RateStep], _ arrivals: Arrivals = .constant, seed: UInt64 = 1) -> ArrivalPlan {
        ArrivalPlan(steps: steps, arrivals: arrivals, seed: seed, startedAt: Self.start)
    }

    /// The planned starts before a time, in seconds since the beginning.
    private func starts(_ plan: inout ArrivalPlan, before seconds: Double) -> [Double] {
        var starts: [Double] = []
        while plan.next < Self.start + .seconds(seconds) {
            starts.append((plan.next - Self.start).asSeconds)
            plan.advance()
        }
        return starts
    }

    @Test("A rate of N for one second is N requests", arguments: [1.0, 7, 50, 999, 1000, 1001, 3333.3, 20_000])
    func aRateForOneSecondIsThatManyRequests(rate: Double) {
        var plan = plan([.flat(rate)])
        #expect(starts(&plan, before: 1).count == Int(rate.rounded(.up)))
        #expect(starts(&plan, before: 10).count == Int((rate * 10).rounded(.up)) - Int(rate.rounded(.up)))
    }

    @Test("A skipped period only shifts what follows", arguments: [Arrivals.constant, .poisson], [300.0, 5000])
    func timeThatIsPassedOverOnlyShiftsWhatIsToCome(arrivals: Arrivals, rate: Double) {
        let steps = [
            RateStep(duration: .seconds(1), from: rate, to: rate), RateStep(duration: .seconds(1), from: rate, to: 0),
        ]
        var whole = plan(steps, arrivals)
        var held = plan(steps, arrivals)
        let before = starts(&whole, before: 0.5)
        #expect(starts(&held, before: 0.5) == before)
        held.passOver(.seconds(40.2))
        let after = starts(&whole, before: 3)
        let shifted = starts(&held, before: 43.2)
        #expect(after.count == shifted.count && after.count > 100)
        for (one, other) in zip(after, shifted) { #expect(abs(one + 40.2 - other) < 2e-9) }
        #expect(held.next == .never)
    }

    @Test(
        "Skipping covers exactly the starts that would have been sent", arguments: [Arrivals.constant, .poisson],
        [3.0, 300, 5000])
    func skipping(arrivals: Arrivals, rate: Double) {
        let steps = [
            RateStep(duration: .seconds(1), from: rate, to: rate),
            RateStep(duration: .seconds(4), from: rate, to: 2 * rate),
        ]
        var whole = plan(steps, arrivals)
        var stopped = plan(steps, arrivals)
        #expect(starts(&whole, before: 0.5) == starts(&stopped, before: 0.5))
        let missed = stopped.skip(before: Self.start + .seconds(4))
        #expect(missed == starts(&whole, before: 4).count)
        #expect(stopped.next == whole.next && stopped.skip(before: stopped.next) == 0)
        #expect(starts(&whole, before: 6) == starts(&stopped, before: 6))
    }

    @Test("A gap of any length at any rate is skipped quickly", arguments: [Arrivals.constant, .poisson])
    func skippingALot(arrivals: Arrivals) {
        var fast = plan([.flat(1e6)], arrivals)
        let missed = fast.skip(before: Self.start + .seconds(3600))
        #expect(abs(Double(missed) - 3.6e9) < 1e6)
        #expect(fast.next >= Self.start + .seconds(3599.99) && fast.next <= Self.start + .seconds(3600.01))
        #expect(starts(&fast, before: 3600.1).count > 80_000)
        var absurd = plan([.flat(1e300)], arrivals)
        #expect(absurd.skip(before: Self.start + .seconds(1e9)) > 0)
    }

    @Test("Constant arrivals have equal gaps")
    func constantGapsAreEqual() {
        var plan = plan([.flat(300)])
        let starts = starts(&plan, before: 2)
        for (index, start) in starts.enumerated() { #expect(abs(start - Double(index) / 300) < 2e-9) }
    }

    @Test("The gaps of fast Poisson arrivals have the exponential distribution", arguments: [5000.0, 3333, 100_000])
    func fastPoissonGapsAreExponential(rate: Double) {
        var plan = plan([.flat(rate)], .poisson)
        let starts = starts(&plan, before: 50_000 / rate)
        let gaps = zip(starts.dropFirst(), starts).map { $0 - $1 }.sorted()
        let distance = gaps.indices.reduce(0.0) { most, index in
            let expected = 1 - exp(-gaps[index] * rate)
            let below = Double(index) / Double(gaps.count)
            let upTo = Double(index + 1) / Double(gaps.count)
            return max(most, abs(expected - below), abs(expected - upTo))
        }
        #expect(gaps.count > 45_000 && distance <= 0.01)
    }

    @Test("Fast plans lie on no grid", arguments: [Arrivals.constant, .poisson])
    func fastPlansLieOnNoGrid(arrivals: Arrivals) {
        var plan = plan([.flat(3333)], arrivals)
        let starts = starts(&plan, before: 2)
        // Every tenth of a millisecond has its share.
        var tenths = [Int](repeating: 0, count: 10)
        for start in starts { tenths[min(9, Int((start * 1000).truncatingRemainder(dividingBy: 1) * 10))] += 1 }
        for count in tenths { #expect(abs(count - starts.count / 10) < 120) }
    }

    @Test("Fast constant arrivals have equal gaps", arguments: [3333.0, 5000, 20_000])
    func fastConstantGapsAreEqual(rate: Double) {
        var plan = plan([.flat(rate)])
        for (index, start) in starts(&plan, before: 3).enumerated() {
            #expect(abs(start - Double(index) / rate) < 2e-9)
        }
    }

    @Test("A million starts do not drift")
    func aMillionStartsDoNotDrift() {
        var plan = plan([.flat(3333.3)])
        for _ in 0..<1_000_000 { plan.advance() }
        let elapsed = (plan.next - Self.start).asSeconds
        #expect(abs(elapsed - 1_000_000 / 3333.3) < 1e-6)
        var slow = self.plan([.flat(333.3)])
        for _ in 0..<1_000_000 { slow.advance() }
        #expect(abs((slow.next - Self.start).asSeconds - 1_000_000 / 333.3) < 1e-6)
    }

    @Test("Poisson arrivals have the right mean and variance", arguments: 1...5 as ClosedRange<UInt64>)
    func poissonHasItsMeanAndItsVariance(seed: UInt64) {
        var plan = plan([.flat(100)], .poisson, seed: seed)
        let starts = starts(&plan, before: 400)
        // 40,000 expected, standard deviation 200.
        #expect(abs(starts.count - 40_000) < 900)
        let gaps = zip(starts.dropFirst(), starts).map { $0 - $1 }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(abs(variance.squareRoot() / mean - 1) < 0.03)
        let short = gaps.count { $0 < 0.01 }
        #expect(abs(Double(short) / Double(gaps.count) - 0.632) < 0.02)
    }

    @Test("The seed determines the plan")
    func theSeedDecides() {
        var (one, same, other) = (
            plan([.flat(50)], .poisson, seed: 7), plan([.flat(50)], .poisson, seed: 7),
            plan([.flat(50)], .poisson, seed: 8)
        )
        let drawn = starts(&one, before: 20)
        #expect(drawn == starts(&same, before: 20))
        #expect(drawn != starts(&other, before: 20))
    }

    @Test("A ramp plans the integral of its rate")
    func aRampIsItsIntegral() {
        var plan = plan([RateStep(duration: .seconds(10), from: 0, to: 100)])
        let starts = starts(&plan, before: 10)
        #expect(starts.count == 500)
        // Five times the square of the time is the number expected until then.
        for (index, start) in starts.enumerated() { #expect(abs(5 * start * start - Double(index)) < 1e-6) }
    }

    @Test("A ramp down to zero ends the plan")
    func aRampDownEndsAtZeroForGood() {
        var plan = plan([RateStep(duration: .seconds(10), from: 100, to: 0)])
        #expect(starts(&plan, before: 10).count == 500)
        #expect(plan.next == .never)
    }

    /// A plan that looked ahead and drew again would have several times too many starts in the slow part.
    @Test("A Poisson ramp is not denser where its rate is low", arguments: 1...5 as ClosedRange<UInt64>)
    func aPoissonRampIsNotDenserWhereItIsSlow(seed: UInt64) {
        var plan = plan([RateStep(duration: .seconds(1000), from: 1, to: 3)], .poisson, seed: seed)
        let starts = starts(&plan, before: 1000)
        #expect(abs(starts.count - 2000) < 200)
        #expect(abs(starts.count { $0 < 500 } - 750) < 120)
    }

    @Test("Steps follow one another")
    func stepsFollowOneAnother() {
        var plan = plan([
            RateStep(duration: .seconds(1), from: 10, to: 10), RateStep(duration: .seconds(1), from: 1000, to: 1000),
            RateStep(duration: .seconds(1), from: 20, to: 20),
        ])
        let starts = starts(&plan, before: 4)
        #expect(starts.count { $0 < 1 } == 10)
        #expect(starts.count { $0 >= 1 && $0 < 2 } == 1000)
        #expect(starts.count { $0 >= 2 && $0 < 3 } == 20)
        #expect(starts.count { $0 >= 3 } == 20, "the last rate goes on")
    }

    @Test("A pause between steps is kept")
    func aPauseBetweenStepsIsKept() {
        var plan = plan([
            RateStep(duration: .seconds(1), from: 100, to: 100), RateStep(duration: .seconds(2), from: 0, to: 0),
            RateStep(duration: .seconds(1), from: 100, to: 100),
        ])
        let starts = starts(&plan, before: 4)
        #expect(starts.count == 200)
        #expect(starts.allSatisfy { $0 < 1 || $0 >= 3 })
    }

    @Test("A rate of zero plans no request")
    func aRateOfZeroPlansNothing() {
        let plan = plan([.flat(0)])
        #expect(plan.next == .never)
    }

    // MARK: The factor

    @Test("A new factor applies from now on")
    func theFactorHoldsFromNowOn() {
        var plan = plan([.flat(100)])
        let before = starts(&plan, before: 1)
        plan.setFactor(5, now: Self.start + .seconds(1))
        let after = starts(&plan, before: 2)
        #expect(before.count == 100 && after.count == 500)
        #expect(plan.rate(at: Self.start + .seconds(1.5)) == 500)
    }

    /// A plan that began a new gap with every change would plan nothing as long as the factor is moved.
    @Test("Changing the factor often changes only the rate")
    func movingTheFactorOftenChangesNothingButTheRate() {
        var plan = plan([.flat(20)])
        var count = 0
        for tick in 1...1000 {
            let now = Self.start + .seconds(Double(tick) / 100)
            while plan.next <= now {
                count += 1
                plan.advance()
            }
            plan.setFactor(tick.isMultiple(of: 2) ? 1 : 2, now: now)
        }
        #expect(abs(count - 300) <= 1)
    }

    @Test("A long gap at the old rate does not delay a new factor")
    func aLongGapIsNotWaitedForAtTheOldRate() {
        var plan = plan([.flat(0.001)])
        plan.advance()
        plan.setFactor(1_000_000, now: Self.start + .seconds(1))
        #expect(plan.next <= Self.start + .seconds(1.001))
    }

    @Test("A factor of zero pauses the plan and another resumes it")
    func aFactorOfZeroPausesAndAnotherResumes() {
        var plan = plan([.flat(100)])
        _ = starts(&plan, before: 0.995)
        plan.setFactor(0, now: Self.start + .seconds(0.995))
        #expect(plan.next == .never)
        plan.setFactor(1, now: Self.start + .seconds(3))
        #expect(plan.next >= Self.start + .seconds(3))
        #expect(starts(&plan, before: 4).count == 100)
    }

    @Test("A due start survives a change of the factor")
    func aStartThatIsDueIsNotLostByAChange() {
        var plan = plan([.flat(10)])
        let due = plan.next
        plan.setFactor(0.001, now: due + .seconds(0.05))
        #expect(plan.next == due)
    }
}

extension RateStep {
    static func flat(_ rate: Double) -> RateStep { .steady(rate) }
}
