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

    let session: WatchSession
    private var latest: [String: Int] = [:]
    private var base: [String: Opened]?
    private var history: [(at: ContinuousClock.Instant, agents: Int)] = []

    /// Begins to count the connections of a process and its descendants; nil where this cannot be seen.
    init?(pid: Int) {
        var settings = WatchSettings()
        settings.scope = .processes([pid])
        guard let session = try? WatchSession.make(settings) else { return nil }
        self.session = session
    }

    /// Counts before the agents are asked.
    mutating func begin() async { latest = await opened() ?? latest }

    /// Compares the counts of the agents with the kernel's, both since the first comparison.
    mutating func count(beside snapshot: AgentSnapshot) async -> KernelCount? {
        guard let after = await opened() else { return nil }
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
            self.base = counts
            return KernelCount(opened: 0, seen: 0, agrees: true, scope: .process)
        }
        var (least, most, sum) = (0, 0, Opened())
        for (address, count) in counts {
            let first = base[address] ?? Opened()
            least += count.before - first.after
            most += count.after - first.before
            sum.agents += count.agents - first.agents
            sum.after += count.after - first.after
        }
        let agrees = agrees(least: least, agents: sum.agents, most: most)
        return KernelCount(
            opened: sum.after, seen: sum.agents, agrees: agrees, scope: .process)
    }

    private mutating func agrees(least: Int, agents: Int, most: Int) -> Bool {
        let now = ContinuousClock.now
        history.append((now, agents))
        while history.count > 1, now - history[1].at >= Self.lag { history.removeFirst() }
        let slack = 1 + agents / 1000
        return agents >= least - slack && history[0].agents <= most + slack
    }

    private func opened() async -> [String: Int]? {
        guard let seen = try? await session.snapshot() else { return nil }
        var opened: [String: Int] = [:]
        for host in seen.hosts {
            for address in host.addresses { opened[address.address, default: 0] += address.connectionsOpened }
        }
        return opened
    }
}
