import PoolModel

/// Idle connections: which one is used first, how long each may stay idle, and the limits on their number.
extension AgentMachine {
    /// Takes the idle connection that the scheduling rule selects. If its limit has passed but its timer has not fired
    /// yet, it is closed and the next one is considered, so that expiry and checkout cannot both win. The same applies
    /// if it became idle under a longer limit than the server has announced since.
    mutating func takeIdle(_ host: Int, _ now: Moment) -> Int? {
        let current = idleLimit(host, lifetimeLeft: .max)
        while let slot = nextIdle(host) {
            guard connections[slot].deadline > now else {
                closeEstablished(slot, Self.expiryReason(connections[slot].idleLimitOrigin))
                continue
            }
            guard connections[slot].phaseSince + current.limit > now else {
                if let other = idleBesideTested(slot, current.limit, now) { return checkOut(other) }
                closeEstablished(slot, Self.expiryReason(current.origin))
                continue
            }
            return checkOut(slot)
        }
        return nil
    }

    @inline(__always)
    private mutating func checkOut(_ slot: Int) -> Int {
        let host = connections[slot].host
        unlinkIdle(slot)
        if connections[slot].exchanges == 0 { hosts[host].unusedCloses = 0 }
        if hosts[host].idle.count < hosts[host].limits.minIdle { mayDispatch = true }
        return slot
    }

    /// Another idle connection is preferred to the one that tests the learned limit.
    private func idleBesideTested(_ slot: Int, _ limit: Nanoseconds, _ now: Moment) -> Int? {
        let host = connections[slot].host
        guard isTested(slot), hosts[host].idle.count > 1 else { return nil }
        let other =
            switch hosts[host].limits.scheduling {
            case .fifo: slot == hosts[host].idle.tail ? idleLinks.parkedAfter(slot) : hosts[host].idle.head
            case .lifo, .roundRobin: hosts[host].idle.head
            }
        guard other != slot, connections[other].deadline > now, connections[other].phaseSince + limit > now else {
            return nil
        }
        return other
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

    /// Makes a connection idle, or closes it if a limit requires that.
    mutating func park(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        if let reason = reasonNotToPark(slot, now) { return closeEstablished(slot, reason) }
        move(slot, to: .idle, now) { connection, host in
            connection.hasBeenIdle = true
            let end = connection.lifetimeEnd
            let (limit, origin) = HostPool.idleLimit(
                own: host.limits.idleTimeout, hint: host.hintTimeout, learned: host.learned.limit,
                lifetimeLeft: end == .never ? .max : end - now)
            connection.idleLimitOrigin = origin
            connection.deadline = now + limit
        }
        hosts[host].linkIdle(slot, at: connections[slot].address, &idleLinks, &allIdle)
        deadlines.schedule(.connection(slot), at: connections[slot].deadline)
        if hosts[host].idle.count > hosts[host].limits.maxFree || isSurplusInTotal { trimRested(host, now) }
    }

    @inline(__always)
    private var isSurplusInTotal: Bool {
        if let limit = settings.maxFreeSocketsTotal { allIdle.count > limit } else { false }
    }

    /// A connection above the maximum number of idle ones closes only after it has been idle for this long. Closing it
    /// sooner would often close one that the next request needs, and a steady load would dial all the time, because the
    /// number of idle connections fluctuates.
    private static let surplusRest: Nanoseconds = .seconds(1)

    /// Closes surplus connections that have been idle for long enough, the oldest first, and schedules the check of the
    /// others.
    mutating func trimRested(_ host: Int, _ now: Moment) {
        while hosts[host].idle.count > hosts[host].limits.maxFree {
            guard closeIfRested(hosts[host].idle.tail, .idleLimitHost, now) else { break }
        }
        while isSurplusInTotal {
            guard closeIfRested(allIdle.tail, .idleLimitTotal, now) else { break }
        }
    }

    private mutating func closeIfRested(_ slot: Int, _ reason: CloseReason, _ now: Moment) -> Bool {
        let due = connections[slot].phaseSince + Self.surplusRest
        guard due <= now else {
            deadlines.schedule(.host(connections[slot].host), at: due)
            return false
        }
        closeEstablished(slot, reason)
        return true
    }

    @inline(__always)
    private func reasonNotToPark(_ slot: Int, _ now: Moment) -> CloseReason? {
        let host = connections[slot].host
        if mode != .serving { return .drain }
        // For one that has carried an exchange, this was decided when the exchange ended (`reasonToClose`).
        let isNew = connections[slot].exchanges == 0
        if isNew {
            if !keepAlive(of: host).isOn { return .keepAliveDisabled }
            if connections[slot].isRetired { return .dnsRetired }
            if connections[slot].lifetimeEnd <= now { return .lifetime }
        }
        if hosts[host].limits.maxFree == 0 { return .idleLimitHost }
        if settings.maxFreeSocketsTotal == 0 { return .idleLimitTotal }
        guard isNew else { return nil }
        // The dial was started under higher limits.
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
        HostPool.idleLimit(
            own: hosts[host].limits.idleTimeout, hint: hosts[host].hintTimeout, learned: hosts[host].learned.limit,
            lifetimeLeft: lifetimeLeft)
    }

    mutating func idleDeadlineReached(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        guard connections[slot].idleLimitOrigin == .learned else {
            return closeEstablished(slot, Self.expiryReason(connections[slot].idleLimitOrigin))
        }
        let age = now - connections[slot].phaseSince
        if isTested(slot), hosts[host].learned.isDisproved(by: age) { return forgetLearnedLimit(host) }
        if testLearnedLimit(slot, now) { return }
        if connections[slot].exchanges == 0 { spaceOutPrewarming(host, now) }
        closeEstablished(slot, .learnedTimeout)
    }

    /// Whether the connection stays idle beyond the learned limit to test it, and is therefore not used.
    func isTested(_ slot: Int) -> Bool {
        hosts[connections[slot].host].learned.tested == connections.id(of: slot) && connections[slot].phase == .idle
    }

    /// The number of idle connections that may carry a request.
    func readyIdle(_ host: Int) -> Int {
        guard let tested = connections.slot(of: hosts[host].learned.tested), isTested(tested) else {
            return hosts[host].idle.count
        }
        return hosts[host].idle.count - 1
    }

    /// Keeps a connection idle beyond the learned limit, to see whether the server closes it. Returns false if no test
    /// is due, or if another limit would end it before there is a result.
    private mutating func testLearnedLimit(_ slot: Int, _ now: Moment) -> Bool {
        let host = connections[slot].host
        guard let age = hosts[host].learned.ageToTest(now: now) else { return false }
        let end = connections[slot].lifetimeEnd
        let left = end == .never ? .max : end - connections[slot].phaseSince
        guard hosts[host].idleLimitWithoutLearned(lifetimeLeft: left) > age else { return false }
        hosts[host].learned.testBegan(on: connections.id(of: slot), now: now)
        setDeadline(slot, connections[slot].phaseSince + age)
        mayDispatch = true
        return true
    }

    private mutating func forgetLearnedLimit(_ host: Int) {
        hosts[host].learned.forget()
        for slot in connections.liveSlots where connections[slot].host == host && connections[slot].phase == .idle {
            renewIdleDeadline(slot)
        }
    }

    mutating func renewIdleDeadline(_ slot: Int) {
        let since = connections[slot].phaseSince
        let end = connections[slot].lifetimeEnd
        let left = end == .never ? .max : end - since
        let (limit, origin) = idleLimit(connections[slot].host, lifetimeLeft: left)
        connections[slot].idleLimitOrigin = origin
        setDeadline(slot, since + limit)
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
    /// The limit in force without the learned limit.
    fileprivate func idleLimitWithoutLearned(lifetimeLeft: Nanoseconds) -> Nanoseconds {
        let hint = hintTimeout.map { $0 - idleMargin(of: $0) } ?? .max
        return min(limits.idleTimeout, hint, lifetimeLeft)
    }

    /// min(own limit, hint − margin, learned − margin, remaining lifetime), and which of them it is.
    ///
    /// Takes the four values and not the host: a method called on an element of the machine's array copies the whole
    /// record first, some forty retains for each request.
    @inline(__always)
    fileprivate static func idleLimit(
        own: Nanoseconds, hint: Nanoseconds?, learned: Nanoseconds?, lifetimeLeft: Nanoseconds
    ) -> (limit: Nanoseconds, origin: IdleLimitOrigin) {
        var best: (limit: Nanoseconds, origin: IdleLimitOrigin) = (own, .own)
        if best.limit == .max { best.origin = .none }
        if let hint, hint - idleMargin(of: hint) < best.limit {
            best = (hint - idleMargin(of: hint), .hint)
        }
        if let learned, learned - idleMargin(of: learned) < best.limit {
            best = (learned - idleMargin(of: learned), .learned)
        }
        if lifetimeLeft < best.limit { best = (lifetimeLeft, .lifetime) }
        return best
    }

    /// Adds the connection to the idle lists of its host, of all hosts and of its address.
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
