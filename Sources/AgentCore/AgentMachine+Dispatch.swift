/// Who may dial: free slots go to the oldest waiter over all hosts that could use one.
///
/// Rules (BEHAVIOUR §2): dials in progress count against every limit (2). An idle connection makes room for a waiter of
/// another host, the oldest idle one first; a freed slot goes to the oldest eligible waiter over all hosts (3). A dial
/// that nobody needs any more is given back (12). Connections are kept ready one dial at a time, and never by pushing
/// another out (15).
extension AgentMachine {
    /// Lets waiters dial, the oldest first over all hosts, until no limit allows another.
    mutating func dispatch(_ now: Moment) {
        while let next = oldestUnservedWaiter(now) {
            guard makeRoom(for: next.host, now) else { return }
            startDial(next.host, prewarm: false, now)
        }
    }

    /// The host that may dial and whose next waiter without a dial has waited longest.
    private func oldestUnservedWaiter(except excluded: Int? = nil, _ now: Moment) -> (host: Int, order: Int)? {
        var best: (host: Int, order: Int)?
        for host in hosts.indices where hosts[host].waiters.count > hosts[host].dialing.count {
            guard host != excluded, mayDial(host, now) else { continue }
            var waiter = hosts[host].waiters.head
            for _ in hosts[host].dialing { waiter = waiterLinks.after(waiter) }
            let order = requests[waiter].order
            if order < best?.order ?? .max { best = (host, order) }
        }
        return best
    }

    /// Limits of the host alone. A waiter that needs a fresh connection may push out one of the host's own idle ones.
    private func mayDial(_ host: Int, _ now: Moment) -> Bool {
        guard now >= hosts[host].dialAllowedAt, hosts[host].dialing.count < hosts[host].limits.maxDials else {
            return false
        }
        return hosts[host].population.all < hosts[host].limits.maxSockets
            || (hosts[host].freshWaiters > 0 && hosts[host].population.idle > 0)
    }

    /// Frees a slot under the limits where that takes an idle connection; false where all are in use.
    private mutating func makeRoom(for host: Int, _ now: Moment) -> Bool {
        if hosts[host].population.all >= hosts[host].limits.maxSockets {
            closeEstablished(hosts[host].idle.tail, .idleLimitHost)
        }
        guard connections.liveCount >= settings.maxTotalSockets else { return true }
        guard allIdle.tail != LinkPool.none else { return false }
        let victim = allIdle.tail
        closeEstablished(victim, connections[victim].host == host ? .idleLimitHost : .evictedForOtherHost)
        return true
    }

    /// True where a waiter of another host, older than every waiter of this one, could use this host's slot.
    func isSlotOwedToAnotherHost(than host: Int, _ now: Moment) -> Bool {
        guard connections.liveCount >= settings.maxTotalSockets, allIdle.isEmpty,
            waitingTotal > hosts[host].waiters.count, let other = oldestUnservedWaiter(except: host, now)
        else { return false }
        let own = hosts[host].waiters.head
        return own == LinkPool.none || other.order < requests[own].order
    }

    /// Keeps `minIdlePerHost` connections ready, one dial at a time, never by pushing another out.
    mutating func prewarm(_ now: Moment) {
        guard mode == .serving else { return }
        for host in hosts.indices
        where hosts[host].limits.minIdle > hosts[host].idle.count && hosts[host].dialing.isEmpty {
            guard keepAlive(of: host).isOn, hosts[host].waiters.isEmpty, hosts[host].totals.started > 0,
                hosts[host].idle.count < hosts[host].limits.maxFree, mayDial(host, now),
                connections.liveCount < settings.maxTotalSockets
            else { continue }
            startDial(host, prewarm: true, now)
        }
    }

    /// After a cancellation: a dial that no waiter needs gives its slot back, the newest first.
    mutating func abortSurplusDial(_ host: Int) {
        guard hosts[host].dialing.count > hosts[host].waiters.count, let slot = hosts[host].dialing.last,
            !connections[slot].dial.isPrewarm
        else { return }
        effects.append(.abortDial(connections.id(of: slot)))
        endDial(slot)
    }
}
