/// Idle connections: which one goes first, how long each may rest, and the limits on their number.
extension AgentMachine {
    /// Takes the idle connection that the scheduling rule names. One whose limit has passed although its timer has
    /// not fired yet is closed instead: expiry and checkout have one winner, and the request goes on. So is one that
    /// began to rest under a longer limit than the one that the server has given since.
    mutating func takeIdle(_ host: Int, _ now: Moment) -> Int? {
        let current = idleLimit(host, lifetimeLeft: .max)
        while let slot = nextIdle(host) {
            guard connections[slot].deadline > now else {
                closeEstablished(slot, Self.expiryReason(connections[slot].idleLimitOrigin))
                continue
            }
            guard connections[slot].phaseSince + current.limit > now else {
                closeEstablished(slot, Self.expiryReason(current.origin))
                continue
            }
            unlinkIdle(slot)
            if connections[slot].exchanges == 0 { hosts[host].unusedCloses = 0 }
            if hosts[host].idle.count < hosts[host].limits.minIdle { mayDispatch = true }
            return slot
        }
        return nil
    }

    @inline(__always)
    private mutating func nextIdle(_ host: Int) -> Int? {
        guard !hosts[host].idle.isEmpty else { return nil }
        switch hosts[host].limits.scheduling {
        case .lifo: return hosts[host].idle.head
        case .fifo: return hosts[host].idle.tail
        case .roundRobin:
            let count = hosts[host].peers.count
            for step in 0..<count {
                let peer = (hosts[host].nextPeer + step) % count
                guard !hosts[host].peers[peer].idle.isEmpty else { continue }
                hosts[host].nextPeer = peer + 1
                return hosts[host].peers[peer].idle.head
            }
            return hosts[host].idle.head
        }
    }

    /// Lets a connection rest, or closes it where a limit says so.
    mutating func park(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        if let reason = reasonNotToPark(slot, now) { return closeEstablished(slot, reason) }
        if let limit = settings.maxFreeSocketsTotal, allIdle.count >= limit {
            guard limit > 0 else { return closeEstablished(slot, .idleLimitTotal) }
            closeEstablished(allIdle.tail, .idleLimitTotal)
        }
        move(slot, to: .idle, now) { connection, host in
            connection.hasRested = true
            host.learned.grow(now: now)
            let end = connection.lifetimeEnd
            let (limit, origin) = host.idleLimit(lifetimeLeft: end == .never ? .max : end - now)
            connection.idleLimitOrigin = origin
            connection.deadline = now + limit
        }
        hosts[host].linkIdle(slot, at: connections[slot].address, &idleLinks, &allIdle)
        deadlines.schedule(.connection(slot), at: connections[slot].deadline)
    }

    @inline(__always)
    private func reasonNotToPark(_ slot: Int, _ now: Moment) -> CloseReason? {
        let host = connections[slot].host
        if mode != .serving { return .drain }
        // One that has carried an exchange was judged by the rest at its end (`reasonToClose`).
        let isNew = connections[slot].exchanges == 0
        if isNew {
            if !keepAlive(of: host).isOn { return .keepAliveDisabled }
            if connections[slot].isRetired { return .dnsRetired }
            if connections[slot].lifetimeEnd <= now { return .lifetime }
        }
        if hosts[host].population.idle >= hosts[host].limits.maxFree { return .idleLimitHost }
        guard isNew else { return nil }
        // A dial that was begun under higher limits.
        if hosts[host].population.all > hosts[host].limits.maxSockets { return .idleLimitHost }
        if connections.liveCount > settings.maxTotalSockets { return .idleLimitTotal }
        return nil
    }

    @inline(__always)
    mutating func unlinkIdle(_ slot: Int) {
        let host = connections[slot].host
        hosts[host].unlinkIdle(slot, at: connections[slot].address, &idleLinks, &allIdle)
    }

    @inline(__always)
    func idleLimit(_ host: Int, lifetimeLeft: Nanoseconds) -> (limit: Nanoseconds, origin: IdleLimitOrigin) {
        hosts[host].idleLimit(lifetimeLeft: lifetimeLeft)
    }

    mutating func idleDeadlineReached(_ slot: Int, _ now: Moment) {
        closeEstablished(slot, Self.expiryReason(connections[slot].idleLimitOrigin))
    }

    static func expiryReason(_ origin: IdleLimitOrigin) -> CloseReason {
        switch origin {
        case .none, .own: .idleTimeout
        case .hint: .hintTimeout
        case .learned: .learnedTimeout
        case .lifetime: .lifetime
        }
    }

    /// Closes every idle connection of one host, the oldest first.
    mutating func closeIdle(_ host: Int, _ reason: CloseReason) {
        while hosts[host].idle.tail != LinkPool.none { closeEstablished(hosts[host].idle.tail, reason) }
    }
}

extension HostPool {
    /// min(own limit, hint − margin, learned − margin, remaining lifetime), and which of them it is.
    @inline(__always)
    fileprivate func idleLimit(lifetimeLeft: Nanoseconds) -> (limit: Nanoseconds, origin: IdleLimitOrigin) {
        var best: (limit: Nanoseconds, origin: IdleLimitOrigin) = (limits.idleTimeout, .own)
        if best.limit == .max { best.origin = .none }
        if let hint = hintTimeout, hint - idleMargin(of: hint) < best.limit {
            best = (hint - idleMargin(of: hint), .hint)
        }
        if let learned = learned.limit, learned - idleMargin(of: learned) < best.limit {
            best = (learned - idleMargin(of: learned), .learned)
        }
        if lifetimeLeft < best.limit { best = (lifetimeLeft, .lifetime) }
        return best
    }

    /// Into the lists of the host, of all hosts and of the address.
    @inline(__always)
    fileprivate mutating func linkIdle(
        _ slot: Int, at address: Int, _ links: inout IdleLinks, _ all: inout LinkPool.List
    ) {
        links.pushFront(slot, to: &idle, &all, &peers[address].idle)
    }

    @inline(__always)
    fileprivate mutating func unlinkIdle(
        _ slot: Int, at address: Int, _ links: inout IdleLinks, _ all: inout LinkPool.List
    ) {
        links.remove(slot, from: &idle, &all, &peers[address].idle)
    }
}
