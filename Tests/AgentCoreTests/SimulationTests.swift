import PoolModel
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Random histories of the whole machine against a shadow world, the books and the rules checked after every event.
///
/// A failure prints its seed and step; `AGENT_SEED=n swift test --filter Simulation` plays just that one again.
@Suite(.serialized, .busyCore) struct SimulationTests {
    static let seeds: [UInt64] = {
        if let text = getenv("AGENT_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
        return Array(1...256)
    }()
    static let steps = 3000

    @Test("Every random history keeps the counts balanced", arguments: seeds) func everyHistoryKeepsTheBooks(
        seed: UInt64
    ) {
        var simulation = Simulation(seed: seed)
        do {
            for _ in 0..<Self.steps { try simulation.step() }
            try simulation.finish()
        } catch {
            Issue.record(
                "seed \(seed), step \(simulation.stepsDone): \(error); again: AGENT_SEED=\(seed) swift test --filter Simulation"
            )
        }
    }

    /// A simulation that never comes to a thing proves nothing of it.
    @Test("Random histories reach every state")
    func theHistoriesGoEverywhere() throws {
        var reasons = CountsBy<CloseReason>()
        var causes = CountsBy<FailureCause>()
        var retried = 0
        for seed in UInt64(1001)...1048 {
            var simulation = Simulation(seed: seed)
            for _ in 0..<1500 { try simulation.step() }
            try simulation.finish()
            for host in simulation.snapshot().hosts {
                reasons.merge(host.metrics.connections.closedByReason)
                causes.merge(host.metrics.errors)
                retried += host.metrics.requests.retried
            }
        }
        #expect(CloseReason.allCases.filter { reasons[$0] == 0 } == [.closedByProcess, .closerUnknown])
        // A request that was cancelled is counted as such, and not as failed; the simulated network has no Unix sockets.
        #expect(FailureCause.allCases.filter { causes[$0] == 0 } == [.cancelled, .unixSocketMissing])
        #expect(retried > 0)
    }
}
