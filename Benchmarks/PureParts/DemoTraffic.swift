import AgentCore
import PoolModel

/// Seven downstreams at about 3,333 requests a second, in time that passes only here.
struct DemoTraffic {
    private struct Target {
        var name: String
        var perSecond: Int
        var answersAfterMilliseconds: Int
    }

    private static let targets = [
        Target(name: "catalog", perSecond: 1500, answersAfterMilliseconds: 1),
        Target(name: "search", perSecond: 400, answersAfterMilliseconds: 40),
        Target(name: "payments", perSecond: 500, answersAfterMilliseconds: 4),
        Target(name: "legacy", perSecond: 100, answersAfterMilliseconds: 1),
        Target(name: "ledger", perSecond: 333, answersAfterMilliseconds: 1),
        Target(name: "images", perSecond: 167, answersAfterMilliseconds: 3),
        Target(name: "flaky", perSecond: 333, answersAfterMilliseconds: 2),
    ]

    private var world: World
    private let hosts: [HostID]
    /// Thousandths of a request that are owed to each target.
    private var owed = [Int](repeating: 0, count: targets.count)
    /// The connections that are answered in each of the milliseconds to come, round and round.
    private var due = [[ConnectionID]](repeating: [], count: 64)
    private var milliseconds = 0

    init() {
        var world = World { settings in
            settings.keepAlive = .off
            settings.maxFreeSocketsPerHost = 64
        }
        hosts = Self.targets.map { world.addHost($0.name) }
        self.world = world
    }

    var now: Moment { world.now }

    mutating func switchKeepAlive(on isOn: Bool) { world.send(.keepAliveSet(isOn ? .on : .off, host: nil)) }

    mutating func run(milliseconds count: Int) {
        for _ in 0..<count {
            milliseconds += 1
            world.pass(.milliseconds(1))
            let slot = milliseconds % due.count
            for id in due[slot] { world.answer(id) }
            due[slot].removeAll(keepingCapacity: true)
            for index in hosts.indices {
                owed[index] += Self.targets[index].perSecond
                send(owed[index] / 1000, to: index)
                owed[index] %= 1000
            }
        }
    }

    /// So many requests at once, which takes as many connections.
    mutating func send(_ count: Int, to index: Int) {
        for _ in 0..<count { world.arrive(at: hosts[index]) }
        due[(milliseconds + Self.targets[index].answersAfterMilliseconds) % due.count] += world.takeAssigned()
    }

    mutating func snapshot(listing host: Int?) -> AgentSnapshot {
        let seconds = Double(milliseconds) / 1000
        var snapshot = world.machine.snapshot(
            now: world.now, wallClock: 1_795_600_000 + seconds, socketsFor: Set(host.map { [$0] } ?? []),
            process: ProcessSnapshot(
                cpuSeconds: seconds * 0.16, agentCPUSeconds: seconds * 0.12, maxResidentBytes: 30_000_000,
                openDescriptors: 120, descriptorLimit: 1024))
        let planned = Int(3333 * seconds)
        snapshot.load = LoadSnapshot(
            isOpenLoop: true, targetPerSecond: 3333, concurrency: nil, arrivals: "constant", planned: planned,
            sent: planned, seed: 42, paused: false,
            targets: Self.targets.map { target in
                LoadSnapshot.LoadTarget(
                    name: target.name, url: "http://\(target.name).pooltop.test/", method: "GET",
                    weight: Double(target.perSecond), planned: Int(Double(target.perSecond) * seconds))
            })
        return snapshot
    }
}
