import DNSWire

/// Dials: who may dial next, the lookup, the race between addresses, the handshake, and back-off after failures.
extension AgentMachine {
    private static let attemptDelay: Nanoseconds = .milliseconds(250)
    private static let suspectFor: Nanoseconds = .seconds(30)
    private static let firstBackoff = 0.1
    private static let backoffFactor = 1.25
    private static let longestBackoff = 60.0

    // MARK: Who may dial

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

    // MARK: The dial

    private mutating func startDial(_ host: Int, prewarm: Bool, _ now: Moment) {
        let slot = connections.open(host: host, now: now)
        hostIdleLinks.grow(to: connections.capacity)
        allIdleLinks.grow(to: connections.capacity)
        peerIdleLinks.grow(to: connections.capacity)
        connections[slot].dial.isPrewarm = prewarm
        hosts[host].population[.resolving] += 1
        hosts[host].totals.dials += 1
        hosts[host].dialing.append(slot)
        guard let name = hosts[host].nameID else { return race(slot, now) }

        setDeadline(slot, now + hosts[host].limits.dnsTimeout)
        switch dns.lookup(name, now: now) {
        case .fresh(let entry), .stale(let entry):
            begin(slot, with: entry, now)
        case .refreshNow(let entry), .staleRefreshNow(let entry):
            effects.append(.resolve(name, for: .none))
            begin(slot, with: entry, now)
        case .negative(let cause):
            dialFailed(slot, cause, now)
        case .startQuery:
            effects.append(.resolve(name, for: connections.id(of: slot)))
        case .join:
            break
        }
    }

    /// A host that shares its name with an older one has no address list of its own before its first dial.
    private mutating func begin(_ slot: Int, with entry: DNSEntry, _ now: Moment) {
        let host = connections[slot].host
        if hosts[host].peers.isEmpty { adopt(entry.addresses, for: host) }
        race(slot, now)
    }

    /// Takes a dial out of the books as failed or given up.
    mutating func endDial(_ slot: Int) {
        let host = connections[slot].host
        hosts[host].dialing.removeAll { $0 == slot }
        hosts[host].totals.dialFailed += 1
        release(slot)
    }

    mutating func dialFailed(_ slot: Int, _ cause: FailureCause, _ now: Moment) {
        let host = connections[slot].host
        let wasPrewarm = connections[slot].dial.isPrewarm
        endDial(slot)
        hosts[host].lastConnectFailure = cause
        noteDialFailure(host, cause, now)
        // The failure reaches the request that has waited longest for this dial, as in Node. Where the host has working
        // connections the waiter is left to them; the others wait for the next dial or their own deadline.
        let waiter = hosts[host].waiters.head
        let reachesWaiter = !wasPrewarm && hosts[host].population.established == 0 && waiter != LinkPool.none
        // A name that does not exist is kept by the cache, and asking it again costs nothing; all else backs off.
        if cause != .dnsNotFound || !reachesWaiter { backOff(host, now) }
        guard reachesWaiter else { return }
        dequeue(waiter)
        fail(waiter, cause, now)
    }

    /// 100 ms × 1.25ⁿ with ± 10 % jitter, at most a minute. Dials that fail together count once.
    mutating func backOff(_ host: Int, _ now: Moment) {
        guard now >= hosts[host].dialAllowedAt else { return }
        let exponent = Double(min(hosts[host].connectFailures, 40))
        var delay = Self.firstBackoff
        for _ in 0..<Int(exponent) { delay *= Self.backoffFactor }
        let jitter = 0.9 + 0.2 * random.unit()
        hosts[host].connectFailures += 1
        hosts[host].dialAllowedAt = now + .seconds(min(delay, Self.longestBackoff) * jitter)
        scheduleHost(host, now)
    }

    // MARK: The race between addresses (RFC 8305)

    mutating func race(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        connections[slot].dial.candidates = candidates(host, now)
        guard !connections[slot].dial.candidates.isEmpty else { return dialFailed(slot, .dnsNotFound, now) }
        move(slot, to: .connecting, now)
        startAttempt(slot, now)
    }

    private mutating func startAttempt(_ slot: Int, _ now: Moment) {
        let attempt = connections[slot].dial.started
        let address = connections[slot].dial.candidates[attempt]
        connections[slot].dial.started += 1
        connections[slot].dial.inProgress |= 1 << UInt8(attempt)
        connections[slot].dial.attemptStartedAt = now
        let more = connections[slot].dial.started < connections[slot].dial.candidates.count
        connections[slot].dial.nextAttemptAt = more ? now + Self.attemptDelay : .never
        effects.append(.connect(connections.id(of: slot), attempt: attempt, address: address))
        scheduleDial(slot)
    }

    private mutating func scheduleDial(_ slot: Int) {
        let limit = connections[slot].phaseSince + hosts[connections[slot].host].limits.connectTimeout
        setDeadline(slot, min(limit, connections[slot].dial.nextAttemptAt))
    }

    /// Addresses in the order of trying: in turn from the next one, those that failed lately last.
    private mutating func candidates(_ host: Int, _ now: Moment) -> [Int] {
        let peers = hosts[host].peers
        let current = peers.indices.filter { peers[$0].isInDNS }
        guard !current.isEmpty else { return [] }
        let start = hosts[host].nextPeer % current.count
        hosts[host].nextPeer += 1
        let rotated = current[start...] + current[..<start]
        let healthy = interleaveFamilies(rotated.filter { peers[$0].suspectUntil <= now }, of: peers)
        let suspect = rotated.filter { peers[$0].suspectUntil > now }
        return Array((healthy + suspect).prefix(Dial.maxAttempts))
    }

    /// RFC 8305 §4: families take turns, so that a broken one costs one attempt.
    private func interleaveFamilies(_ order: [Int], of peers: [PeerRecord]) -> [Int] {
        func isV6(_ peer: Int) -> Bool {
            if case .ip(let address, _) = peers[peer].address { address.family == .v6 } else { false }
        }
        guard let first = order.first else { return [] }
        let leading = order.filter { isV6($0) == isV6(first) }
        let other = order.filter { isV6($0) != isV6(first) }
        guard !other.isEmpty else { return leading }
        var mixed: [Int] = []
        for index in 0..<max(leading.count, other.count) {
            if index < leading.count { mixed.append(leading[index]) }
            if index < other.count { mixed.append(other[index]) }
        }
        return mixed
    }

    mutating func attemptFailed(_ slot: Int, _ attempt: Int, _ cause: FailureCause, _ now: Moment) {
        guard connections[slot].phase == .connecting,
            connections[slot].dial.inProgress & (1 << UInt8(attempt)) != 0
        else { return ignoredEvents += 1 }
        let host = connections[slot].host
        connections[slot].dial.inProgress &= ~(1 << UInt8(attempt))
        connections[slot].dial.lastFailure = cause
        hosts[host].peers[connections[slot].dial.candidates[attempt]].suspectUntil = now + Self.suspectFor
        if connections[slot].dial.started < connections[slot].dial.candidates.count {
            startAttempt(slot, now)
        } else if connections[slot].dial.inProgress == 0 {
            dialFailed(slot, cause, now)
        }
    }

    mutating func connected(_ slot: Int, _ attempt: Int, _ localPort: Int, _ now: Moment) {
        guard connections[slot].phase == .connecting,
            connections[slot].dial.inProgress & (1 << UInt8(attempt)) != 0
        else { return ignoredEvents += 1 }
        let host = connections[slot].host
        let address = connections[slot].dial.candidates[attempt]
        for other in 0..<connections[slot].dial.started
        where other != attempt && connections[slot].dial.inProgress & (1 << UInt8(other)) != 0 {
            hosts[host].peers[connections[slot].dial.candidates[other]].suspectUntil = now + Self.suspectFor
            effects.append(.abandonAttempt(connections.id(of: slot), attempt: other))
        }
        connections[slot].dial.inProgress = 0
        connections[slot].address = address
        connections[slot].localPort = localPort
        hosts[host].peers[address].suspectUntil = .zero
        hosts[host].totals.latency.connect.record(now - connections[slot].phaseSince)
        guard hosts[host].description.isTLS else { return established(slot, now) }
        move(slot, to: .handshaking, now)
        setDeadline(slot, now + hosts[host].limits.tlsTimeout)
    }

    mutating func handshakeCompleted(_ slot: Int, resumed: Bool, _ now: Moment) {
        guard connections[slot].phase == .handshaking else { return ignoredEvents += 1 }
        let host = connections[slot].host
        hosts[host].totals.tls.handshakes += 1
        if resumed { hosts[host].totals.tls.resumed += 1 }
        hosts[host].totals.latency.tlsHandshake.record(now - connections[slot].phaseSince)
        established(slot, now)
    }

    mutating func handshakeFailed(_ slot: Int, _ cause: FailureCause, _ now: Moment) {
        guard connections[slot].phase == .handshaking else { return ignoredEvents += 1 }
        let host = connections[slot].host
        hosts[host].totals.tls.failed += 1
        hosts[host].peers[connections[slot].address].suspectUntil = now + Self.suspectFor
        dialFailed(slot, cause, now)
    }

    private mutating func established(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        hosts[host].dialing.removeAll { $0 == slot }
        hosts[host].totals.opened += 1
        hosts[host].peers[connections[slot].address].opened += 1
        noteRecovery(host, now)
        hosts[host].lastConnectFailure = nil
        hosts[host].connectFailures = 0
        hosts[host].dialAllowedAt = .zero
        connections[slot].dial.candidates = []
        connections[slot].lifetimeEnd = now + jittered(hosts[host].limits.lifetime)
        connections[slot].exchangeLimit = drawExchangeLimit(host)
        mayDispatch = true
        scheduleHost(host, now)
        serveOrPark(slot, now)
        hosts[host].totals.peakOpen = max(hosts[host].totals.peakOpen, hosts[host].population.established)
    }

    private mutating func jittered(_ lifetime: Nanoseconds) -> Nanoseconds {
        guard lifetime != .max, settings.lifetimeJitter > 0 else { return lifetime }
        return .seconds(lifetime.asSeconds * (1 + settings.lifetimeJitter * (2 * random.unit() - 1)))
    }

    private mutating func drawExchangeLimit(_ host: Int) -> Int {
        let own = hosts[host].limits.maxRequests
        guard case .exchanges(let range) = keepAlive(of: host) else { return own }
        return min(own, Int.random(in: max(1, range.lowerBound)...max(1, range.upperBound), using: &random))
    }

    /// The dial's own limit, or the moment for the next address.
    mutating func dialDeadlineReached(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        switch connections[slot].phase {
        case .resolving:
            effects.append(.abortDial(connections.id(of: slot)))
            dialFailed(slot, .dnsTimeout, now)
        case .connecting:
            let limit = connections[slot].phaseSince + hosts[host].limits.connectTimeout
            if now < limit { return startAttempt(slot, now) }
            for candidate in connections[slot].dial.candidates.prefix(connections[slot].dial.started) {
                hosts[host].peers[candidate].suspectUntil = now + Self.suspectFor
            }
            effects.append(.abortDial(connections.id(of: slot)))
            dialFailed(slot, .connectTimeout, now)
        case .handshaking:
            effects.append(.abortDial(connections.id(of: slot)))
            handshakeFailed(slot, .tlsHandshakeFailed, now)
        case .idle, .writing, .awaitingHead, .readingBody, .draining:
            assertionFailure("not a dial")
        }
    }
}
