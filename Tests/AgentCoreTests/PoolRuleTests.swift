import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rules 1 to 6: reuse, limits, fairness, order, the queue, scheduling.
@Suite struct PoolRuleTests {
    @Test("A second request reuses the connection")
    func rule1ASecondRequestRidesTheSameConnection() throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host)
        let id = try rig.connect()
        try rig.serve(first)
        let second = rig.arrive(host)
        #expect(rig.assignments[first] == .init(id: id, sendClose: false, isReused: false))
        #expect(rig.assignments[second] == .init(id: id, sendClose: false, isReused: true))
        try rig.serve(second)
        let counts = rig.host(host).metrics.requests
        #expect(counts.onNewConnection == 1)
        #expect(counts.onReusedConnection == 1)
    }

    @Test("Connections stay within the limits and every request finishes", arguments: [1, 2, 4], [1, 3, 8])
    func rule2LimitsHoldAndEveryRequestFinishes(perHost: Int, total: Int) throws {
        var rig = Rig {
            $0.maxSocketsPerHost = perHost
            $0.maxTotalSockets = total
            $0.maxFreeSocketsPerHost = 1
            $0.maxFreeSocketsTotal = 1
        }
        let hosts = [rig.addHost("a"), rig.addHost("b")]
        let requests = (0..<20).map { rig.arrive(hosts[$0 % 2]) }
        var rounds = 0
        while rig.outcomes.count < requests.count, rounds < 200 {
            rounds += 1
            // A dial in progress counts.
            #expect(rig.machine.connections.liveCount <= total)
            for host in hosts { #expect(rig.machine.hosts[host.index].population.all <= perHost) }
            if !rig.connects.isEmpty { try rig.connect() }
            if let ready = requests.first(where: { rig.connection(of: $0) != nil }) { try rig.serve(ready) }
        }
        #expect(requests.allSatisfy { rig.outcomes[$0] == .succeeded(200) })
        rig.pass(1)
        #expect(rig.machine.hosts.reduce(0) { $0 + $1.population.idle } == 1)
    }

    @Test("The number of simultaneous dials is limited")
    func rule2DialsAtOnceAreLimited() {
        var (rig, host) = Rig.one { $0.maxDialsPerHost = 3 }
        for _ in 0..<10 { rig.arrive(host) }
        #expect(rig.connects.count == 3)
    }

    @Test("An idle connection of another host makes room")
    func rule3AnIdleConnectionOfAnotherHostMakesRoom() throws {
        var rig = Rig { $0.maxTotalSockets = 2 }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let idle = try rig.idleConnections(2, at: a)
        let request = rig.arrive(b)
        #expect(rig.closeOrder == [idle[0]], "the oldest idle goes")
        #expect(rig.closed[idle[0]] == .evictedForOtherHost)
        try rig.connect()
        try rig.serve(request)
    }

    /// Traffic to A that always keeps its connections busy, and one request to B among it.
    @Test("Steady traffic never starves another host", arguments: [1, 2, 3])
    func rule3SteadyTrafficNeverStarvesAnotherHost(total: Int) throws {
        var rig = Rig { $0.maxTotalSockets = total }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        var open = (0..<(total + 2)).map { _ in rig.arrive(a) }
        while !rig.connects.isEmpty { try rig.connect() }
        let waiting = rig.arrive(b)
        var served = 0
        while rig.outcomes[waiting] == nil, served < 50 {
            if !rig.connects.isEmpty { try rig.connect() }
            if rig.connection(of: waiting) != nil { try rig.serve(waiting) }
            if let next = open.first(where: { rig.connection(of: $0) != nil }) {
                try rig.serve(next)
                served += 1
                open.removeAll { $0 == next }
                open.append(rig.arrive(a))
            }
        }
        // Only those that were waiting at A before it may go first.
        #expect(served <= total + 3)
        #expect(rig.outcomes[waiting] == .succeeded(200))
    }

    @Test("A freed slot goes to the oldest waiter over all hosts")
    func rule3AFreedSlotGoesToTheOldestWaiterOfAll() throws {
        var rig = Rig { $0.maxTotalSockets = 1 }
        let hosts = (0..<4).map { rig.addHost("h\($0)") }
        let running = rig.arrive(hosts[0])
        let waiting = [3, 1, 2, 1, 3].map { rig.arrive(hosts[$0]) }
        try rig.connect()
        try rig.serve(running)
        var order: [Int] = []
        while order.count < waiting.count {
            if !rig.connects.isEmpty { try rig.connect() }
            let ready = try #require(waiting.first { rig.connection(of: $0) != nil })
            order.append(ready)
            try rig.serve(ready)
        }
        #expect(order == waiting)
    }

    @Test("Waiters are served first in, first out")
    func rule4WaitersLeaveFirstInFirstOut() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 2 }
        let requests = (0..<8).map { _ in rig.arrive(host) }
        try rig.connect()
        try rig.connect()
        for request in requests { try rig.serve(request) }
        #expect(requests.allSatisfy { rig.outcomes[$0] == .succeeded(200) })
    }

    @Test("A freed connection serves the waiter, and the late dial becomes idle")
    func rule4AFreedConnectionServesTheWaiterAndTheLateDialJoinsTheIdleOnes() throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host)
        let early = try rig.connect()
        let second = rig.arrive(host)
        try rig.serve(first)
        #expect(rig.connection(of: second) == early)
        let late = try rig.connect()
        #expect(rig.closed.isEmpty)
        #expect(rig.connections(host).idle == 1)
        let third = rig.arrive(host)
        #expect(rig.assignments[third] == .init(id: late, sendClose: false, isReused: false))
    }

    @Test("The queue has a limit")
    func rule5TheQueueHasALimit() {
        var (rig, host) = Rig.one {
            $0.maxSocketsPerHost = 2
            $0.queueLimit = 3
        }
        let requests = (0..<6).map { _ in rig.arrive(host) }
        #expect(rig.outcomes == [requests[5]: .failed(.queueFull)], "two dials and three that wait beside them")
        let error = rig.errors[requests[5]]
        #expect(error?.connecting == 2)
        #expect(error?.waiting == 5)
    }

    /// A queue of zero: nobody waits beside the dials, but whoever may dial at once does.
    @Test("A queue limit of zero still allows dials")
    func rule5AQueueLimitOfZeroStillDials() throws {
        var (rig, host) = Rig.one {
            $0.maxSocketsPerHost = 1
            $0.queueLimit = 0
        }
        let first = rig.arrive(host)
        let second = rig.arrive(host)
        #expect(rig.outcomes == [second: .failed(.queueFull)])
        try rig.connect()
        try rig.serve(first)
        try rig.exchange(host)
    }

    @Test("A queue timeout reports the host's four counts")
    func rule5TheWaitHasALimitAndTheErrorTheFourNumbers() throws {
        var (rig, host) = Rig.one {
            $0.maxSocketsPerHost = 1
            $0.queueTimeout = .seconds(2)
        }
        rig.arrive(host)
        var waiting = [rig.arrive(host)]
        try rig.connect()
        rig.pass(0.1)
        waiting.append(rig.arrive(host))
        rig.pass(1.8)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(
            rig.errors[waiting[0]]
                == AgentError(
                    cause: .queueTimeout, origin: rig.machine.hosts[host.index].description.origin, phase: .queued,
                    waitedSeconds: 2, lastConnectFailure: nil, active: 1, idle: 0, connecting: 0,
                    waiting: 1))
        #expect(rig.outcomes[waiting[1]] == .failed(.queueTimeout))
    }

    @Test("The error names the last connect failure")
    func rule5TheErrorNamesTheLastConnectFailure() throws {
        var (rig, host) = Rig.one {
            $0.queueTimeout = .milliseconds(50)
            $0.failFastWhileBackingOff = false
        }
        let requests = (0..<2).map { _ in rig.arrive(host) }
        try rig.refuse(.connectUnreachable)
        #expect(rig.outcomes == [requests[0]: .failed(.connectUnreachable)])
        rig.pass(0.06)
        #expect(rig.outcomes[requests[1]] == .failed(.connectUnreachable))
        #expect(rig.errors[requests[1]]?.lastConnectFailure == .connectUnreachable)
        #expect(rig.errors[requests[1]]?.waitedSeconds == 0.05)
    }

    @Test(
        "The scheduling setting determines which idle connection is reused",
        arguments: [(Scheduling.lifo, [2, 1, 0]), (.fifo, [0, 1, 2])])
    func rule6TheOrderOfReuse(scheduling: Scheduling, order: [Int]) throws {
        var (rig, host) = Rig.one { $0.scheduling = scheduling }
        let idle = try rig.idleConnections(3, at: host)
        let taken = (0..<3).map { _ in rig.take(host) }
        #expect(taken == order.map { idle[$0] })
    }

    @Test("Round-robin scheduling rotates over the addresses")
    func rule6RoundRobinGoesOverTheAddresses() throws {
        var rig = Rig { $0.scheduling = .roundRobin }
        let host = rig.addHost("a", addresses: 3)
        _ = try rig.idleConnections(6, at: host)
        var uses = [0, 0, 0]
        for _ in 0..<9 {
            let request = rig.arrive(host)
            let id = try #require(rig.connection(of: request))
            uses[rig.machine.connections[id.slot].address] += 1
            try rig.serve(request)
        }
        #expect(uses == [3, 3, 3])
    }

    @Test("The scheduling setting can change at run time")
    func rule6TheOrderChangesWhileRunning() throws {
        var (rig, host) = Rig.one()
        let idle = try rig.idleConnections(3, at: host)
        #expect(rig.take(host) == idle[2])
        rig.set { $0.scheduling = .fifo }
        #expect(rig.take(host) == idle[0])
    }
}
