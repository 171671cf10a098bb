import AgentCore
import PoolModel

/// Everything that can be seen of 64 hosts with 64 sockets each, half of them idle, all of which have history.
let snapshotBenchmarks: [Maker] = [
    Maker("snapshot: 64 hosts × 64 sockets, none listed") { snapshotBenchmark($0, listed: []) },
    Maker("snapshot: 64 hosts × 64 sockets, one host's listed") { snapshotBenchmark($0, listed: [17]) },
    Maker("snapshot: 64 hosts × 64 sockets, all listed") { snapshotBenchmark($0, listed: Set(0..<64)) },
    Maker("snapshot: the same, three addresses a host") { snapshotBenchmark($0, listed: [17], addresses: 3) },
]

private func snapshotBenchmark(_ name: String, listed: Set<Int>, addresses: UInt32 = 1) -> Benchmark {
    var world = World { settings in
        settings.maxTotalSockets = 4096
        settings.maxFreeSocketsPerHost = 64
    }
    let hosts = (0..<64).map { world.addHost("host-\($0)", addresses: addresses) }
    for host in hosts {
        world.open(64, at: host)
        for _ in 0..<100 {
            world.arrive(at: host)
            world.pass(.microseconds(700))
            world.answerAll()
        }
        for _ in 0..<32 { world.arrive(at: host) }
        _ = world.takeAssigned()
    }
    return Benchmark(name: name, unit: .microseconds, goal: .atMost(150)) { count in
        var complete = 0
        for _ in 0..<count {
            let snapshot = world.machine.snapshot(now: world.now, wallClock: 0, socketsFor: listed)
            let sockets = snapshot.hosts.reduce(0) { $0 + ($1.sockets?.count ?? 0) }
            let open = snapshot.hosts.reduce(0) { $0 + $1.addresses.reduce(0) { $0 + $1.open } }
            if snapshot.hosts.count == 64, open == 4096, sockets == listed.count * 64 { complete += 1 }
        }
        return complete
    }
}
