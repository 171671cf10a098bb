import PoolModel
import Testing

@testable import Prober

/// Whole examinations of shadow servers, in no time.
@Suite struct IdleExaminationTests {
    private func examine(
        _ server: ShadowServer, maxWait: Double = 70, countingTime: Double = 0.2
    ) throws -> (finding: IdleFinding, seconds: Double, hold: ShadowHold) {
        var hold = ShadowHold(server, maxWait: maxWait, countingTime: countingTime)
        let hasEnded = hold.run()
        try #require(hasEnded, "the examination never ends")
        return (hold.finding, hold.now, hold)
    }

    /// The advice of a finding, in seconds.
    private func advised(_ finding: IdleFinding) -> Double? {
        (finding.limitSeconds ?? finding.lifetimeSeconds).flatMap { ProbeAdvice.clientLimit(of: $0) }
            .map { Double($0) / 1000 }
    }

    @Test(
        "An idle limit is found, and in little more time",
        arguments: [0.05, 0.3, 0.5, 0.9, 1, 1.5, 2, 5, 10, 30, 60, 65])
    func anIdleLimitIsFound(limit: Double) throws {
        let (finding, seconds, _) = try examine(ShadowServer(idleLimit: limit))
        #expect(abs((finding.limitSeconds ?? 0) - limit) < 0.01)
        #expect(finding.maxConnections == nil && finding.lifetimeSeconds == nil)
        #expect(seconds < limit * 1.15 + 3.5)
    }

    @Test("A limit beyond the longest wait is not found, and nothing is said of it")
    func aLimitThatIsTooLong() throws {
        let (finding, seconds, _) = try examine(ShadowServer(idleLimit: 120), maxWait: 40)
        #expect(finding.limitSeconds == nil && finding.answeredSeconds ?? 0 >= 40 && finding.closedCount == 0)
        #expect((40...43).contains(seconds))
    }

    static let sweeps: [(limit: Double, period: Double)] = [
        (0.4, 1), (1, 1), (1, 10), (2, 0.5), (2, 5), (5, 1), (5, 5), (10, 10), (30, 10), (30, 1), (55, 10),
    ]

    /// The period of a server may begin anywhere beside the probe.
    @Test("A server that sweeps is met in every phase, and the advice is safe", arguments: sweeps)
    func aServerThatSweeps(limit: Double, period: Double) throws {
        for part in 0..<40 {
            let phase = period * Double(part) / 40
            let (finding, _, _) = try examine(ShadowServer(idleLimit: limit, sweep: (period, phase)))
            let found = try #require(finding.limitSeconds, "phase \(phase)")
            #expect(found >= limit - 0.01, "phase \(phase)")
            let advice = try #require(advised(finding), "phase \(phase)")
            #expect(advice <= limit, "phase \(phase): \(advice) of \(found)")
            #expect(finding.lifetimeSeconds == nil && finding.maxConnections == nil, "phase \(phase)")
        }
    }

    @Test("A server that sweeps shows its spread")
    func theSpreadIsShown() throws {
        let (finding, _, _) = try examine(ShadowServer(idleLimit: 30, sweep: (10, 3)))
        #expect(finding.spreadSeconds ?? 0 > 2)
        #expect(try examine(ShadowServer(idleLimit: 30)).finding.spreadSeconds ?? 1 < 0.1)
    }

    @Test("A lifetime is not an idle limit", arguments: [1.0, 2, 5, 30, 60])
    func aLifetime(age: Double) throws {
        let (finding, _, _) = try examine(ShadowServer(lifetime: age))
        #expect(abs((finding.lifetimeSeconds ?? 0) - age) < 0.05 && finding.limitSeconds == nil)
        let both = try examine(ShadowServer(idleLimit: age / 2 + 0.5, lifetime: age + 2)).finding
        #expect(both.lifetimeSeconds == nil && abs((both.limitSeconds ?? 0) - age / 2 - 0.5) < 0.01)
    }

    @Test(
        "A server that keeps only some idle connections",
        arguments: [1, 2, 3, 4, 8, 12], [false, true])
    func aServerThatKeepsSome(most: Int, endsNewest: Bool) throws {
        for limit in [5.0, 20] {
            let server = ShadowServer(idleLimit: limit, maxIdle: most, endsNewest: endsNewest)
            let (finding, seconds, _) = try examine(server)
            #expect(finding.maxConnections == most, "\(limit)")
            #expect(abs((finding.limitSeconds ?? 0) - limit) < 0.01, "\(limit)")
            #expect(finding.lifetimeSeconds == nil && seconds < limit + 10)
        }
        let open = try examine(ShadowServer(maxIdle: most, endsNewest: endsNewest), maxWait: 15).finding
        #expect(open.maxConnections == most && open.limitSeconds == nil)
    }

    @Test("A slow server that keeps only some idle connections", arguments: [1, 4])
    func aSlowServerThatKeepsSome(most: Int) throws {
        let finding = try examine(ShadowServer(idleLimit: 20, maxIdle: most, answerTime: 0.7)).finding
        #expect(finding.maxConnections == most && abs((finding.limitSeconds ?? 0) - 20) < 0.01)
    }

    /// All connections end at one moment, whatever their age.
    @Test("A restart is not a limit", arguments: [0.4, 0.9, 3, 7.5])
    func aRestart(moment: Double) throws {
        let finding = try examine(ShadowServer(idleLimit: 30, restarts: [moment])).finding
        #expect(finding.maxConnections == nil)
        if let limit = finding.limitSeconds { #expect(abs(limit - 30) < 0.01) }
    }

    @Test("Counting requests on a slow server ends soon after the limit is known")
    func countingEndsSoon() throws {
        let (finding, seconds, _) = try examine(ShadowServer(idleLimit: 5, answerTime: 0.5), countingTime: 500)
        #expect(abs((finding.limitSeconds ?? 0) - 5) < 0.01 && seconds < 10)
    }

    @Test("A connection that was forgotten is found dead")
    func whatIsForgotten() throws {
        let finding = try examine(ShadowServer(forgets: 20), maxWait: 70).finding
        #expect(finding.limitSeconds == nil && finding.failedSeconds == 29 && finding.answeredSeconds == 19)
    }

    @Test("A probe does not hold many connections")
    func notManyConnections() throws {
        let (_, _, hold) = try examine(ShadowServer())
        #expect(hold.mostOpen <= 40 && hold.opened <= 40)
    }

    @Test("Gaps between starts are below the margin of the advice, and differ")
    func theGapsOfTheStagger() {
        var stagger = Stagger()
        var starts: [Double] = []
        while let next = stagger.next {
            starts.append(next)
            stagger.advance()
        }
        #expect((10...20).contains(starts.count))
        let gaps = zip(starts.dropFirst(), starts).map { $0 - $1 }
        #expect(gaps.allSatisfy { $0 > 0.05 && $0 < 0.9 })
        #expect(Set(gaps.map { Int($0 * 1000) }).count == gaps.count)
        #expect(starts.last ?? 0 > 9.5)
    }

    @Test("The busy connection is never idle for long beside its age")
    func thePaceOfTheBusyOne() {
        var (age, count) = (0.0, 0)
        while age < 70 {
            let next = BusyPace.next(after: age)
            #expect(next > age && (age == 0 || next - age <= age * 0.31))
            (age, count) = (next, count + 1)
        }
        #expect(count < 30)
    }
}
