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

    @Test("Of different limits, the one that occurred twice counts, otherwise the lowest")
    func limitsThatDifferGiveTheOneThatCameTwiceElseTheLeast() {
        let ends = [100, 50, 100].map { Run(responses: $0, end: .announced) }
        #expect(RequestFinding(ends).limit == 100 && RequestFinding(ends).strayEnds == [50])
        #expect(RequestFinding(Array(ends.prefix(2))).limit == 50)
        #expect(!RequestFinding(Array(ends.prefix(2))).isConfirmed)
    }
}
