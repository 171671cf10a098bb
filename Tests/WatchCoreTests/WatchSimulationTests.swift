import PoolModel
import Testing

@testable import WatchCore

/// Random histories of the machine against a shadow kernel, the sums checked after every fact.
@Suite struct WatchSimulationTests {
    static let steps = 80

    private func play(_ seed: UInt64, _ course: WatchSimulation.Course) -> WatchSimulation? {
        var simulation = WatchSimulation(seed: seed, course: course)
        do {
            try simulation.begin()
            for _ in 0..<Self.steps { try simulation.step() }
            try simulation.finish()
            return simulation
        } catch {
            Issue.record("seed \(seed), step \(simulation.stepsDone): \(error)")
            return nil
        }
    }

    @Test("Without lost messages every count is the truth", arguments: (UInt64(0)..<16).map { $0 * 12 })
    func countsAreTheTruth(first: UInt64) throws {
        for seed in first..<(first + 12) {
            let course = WatchSimulation.Course(jumps: seed % 3 == 0)
            guard var simulation = play(seed, course) else { return }
            let snapshot = simulation.machine.snapshot(now: simulation.kernel.now, wallClock: 0, socketsFor: [])
            let (counts, truth) = (snapshot.totals, simulation.kernel.total)
            let about = Comment("seed \(seed)")
            #expect(counts.connections.opened == truth.opened, about)
            #expect(counts.connections.closed == truth.closed, about)
            #expect(counts.connections.open == simulation.kernel.connections.count, about)
            #expect(counts.requests.succeeded == truth.completed, about)
            #expect(counts.requests.started == truth.started, about)
            #expect(counts.connections.closedRemote == truth.closedByPeer, about)
            #expect(counts.connections.closedLocal == truth.closedByProcess, about)
            #expect(counts.connections.closedByReason[.closerUnknown] == 0, about)
            #expect(snapshot.dns.lookups == simulation.kernel.lookups, about)
            #expect(snapshot.source?.kernel?.agrees == true, about)
            #expect(snapshot.hosts.allSatisfy { $0.certainty[.bytes] == .exact }, about)
            checkAttribution(snapshot, simulation.kernel, about)
        }
    }

    /// A process has those connections whose owner was read, and beyond them at most those of which nobody's was.
    private func checkAttribution(_ snapshot: AgentSnapshot, _ kernel: ShadowKernel, _ about: Comment) {
        let others = kernel.total.opened - kernel.total.owned
        for pid in Set((snapshot.source?.processes ?? []).compactMap(\.pid)) {
            let opened = (snapshot.source?.processes ?? []).reduce(0) { $0 + ($1.pid == pid ? $1.opened : 0) }
            var owned = 0
            for (key, truth) in kernel.truth { if case .process(pid, _) = key.owner { owned += truth.owned } }
            #expect(owned <= opened && opened <= owned + others, about)
        }
    }

    @Test(
        "With the kernel's trace each process has exactly its own connections",
        arguments: (UInt64(0)..<4).map { $0 * 8 })
    func tracedOwnersAreExact(first: UInt64) throws {
        for seed in (3000 + first)..<(3008 + first) {
            guard var simulation = play(seed, WatchSimulation.Course(isTraced: true)) else { return }
            let snapshot = simulation.machine.snapshot(now: simulation.kernel.now, wallClock: 0, socketsFor: [])
            let about = Comment("seed \(seed)")
            var opened: [Int: Int] = [:]
            for row in snapshot.source?.processes ?? [] {
                if let pid = row.pid { opened[pid, default: 0] += row.opened }
            }
            var truth: [Int: Int] = [:]
            for (key, part) in simulation.kernel.truth where part.opened > 0 {
                if case .process(let pid, _) = key.owner { truth[pid, default: 0] += part.opened }
            }
            #expect(opened.filter { $0.value > 0 } == truth, about)
            #expect(snapshot.totals.connections.closedRemote == simulation.kernel.total.closedByPeer, about)
            #expect(snapshot.hosts.allSatisfy { $0.certainty[.connections] == .exact }, about)
        }
    }

    @Test(
        "After lost messages the sums hold, and the kernel's count puts ours right",
        arguments: (UInt64(0)..<8).map { $0 * 8 })
    func lossesArePutRight(first: UInt64) throws {
        for seed in (1000 + first)..<(1008 + first) {
            let course = WatchSimulation.Course(losesMessages: true, jumps: seed % 3 == 0)
            guard var simulation = play(seed, course) else { return }
            let snapshot = simulation.machine.snapshot(now: simulation.kernel.now, wallClock: 0, socketsFor: [])
            let (counts, truth) = (snapshot.totals.connections, simulation.kernel.total)
            let about = Comment("seed \(seed), \(simulation.losses) losses")
            #expect(counts.open == simulation.kernel.connections.count, about)
            #expect(counts.opened - counts.closed == truth.opened - truth.closed, about)
            // A stale dump lets connections be counted by the kernel that are counted by us a moment later.
            #expect(abs(counts.opened - truth.opened) <= 4, about)
            let isNoted = snapshot.source?.notes.contains { $0.label == .messagesLost } ?? false
            #expect(isNoted == (simulation.losses > 0), about)
        }
    }

    /// A simulation that never comes to a thing proves nothing of it.
    @Test("Random histories come to everything that they are to try")
    func historiesGoEverywhere() throws {
        var (unseen, losses, stale, ended, shared, idle, active, waiting) = (0, 0, 0, 0, 0, 0, 0, 0)
        for seed in UInt64(2000)..<2012 {
            let course = WatchSimulation.Course(losesMessages: true, jumps: true)
            guard var simulation = play(seed, course) else { return }
            let snapshot = simulation.machine.snapshot(now: simulation.kernel.now, wallClock: 0, socketsFor: [])
            unseen += simulation.kernel.total.opened - simulation.kernel.total.owned
            losses += simulation.losses
            stale += simulation.staleDumps
            ended += snapshot.source?.processes?.filter(\.hasEnded).count ?? 0
            shared += snapshot.source?.notes.first { $0.label == .sharesEstimated }?.count ?? 0
            idle += snapshot.totals.connections.closedByReason[.peerClosedIdle]
            active += snapshot.totals.connections.closedByReason[.peerClosedActive]
            waiting += snapshot.hosts.reduce(0) { $0 + ($1.kernel?.timeWait ?? 0) }
        }
        #expect(unseen > 50 && losses > 10 && stale > 10 && ended > 3)
        #expect(shared > 10 && idle > 50 && active > 20 && waiting > 50)
    }
}
