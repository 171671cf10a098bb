import PoolModel

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

    /// The host that may dial and whose next waiter without a dial has waited longest. It changes nothing; a call of a
    /// method that may not would copy the whole machine first.
    private mutating func oldestUnservedWaiter(except excluded: Int? = nil, _ now: Moment) -> (host: Int, order: Int)? {
        var best: (host: Int, order: Int)?
        for host in waitingHosts where hosts[host].hasUnservedWaiter(now) {
            guard host != excluded else { continue }
            var waiter = hosts[host].waiters.head
            for _ in 0..<hosts[host].dialing.count { waiter = waiterLinks.after(waiter) }
            let order = requests[waiter].order
            if order < best?.order ?? .max { best = (host, order) }
        }
        return best
    }

    /// Idle connections of whichever host can make room for one more under the total limit.
    @inline(__always)
    private var hasRoomInTotal: Bool { connections.liveCount - allIdle.count < settings.maxTotalSockets }

    /// Whether a request that arrives now would have a dial of its own at once.
    func wouldDialAtOnce(_ host: Int, _ now: Moment) -> Bool {
        hosts[host].waiters.count <= hosts[host].dialing.count && hosts[host].mayDial(now) && hasRoomInTotal
    }

    /// Frees a slot under the limits where that takes idle connections; false where all are in use. Limits that were
    /// lowered may ask for more than one.
    private mutating func makeRoom(for host: Int, _ now: Moment) -> Bool {
        guard hasRoomInTotal else { return false }
        while hosts[host].population.all >= hosts[host].limits.maxSockets {
            closeEstablished(hosts[host].idle.tail, .idleLimitHost)
        }
        while connections.liveCount >= settings.maxTotalSockets {
            let victim = allIdle.tail
            closeEstablished(victim, connections[victim].host == host ? .idleLimitHost : .evictedForOtherHost)
        }
        return true
    }

    /// True where a waiter of another host, older than every waiter of this one, could use this host's slot.
    @inline(__always)
    mutating func isSlotOwedToAnotherHost(than host: Int, _ now: Moment) -> Bool {
        guard connections.liveCount >= settings.maxTotalSockets, allIdle.isEmpty,
            waitingTotal > hosts[host].waiters.count, let other = oldestUnservedWaiter(except: host, now)
        else { return false }
        let own = hosts[host].waiters.head
        return own == LinkPool.none || other.order < requests[own].order
    }

    /// True where a request that is sent again waits for a fresh connection and no slot for one is left. Later waiters,
    /// which ride any connection, would otherwise keep all of them busy until its time is over.
    @inline(__always)
    func isSlotOwedToFreshWaiter(_ slot: Int, _ now: Moment) -> Bool {
        let host = connections[slot].host
        guard hosts[host].freshWaiters > hosts[host].dialing.count, !connections[slot].isFresh,
            requests[hosts[host].waiters.head].needsFresh, now >= hosts[host].dialAllowedAt
        else { return false }
        return hosts[host].population.all >= hosts[host].limits.maxSockets || !hasRoomInTotal
    }

    /// Keeps `minIdlePerHost` connections ready, one dial at a time, never by pushing another out.
    mutating func prewarm(_ now: Moment) {
        guard mode == .serving, prewarmedHosts > 0 else { return }
        for host in hosts.indices where hosts[host].limits.minIdle > 0 {
            guard readyIdle(host) < hosts[host].limits.minIdle else { continue }
            if mayPrewarm(host, now) { startDial(host, prewarm: true, now) }
        }
    }

    /// A connection that no limit would let rest must not be opened: it would be closed at once and dialled again.
    private func mayPrewarm(_ host: Int, _ now: Moment) -> Bool {
        guard hosts[host].dialing.isEmpty, hosts[host].waiters.isEmpty, hosts[host].totals.requests.started > 0,
            now >= hosts[host].prewarmAllowedAt, hosts[host].mayDial(now), keepAlive(of: host).isOn,
            hosts[host].idle.count < hosts[host].limits.maxFree,
            connections.liveCount < settings.maxTotalSockets, oneMoreMayRest
        else { return false }
        return idleLimit(host, lifetimeLeft: hosts[host].limits.lifetime).limit >= Self.shortestRest
    }

    /// Under the limit of idle connections over all hosts, those that other hosts open ahead of need included: two hosts
    /// that each open one for the last place would push each other out in turn.
    private var oneMoreMayRest: Bool {
        guard let limit = settings.maxFreeSocketsTotal else { return true }
        let coming = hosts.reduce(0) { sum, host in sum + host.dialing.count { connections[$0].dial.isPrewarm } }
        return allIdle.count + coming < limit
    }

    private static let shortestRest: Nanoseconds = .milliseconds(100)

    /// After a cancellation: a dial that no waiter needs gives its slot back, the newest first.
    mutating func abortSurplusDial(_ host: Int) {
        guard hosts[host].dialing.count > hosts[host].waiters.count, let slot = hosts[host].dialing.last,
            !connections[slot].dial.isPrewarm
        else { return }
        effects.append(.abortDial(connections.id(of: slot)))
        endDial(slot)
    }
}

extension HostPool {
    /// Limits of the host alone. A waiter that needs a fresh connection may push out the host's own idle ones.
    fileprivate func mayDial(_ now: Moment) -> Bool {
        guard now >= dialAllowedAt, dialing.count < limits.maxDials else { return false }
        let expendable = freshWaiters > 0 ? population.idle : 0
        return population.all - expendable < limits.maxSockets
    }

    fileprivate func hasUnservedWaiter(_ now: Moment) -> Bool {
        guard waiters.count > dialing.count else { return false }
        return mayDial(now)
    }
}
