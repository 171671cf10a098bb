import PoolModel

/// The books of the core, recounted from the records.
///
/// They are recounted after every event of a debug build, so they must not cost more than the event. Without
/// optimisation every read through a subscript copies the whole record, with a retain for each array in it, and the
/// closure that `precondition` makes of its condition copies all that it mentions, up to the whole machine. So
/// hosts are read where they lie, and a condition is worked out before it is judged.
extension AgentMachine {
    /// Traps where a count and the records disagree: only a bug of ours can do that. Runs after every event in debug
    /// builds (while there are few connections and waiters).
    package func checkInvariants() {
        var recount = Recount(hosts: hosts.count)
        var slot = 0
        while slot < connections.capacity {
            let connection = connections[slot]
            if connection.isLive {
                recount.add(connection)
                check(connection, slot)
            }
            slot += 1
        }
        let queues = recount.check(hosts)
        var waiting = 0
        var index = 0
        while index < queues.count {
            checkWaiters(queues[index].waiters, fresh: queues[index].fresh)
            waiting += queues[index].waiters.count
            index += 1
        }
        demand(waitingTotal == waiting, "waiting over all hosts")
        checkWaitingHosts(among: queues.count { !$0.waiters.isEmpty })
        demand(allIdle.count == recount.idle, "idle over all hosts")
        demand(connections.liveCount == recount.live, "connections over all hosts")
        dns.checkInvariants()
    }

    private func check(_ connection: Connection, _ slot: Int) {
        let phase = connection.phase
        if connection.request == Connection.noRequest {
            if phase.isActive { demand(phase == .draining, "active without a request") }
        } else {
            demand(requests[connection.request].state == .assigned(slot: slot), "a request is elsewhere")
            demand(phase.isActive, "a request on a connection that is not active")
        }
        demand(idleLinks.contains(slot) == (phase == .idle), "idle list and phase disagree")
        demand(deadlines.moment(of: .connection(slot)) <= connection.deadline, "a connection comes up too late")
    }

    private func checkWaitingHosts(among expected: Int) {
        demand(waitingHosts.count == expected, "hosts whose requests wait")
        var place = 0
        while place < waitingHosts.count {
            let host = waitingHosts[place]
            demand(hosts[host].waitingPlace == place, "the place of a host whose requests wait")
            demand(!hosts[host].waiters.isEmpty, "a host whose requests wait has some")
            place += 1
        }
    }

    private func checkWaiters(_ waiters: LinkPool.List, fresh: Int) {
        var counted = 0
        var countedFresh = 0
        var slot = waiters.head
        while slot != LinkPool.none {
            let waiter = requests[slot]
            demand(waiter.state == .queued, "a waiter that does not wait")
            let due = waiter.queueDeadline < waiter.deadline ? waiter.queueDeadline : waiter.deadline
            demand(deadlines.moment(of: .request(slot)) <= due, "a waiter comes up too late")
            counted += 1
            if waiter.needsFresh { countedFresh += 1 }
            slot = waiterLinks.after(slot)
        }
        demand(counted == waiters.count, "waiters of a host")
        demand(countedFresh == fresh, "fresh waiters of a host")
    }
}

extension HostPool {
    /// Its lists and totals against what its connections say.
    fileprivate func checkCounts(_ counted: Population, carrying: Int) {
        demand(counted == population, "population of a host")
        let idleCount = counted.idle
        demand(idle.count == idleCount, "idle list of a host")
        demand(dialing.count == counted.dialing, "dials of a host")
        if idleCount > 0 { demand(waiters.count == freshWaiters, "waiters beside idle connections") }
        var idleAtPeers = 0
        var peer = 0
        while peer < peers.count {
            idleAtPeers += peers[peer].idle.count
            peer += 1
        }
        demand(idleAtPeers == idleCount, "idle lists of a host's addresses")
        totals.check(counted, carrying: carrying, waiting: waiters.count)
    }
}

extension HostMetrics {
    /// The sums that hold between totals and what is present.
    fileprivate func check(_ counted: Population, carrying: Int, waiting: Int) {
        demand(
            requests.started == requests.succeeded + requests.failed + requests.cancelled + carrying + waiting,
            "started = succeeded + failed + cancelled + inFlight + queued")
        let opened = connections.opened
        demand(
            opened == connections.closedByReason.total + counted.established, "opened = closed + idle + active")
        demand(
            connections.dials == opened + connections.dialFailed + counted.dialing,
            "dials = opened + dialFailed + connecting")
    }
}

/// `precondition`, with a condition that was worked out already.
func demand(_ holds: Bool, _ rule: StaticString) {
    if !holds { preconditionFailure("\(rule)") }
}

/// What the connections say of each host.
private struct Recount {
    var populations: [Population]
    /// Connections that carry a request.
    var carrying: [Int]
    var live = 0
    var idle = 0

    init(hosts: Int) {
        populations = [Population](repeating: Population(), count: hosts)
        carrying = [Int](repeating: 0, count: hosts)
    }

    mutating func add(_ connection: Connection) {
        live += 1
        if connection.phase == .idle { idle += 1 }
        populations[connection.host][connection.phase] += 1
        if connection.request != Connection.noRequest { carrying[connection.host] += 1 }
    }

    /// Checks each host where it lies, and returns the queues.
    func check(_ hosts: [HostPool]) -> [(waiters: LinkPool.List, fresh: Int)] {
        var queues: [(waiters: LinkPool.List, fresh: Int)] = []
        unsafe hosts.withUnsafeBufferPointer { hosts in
            guard let first = hosts.baseAddress else { return }
            var index = 0
            while index < hosts.count {
                unsafe first[index].checkCounts(populations[index], carrying: carrying[index])
                unsafe queues.append((first[index].waiters, first[index].freshWaiters))
                index += 1
            }
        }
        return queues
    }
}
