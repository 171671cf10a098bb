import AgentCore
import PoolModel

/// The pool's decisions for one exchange on an open connection: a request arrives and is assigned, is written, the head
/// arrives, the exchange ends, the connection becomes idle. Events are reported as the shell reports them: the effects
/// are taken, and the deadline is read.
let poolBenchmarks: [Maker] =
    [10, 1000, 50_000].map { count in
        Maker("pool: one exchange, \(count) sockets, the last used first") { name in
            poolBenchmark(name, sockets: count, scheduling: .lifo)
        }
    }
    + [10, 1000, 50_000].map { count in
        Maker("pool: one exchange, \(count) sockets, each in its turn") { name in
            poolBenchmark(name, sockets: count, scheduling: .fifo)
        }
    }

private func poolBenchmark(_ name: String, sockets: Int, scheduling: Scheduling) -> Benchmark {
    var world = World { settings in
        settings.maxSocketsPerHost = sockets
        settings.maxTotalSockets = sockets
        settings.maxFreeSocketsPerHost = sockets
        settings.maxDialsPerHost = sockets
        settings.queueLimit = sockets
        settings.scheduling = scheduling
        // None is reached, and yet each connection that rests has its place among the deadlines.
        settings.idleTimeout = .seconds(3600)
        settings.maxLifetime = .seconds(7200)
    }
    let host = world.addHost("a")
    world.open(sockets, at: host)
    return Benchmark(name: name, unit: .nanoseconds, goal: .atMost(300)) { count in
        let (succeeded, turns) = (world.succeeded, world.turns)
        for _ in 0..<count { world.exchange(at: host) }
        precondition(world.opened == sockets, "another connection was opened")
        precondition(
            scheduling == .fifo ? world.turns - turns >= count - 1 : world.turns - turns <= 1,
            "the connections were not used in the order that the name of the benchmark says")
        return world.succeeded - succeeded
    }
}
