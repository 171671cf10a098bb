import PoolModel
import Watch
import WatchCore

/// The kernel's count of the connections that agents say they opened, which comes by another way: from outside.
///
/// Both cannot be counted at the same instant, so the kernel is asked before the agents and after them: what they count has to lie
/// between.
struct KernelWitness {
    private struct Opened {
        /// In the kernel, before the agents were asked.
        var before = 0
        var agents = 0
        var after = 0
    }

    /// A connection that stays open is seen from outside at the next look only.
    private static let lag = Duration.milliseconds(1500)

    /// So long it may take until the owners of short connections are found.
    private static let searchForOwners = Duration.seconds(5)
    /// So long the counts differ before the other processes are left out.
    private static let doubt = Duration.seconds(2)

    let session: WatchSession
    private let pid: Int
    /// At first the connections of all processes to the hosts of this service count, since they are known at once. Where those are
    /// more, others connect there too, and only the service's own count.
    private var scope = SourceSnapshot.Scope.namespace
    private var begins = ContinuousClock.now
    private var differsSince: ContinuousClock.Instant?
    /// Connections of several processes to the same address are too short to be told apart, so that nothing can be compared.
    private(set) var isDivided = false
    private var latest: [String: Int] = [:]
    private var base: [String: Opened]?
    /// Dials at the first comparison: the kernel may have had their connections when the agents did not.
    private var dialsAtFirst = 0
    private var history: [(at: ContinuousClock.Instant, agents: Int)] = []

    /// Begins to count connections, for a process and its descendants; nil where this cannot be seen.
    init?(pid: Int) {
        do throws(WatchError) { session = try WatchSession.make(WatchSettings()) } catch { return nil }
        self.pid = pid
    }

    /// Counts before the agents are asked.
    mutating func begin() async { latest = await opened() ?? latest }

    /// Compares the counts of the agents with the kernel's, both since the first comparison.
    mutating func count(beside snapshot: AgentSnapshot) async -> KernelCount? {
        guard let after = await opened(), scope == .namespace || !isDivided else { return nil }
        var counts: [String: Opened] = [:]
        for host in snapshot.hosts {
            for address in host.addresses {
                counts[address.address, default: Opened()].agents += address.connectionsOpened
            }
        }
        // The process may have other connections, that are no business of an HTTP agent.
        for address in counts.keys {
            counts[address]?.before = latest[address] ?? 0
            counts[address]?.after = after[address] ?? 0
        }
        guard let base else {
            if ContinuousClock.now >= begins { (self.base, dialsAtFirst) = (counts, snapshot.dials) }
            return nil
        }
        var (least, most, sum) = (0, 0, Opened())
        for (address, count) in counts {
            let first = base[address] ?? Opened()
            least += count.before - first.after
            most += count.after - first.before
            sum.agents += count.agents - first.agents
            sum.after += count.after - first.after
        }
        let agrees = agrees(least: least - snapshot.dials, agents: sum.agents, most: most + dialsAtFirst)
        let count = KernelCount(opened: sum.after, seen: sum.agents, agrees: agrees, scope: scope)
        leaveOthersOut(count)
        return count
    }

    private mutating func leaveOthersOut(_ count: KernelCount) {
        guard scope == .namespace, !count.agrees, count.opened > count.seen else { return differsSince = nil }
        let now = ContinuousClock.now
        guard let since = differsSince else { return differsSince = now }
        guard now - since >= Self.doubt else { return }
        session.choose(.processes([pid]))
        scope = .process
        begins = now + Self.searchForOwners
        (base, history) = (nil, [])
    }

    private mutating func agrees(least: Int, agents: Int, most: Int) -> Bool {
        let now = ContinuousClock.now
        history.append((now, agents))
        while history.count > 1, now - history[1].at >= Self.lag { history.removeFirst() }
        let slack = 2 + agents / 1000
        return agents >= least - slack && history[0].agents <= most + slack
    }

    private mutating func opened() async -> [String: Int]? {
        let seen: AgentSnapshot
        do { seen = try await session.snapshot() } catch { return nil }
        isDivided = scope == .process && seen.source?.notes.contains { $0.label == .sharesEstimated } == true
        var opened: [String: Int] = [:]
        for host in seen.hosts {
            for address in host.addresses { opened[address.address, default: 0] += address.connectionsOpened }
        }
        return opened
    }
}

extension AgentSnapshot {
    /// Connections that the agents are waiting for.
    fileprivate var dials: Int { totals.connections.connecting }
}
