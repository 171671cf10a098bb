import PoolModel
import Testing

@testable import Prober

@Suite struct IdleFindingTests {
    private typealias Fixture = ProbeFixture
    private typealias Held = ProbeObservations.Held

    @Test("Without held connections nothing is known")
    func nothingHeldIsNothingKnown() {
        let idle = IdleFinding([])
        #expect(idle.limitSeconds == nil && idle.close == nil && idle.closedAges == nil)
        #expect(idle.answeredSeconds == nil && idle.failedSeconds == nil && idle.closedCount == 0)
    }

    /// Ages of closes, ages at which requests were answered, and the limit that they make.
    static let limits: [(closed: [Double], answered: [Double], limit: Double?)] = [
        ([2.0, 2.001, 2.004], [1], 2.0),
        ([2.2, 2.0], [], 2.0),
        // Timers with a beat of their own.
        ([60, 63, 70], [59], 60),
        // A close by accident, and then the limit.
        ([3, 60, 60.1], [29, 59], 60),
        // Servers behind one address differ: the shortest limit that came twice.
        ([5, 5.01, 60, 60.1], [29], 5),
        ([3], [], 3),
        ([3], [2], 3),
        ([3], [29], nil),
        ([3, 60], [29], nil),
        ([], [69], nil),
    ]

    @Test("Two closes at one age establish a limit", arguments: limits) func twoClosesAtOneAgeMakeALimit(
        closed: [Double], answered: [Double], limit: Double?
    ) {
        let idle = IdleFinding(Fixture.closed(closed) + answered.map { Fixture.held($0, .answered) })
        #expect(idle.limitSeconds == limit)
        #expect(idle.closedCount == closed.count && idle.answeredSeconds == answered.max())
        #expect((idle.close == .fin) == (limit != nil))
    }

    @Test("A connection that is still open contradicts a single close")
    func aConnectionThatIsStillOpenContradictsALoneClose() {
        let stray = Fixture.closed([3])
        #expect(IdleFinding(stray + [Fixture.held(70, .open)]).limitSeconds == nil)
        #expect(IdleFinding(stray + [Fixture.held(3.1, .open)]).limitSeconds == 3)
    }

    @Test("The manner of closing is that of the youngest close", arguments: ServerClose.allCases)
    func theMannerIsThatOfTheYoungest(close: ServerClose) {
        #expect(IdleFinding(Fixture.closed([2, 2.1], close) + Fixture.closed([2.2], .fin)).close == close)
    }

    @Test("Bytes before the close are reported")
    func bytesBeforeTheCloseAreSaid() {
        let closed: [Held] = [2.0, 2.1].map { Fixture.held($0, .closed(.fin, spoke: true)) }
        #expect(IdleFinding(closed).spoke)
        #expect(!IdleFinding(Fixture.closed([2, 2.1])).spoke)
    }

    private func busy(_ seconds: Double, idle: Double, _ end: ProbeObservations.Run.End = .closed(.fin))
        -> ProbeObservations.Run
    {
        .init(responses: 20, end: end, seconds: seconds, idleSeconds: idle)
    }

    @Test("A busy connection that ended at the same age makes the limit a lifetime")
    func aBusyOneThatEnds() {
        let held = Fixture.closed([10, 10.01, 10.02])
        let finding = IdleFinding(held, busy: busy(10.1, idle: 1))
        #expect(finding.lifetimeSeconds == 10 && finding.limitSeconds == nil && finding.close == .fin)
        #expect(IdleFinding(held, busy: busy(10.1, idle: 1, .announced)).lifetimeSeconds == 10)
    }

    @Test("A busy connection that lives on, ended earlier, or had been idle itself makes none")
    func aBusyOneThatLives() {
        let held = Fixture.closed([10, 10.01, 10.02])
        for run in [
            busy(10.6, idle: 1, .cutShort), busy(4, idle: 1), busy(14, idle: 1), busy(10, idle: 9.9),
            busy(10, idle: 1, .failed(.requestTimeout)),
        ] {
            let finding = IdleFinding(held, busy: run)
            #expect(finding.lifetimeSeconds == nil && finding.limitSeconds == 10)
        }
    }

    @Test("An unasked answer that leaves the connection open is a limit without a close")
    func unaskedAnswers() {
        let finding = IdleFinding([2, 2.1].map { Fixture.held($0, .spoke) })
        #expect(finding.limitSeconds == 2 && finding.spoke && finding.close == nil)
    }

    @Test("Where one connection alone lives longer, the crowd's ages do not count")
    func oneAlone() {
        var alone = Fixture.held(1.5, .open)
        alone.part = .alone
        var after = Fixture.closed([8])
        after[0].part = .after
        let crowd = Fixture.closed([0.01, 0.01, 0.02])
        #expect(IdleFinding(crowd).limitSeconds == 0.01)
        let few = IdleFinding(crowd + [alone] + after, gathering: .init(opened: 8, kept: 4))
        #expect(few.maxConnections == 4 && few.limitSeconds == 8 && few.closedCount == 1)
        let all = IdleFinding(crowd + [alone] + after, gathering: .init(opened: 8, kept: 8))
        #expect(all.maxConnections == nil && all.limitSeconds == 8)
    }

    @Test("A connection that looks open but is dead is detected")
    func whatLooksOpenAndIsDeadIsFound() {
        let idle = IdleFinding([
            Fixture.held(1, .answered), Fixture.held(2, .answered), Fixture.held(9, .failed(.requestTimeout)),
            Fixture.held(4, .failed(.peerReset)),
        ])
        #expect(idle.failedSeconds == 4 && idle.answeredSeconds == 2 && idle.limitSeconds == nil)
    }

    /// A request that is lost once, while connections that were idle for longer carry theirs, was lost for another reason.
    @Test("An accident is not a limit")
    func anAccidentIsNoLimit() {
        let idle = IdleFinding([Fixture.held(4, .failed(.peerReset)), Fixture.held(9, .answered)])
        #expect(idle.failedSeconds == nil)
    }

    @Test("A request that crosses the close adds no information")
    func aRequestThatCrossesTheCloseSaysNothingMore() {
        let idle = IdleFinding(Fixture.closed([2, 2.01]) + [Fixture.held(1.99, .failed(.peerClosed))])
        #expect(idle.limitSeconds == 2 && idle.failedSeconds == nil)
    }
}
