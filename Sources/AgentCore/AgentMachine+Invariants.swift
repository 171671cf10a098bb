/// The books of the core, recounted from the records.
extension AgentMachine {
    /// Traps where a count and the records disagree: only a bug of ours can do that. Runs after every event in debug
    /// builds (while there are few connections and waiters). There every read through a subscript copies the whole
    /// record, so each record is read once and handed on.
    package func checkInvariants() {
        var populations = [Population](repeating: Population(), count: hosts.count)
        var carrying = [Int](repeating: 0, count: hosts.count)
        var live = 0
        var slot = 0
        while slot < connections.capacity {
            let connection = connections[slot]
            if connection.isLive {
                live += 1
                populations[connection.host][connection.phase] += 1
                if connection.request != Connection.noRequest { carrying[connection.host] += 1 }
                check(connection, slot)
            }
            slot += 1
        }
        var waiting = 0
        var idle = 0
        var index = 0
        while index < hosts.count {
            let host = hosts[index]
            precondition(populations[index] == host.population, "population of a host")
            checkLists(host)
            checkTotals(host, inFlight: carrying[index])
            waiting += host.waiters.count
            idle += host.idle.count
            index += 1
        }
        precondition(waitingTotal == waiting, "waiting over all hosts")
        precondition(allIdle.count == idle, "idle over all hosts")
        precondition(connections.liveCount == live, "connections over all hosts")
        dns.checkInvariants()
    }

    private func check(_ connection: Connection, _ slot: Int) {
        if connection.request == Connection.noRequest {
            precondition(!connection.phase.isActive || connection.phase == .draining, "active without a request")
        } else {
            precondition(requests[connection.request].state == .assigned(slot: slot), "a request is elsewhere")
            precondition(connection.phase.isActive, "a request on a connection that is not active")
        }
        precondition(allIdleLinks.contains(slot) == (connection.phase == .idle), "idle list and phase disagree")
        precondition(
            connection.deadline == .never || deadlines.contains(.connection(slot)), "a deadline is not scheduled")
    }

    private func checkLists(_ host: HostPool) {
        precondition(host.idle.count == host.population.idle, "idle list of a host")
        precondition(host.dialing.count == host.population.dialing, "dials of a host")
        var idle = 0
        for peer in host.peers { idle += peer.idle.count }
        precondition(idle == host.population.idle, "idle lists of a host's addresses")
        var waiting = 0
        var fresh = 0
        var slot = host.waiters.head
        while slot != LinkPool.none {
            let waiter = requests[slot]
            precondition(waiter.state == .queued, "a waiter that does not wait")
            waiting += 1
            if waiter.needsFresh { fresh += 1 }
            slot = waiterLinks.after(slot)
        }
        precondition(waiting == host.waiters.count, "waiters of a host")
        precondition(fresh == host.freshWaiters, "fresh waiters of a host")
        precondition(host.idle.isEmpty || waiting == fresh, "waiters beside idle connections")
    }

    private func checkTotals(_ host: HostPool, inFlight: Int) {
        let totals = host.totals
        let counted = host.population
        precondition(
            totals.started == totals.succeeded + totals.failed + totals.cancelled + inFlight + host.waiters.count,
            "started = succeeded + failed + cancelled + inFlight + queued")
        precondition(totals.opened == totals.closed.total + counted.established, "opened = closed + idle + active")
        precondition(
            totals.dials == totals.opened + totals.dialFailed + counted.dialing,
            "dials = opened + dialFailed + connecting")
    }
}
