/// The books of the core, recounted from the records.
extension AgentMachine {
    /// Traps where a count and the records disagree: only a bug of ours can do that. Runs after every event in debug
    /// builds (while there are few connections) and after every step of the simulation.
    package func checkInvariants() {
        var populations = [Population](repeating: Population(), count: hosts.count)
        var carrying = [Int](repeating: 0, count: hosts.count)
        for slot in connections.liveSlots {
            let connection = connections[slot]
            populations[connection.host][connection.phase] += 1
            if connection.request != Connection.noRequest {
                carrying[connection.host] += 1
                precondition(requests[connection.request].state == .assigned(slot: slot), "a request is elsewhere")
                precondition(connection.phase.isActive, "a request on a connection that is not active")
            } else {
                precondition(!connection.phase.isActive || connection.phase == .draining, "active without a request")
            }
            precondition(allIdleLinks.contains(slot) == (connection.phase == .idle), "idle list and phase disagree")
            precondition(
                connection.deadline == .never || deadlines.contains(.connection(slot)), "a deadline is not scheduled")
        }
        for (index, host) in hosts.enumerated() {
            check(host, index, counted: populations[index], carrying: carrying[index])
        }
        precondition(waitingTotal == hosts.reduce(0) { $0 + $1.waiters.count }, "waiting over all hosts")
        precondition(allIdle.count == hosts.reduce(0) { $0 + $1.idle.count }, "idle over all hosts")
        precondition(connections.liveCount == populations.reduce(0) { $0 + $1.all }, "connections over all hosts")
        dns.checkInvariants()
    }

    private func check(_ host: HostPool, _ index: Int, counted: Population, carrying: Int) {
        let totals = host.totals
        precondition(counted == host.population, "population of a host")
        precondition(host.idle.count == counted.idle, "idle list of a host")
        precondition(host.peers.reduce(0) { $0 + $1.idle.count } == counted.idle, "idle lists of a host's addresses")
        precondition(host.dialing.count == counted.dialing, "dials of a host")
        precondition(host.dialing.count <= max(host.limits.maxDials, host.dialing.count), "dial limit of a host")
        precondition(
            totals.started == totals.succeeded + totals.failed + totals.cancelled + carrying + host.waiters.count,
            "started = succeeded + failed + cancelled + inFlight + queued")
        precondition(
            totals.opened == totals.closed.total + counted.established, "opened = closed + idle + active")
        precondition(
            totals.dials == totals.opened + totals.dialFailed + counted.dialing,
            "dials = opened + dialFailed + connecting")
        let waiting = waiterLinks.elements(of: host.waiters)
        precondition(waiting.count == host.waiters.count, "waiters of a host")
        precondition(waiting.allSatisfy { requests[$0].state == .queued }, "a waiter that does not wait")
        precondition(waiting.filter { requests[$0].needsFresh }.count == host.freshWaiters, "fresh waiters of a host")
        precondition(host.idle.isEmpty || waiting.count == host.freshWaiters, "waiters beside idle connections")
    }
}
