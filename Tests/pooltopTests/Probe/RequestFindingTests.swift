import PoolModel
import Testing

@testable import Prober

@Suite struct RequestFindingTests {
    private typealias Run = ProbeObservations.Run

    @Test("Without a run nothing is known")
    func noRunIsNothingKnown() {
        let finding = RequestFinding([])
        #expect(finding.limit == nil && finding.most == 0 && !RequestFinding.isSettled(by: []))
    }

    @Test("An announced limit is accepted when it occurs twice")
    func anAnnouncedLimitIsBelievedWhenItComesTwice() {
        let run = Run(responses: 100, end: .announced, close: .fin)
        let once = RequestFinding([run])
        #expect(once.limit == 100 && once.isAnnounced && !once.isConfirmed && once.close == .fin)
        #expect(!RequestFinding.isSettled(by: [run]))
        let twice = RequestFinding([run, run])
        #expect(twice.limit == 100 && twice.isConfirmed && RequestFinding.isSettled(by: [run, run]))
    }

    @Test("An unannounced limit is reported as such")
    func aLimitThatIsNotAnnouncedSaysSo() {
        let runs = [
            Run(responses: 5, end: .announced, close: .fin), Run(responses: 5, end: .closed(.reset), close: .reset),
        ]
        let finding = RequestFinding(runs)
        #expect(finding.limit == 5 && !finding.isAnnounced && finding.isConfirmed && finding.close == .fin)
    }

    @Test("The bound of the run is not a limit")
    func theBoundIsNoLimit() {
        let runs = [Run(responses: 1000, end: .bound)]
        #expect(RequestFinding(runs).limit == nil && RequestFinding(runs).most == 1000)
        #expect(RequestFinding.isSettled(by: runs))
    }

    /// A server that is being replaced ends one connection early.
    @Test("An end before another run's bound is an accident")
    func anEndBeforeTheBoundOfAnotherIsAnAccident() {
        let runs = [Run(responses: 37, end: .announced, close: .fin), Run(responses: 1000, end: .bound)]
        let finding = RequestFinding(runs)
        #expect(finding.limit == nil && finding.most == 1000 && finding.strayEnds == [37])
    }

    @Test("A lost response is not a limit")
    func aLostResponseIsNoLimit() {
        let runs = [Run(responses: 80, end: .failed(.peerReset), close: .reset)]
        #expect(RequestFinding(runs).limit == nil && !RequestFinding.isSettled(by: runs))
        #expect(RequestFinding(runs).most == 80)
    }

    @Test("Three responses that are lost at the same number are a limit")
    func aDeadEnd() {
        let dead = Run(responses: 50, end: .failed(.requestTimeout))
        #expect(RequestFinding([dead, dead]).limit == nil && !RequestFinding.isSettled(by: [dead, dead]))
        let finding = RequestFinding([dead, dead, dead])
        #expect(finding.limit == 50 && finding.isDead && !finding.isAnnounced && finding.isConfirmed)
        #expect(RequestFinding.isSettled(by: [dead, dead, dead]))
        #expect(RequestFinding([dead, dead, Run(responses: 7, end: .failed(.requestTimeout))]).limit == nil)
    }

    @Test("Closes that nobody announced, each at another number, are no limit")
    func closesAtAnyNumber() {
        let ends = [7, 31, 12, 44].map { Run(responses: $0, end: .closed(.fin), close: .fin) }
        #expect(RequestFinding(ends).limit == nil && RequestFinding(ends).strayEnds == [7, 12, 31, 44])
        #expect(RequestFinding([ends[0]]).limit == 7)
    }

    @Test("A run that ended at the age at which all connections end says nothing of numbers")
    func anEndByAge() {
        let runs = [900, 870].map { Run(responses: $0, end: .closed(.fin), close: .fin, seconds: 5.01) }
        #expect(RequestFinding(runs, lifetimeSeconds: 5).limit == nil)
    }

    /// The kernel answers a request that crosses FIN with a reset, and then the FIN is not seen any more.
    @Test("A reset while a request was on its way is not the server's way of closing")
    func aResetInFlight() {
        let run = Run(responses: 5, end: .closed(.reset), close: .reset)
        #expect(RequestFinding([run, run]).limit == 5 && RequestFinding([run, run]).close == nil)
    }

    @Test("Of different limits, the one that occurred twice counts, otherwise the lowest")
    func limitsThatDifferGiveTheOneThatCameTwiceElseTheLeast() {
        let ends = [100, 50, 100].map { Run(responses: $0, end: .announced) }
        #expect(RequestFinding(ends).limit == 100 && RequestFinding(ends).strayEnds == [50])
        #expect(RequestFinding(Array(ends.prefix(2))).limit == 50)
        #expect(!RequestFinding(Array(ends.prefix(2))).isConfirmed)
    }
}
