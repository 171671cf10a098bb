import PoolModel

/// Decides who may dial: free slots go to the oldest waiter over all hosts that could use one.
///
/// Rules (BEHAVIOUR §2): dials in progress count against every limit (2). An idle connection makes room for a waiter of
/// another host, the oldest idle one first; a freed slot goes to the oldest eligible waiter over all hosts (3). A dial
/// that is no longer needed is aborted (12). Connections in advance are dialled one at a time, and never by evicting
/// another (15).
extension AgentMachine {
    /// Lets waiters dial, the oldest first over all hosts, until a limit is reached.
    mutating func dispatch(_ now: Moment) {
        while let next = oldestUnservedWaiter(now) {
            guard makeRoom(for: next.host, now) else { return }
            startDial(next.host, prewarm: false, now)
        }
    }

    /// The host that may dial and whose oldest waiter without a dial has waited longest. It mutates nothing; calling a
    /// non-mutating method would copy the whole machine first.
    private mutating func oldestUnservedWaiter(except excluded: Int? = nil, _ now: Moment) -> (host: Int, order: Int)? {
        var best: (host: Int, order: Int)?
        for host in waitingHosts where hasUnservedWaiter(host, now) {
            guard host != excluded else { continue }
            var waiter = hosts[host].waiters.head
            for _ in 0..<hosts[host].dialing.count { waiter = waiterLinks.after(waiter) }
            let order = requests[waiter].order
            if order < best?.order ?? .max { best = (host, order) }
        }
        return best
    }

    /// Whether closing idle connections of any host can make room for one more under the total limit.
    @inline(__always)
    private var hasRoomInTotal: Bool { connections.liveCount - allIdle.count < settings.maxTotalSockets }

    /// Whether a request that arrives now would start a dial of its own at once.
    func wouldDialAtOnce(_ host: Int, _ now: Moment) -> Bool {
        hosts[host].waiters.count <= hosts[host].dialing.count && mayDial(host, now) && hasRoomInTotal
    }

    /// Makes room under the limits by closing idle connections if necessary; returns false if all connections are in
    /// use. After limits were lowered, more than one may have to close.
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

    /// True if a waiter of another host that is older than all of this host's waiters could use this host's slot.
    @inline(__always)
    mutating func isSlotOwedToAnotherHost(than host: Int, _ now: Moment) -> Bool {
        guard connections.liveCount >= settings.maxTotalSockets, allIdle.isEmpty,
            waitingTotal > hosts[host].waiters.count, let other = oldestUnservedWaiter(except: host, now)
        else { return false }
        let own = hosts[host].waiters.head
        return own == LinkPool.none || other.order < requests[own].order
    }

    /// True if a retried request is waiting for a fresh connection and no slot for one is left. Otherwise later
    /// waiters, which accept any connection, would keep all of them busy until the request times out.
    @inline(__always)
    func isSlotOwedToFreshWaiter(_ slot: Int, _ now: Moment) -> Bool {
        let host = connections[slot].host
        guard hosts[host].freshWaiters > hosts[host].dialing.count, !connections[slot].isFresh,
            requests[hosts[host].waiters.head].needsFresh, now >= hosts[host].dialAllowedAt
        else { return false }
        return hosts[host].population.all >= hosts[host].limits.maxSockets || !hasRoomInTotal
    }

    /// Keeps `minIdlePerHost` connections ready, dialling one at a time and never evicting another connection.
    mutating func prewarm(_ now: Moment) {
        guard mode == .serving, prewarmedHosts > 0 else { return }
        for host in hosts.indices where hosts[host].limits.minIdle > 0 {
            guard readyIdle(host) < hosts[host].limits.minIdle else { continue }
            if mayPrewarm(host, now) { startDial(host, prewarm: true, now) }
        }
    }

    /// A connection that could not stay idle under the limits must not be opened, because it would be closed at once
    /// and dialled again.
    private func mayPrewarm(_ host: Int, _ now: Moment) -> Bool {
        guard hosts[host].dialing.isEmpty, hosts[host].waiters.isEmpty, hosts[host].totals.requests.started > 0,
            now >= hosts[host].prewarmAllowedAt, mayDial(host, now), keepAlive(of: host).isOn,
            hosts[host].idle.count < hosts[host].limits.maxFree,
            connections.liveCount < settings.maxTotalSockets, hasRoomForIdle
        else { return false }
        return idleLimit(host, lifetimeLeft: hosts[host].limits.lifetime).limit >= Self.shortestRest
    }

    /// Whether the limit on idle connections over all hosts allows one more, counting dials in advance by other hosts.
    /// Otherwise two hosts that each open one for the last place would evict each other in turn.
    private var hasRoomForIdle: Bool {
        guard let limit = settings.maxFreeSocketsTotal else { return true }
        let coming = hosts.reduce(0) { sum, host in sum + host.dialing.count { connections[$0].dial.isPrewarm } }
        return allIdle.count + coming < limit
    }

    private static let shortestRest: Nanoseconds = .milliseconds(100)

    /// After a cancellation, aborts a dial that no waiter needs, the newest first, to free its slot.
    mutating func abortSurplusDial(_ host: Int) {
        guard hosts[host].dialing.count > hosts[host].waiters.count, let slot = hosts[host].dialing.last,
            !connections[slot].dial.isPrewarm
        else { return }
        effects.append(.abortDial(connections.id(of: slot)))
        endDial(slot)
    }

    /// Checks the limits of this host only. A waiter that needs a fresh connection may evict the host's own idle ones.
    ///
    /// Reads field by field: a method called on an element of `hosts` copies the whole record first.
    @inline(__always)
    private func mayDial(_ host: Int, _ now: Moment) -> Bool {
        guard now >= hosts[host].dialAllowedAt, hosts[host].dialing.count < hosts[host].limits.maxDials else {
            return false
        }
        let expendable = hosts[host].freshWaiters > 0 ? hosts[host].population.idle : 0
        return hosts[host].population.all - expendable < hosts[host].limits.maxSockets
    }

    @inline(__always)
    private func hasUnservedWaiter(_ host: Int, _ now: Moment) -> Bool {
        hosts[host].waiters.count > hosts[host].dialing.count && mayDial(host, now)
    }
}
