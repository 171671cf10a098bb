import DNSWire
package import PoolModel

/// A dial from its lookup to its end: the handshake, the limits of its phases, and back-off after failures.
///
/// Rules (BEHAVIOUR §2): failures back off exponentially with jitter, and dials that fail together count once (14). A
/// host without a connection whose dial failed fails its waiters at once, and those that come before the next dial (14).
/// Resolving, connecting and handshaking have limits of their own (19). resolving → connecting → handshaking (https) →
/// idle or writing; each may also end.
extension AgentMachine {
    private static let firstBackoff = 0.1
    private static let backoffFactor = 1.25
    /// How many times longer the pause may be while no request wants the host.
    private static let unwantedFactor = 5.0
    /// For connections ahead of need that the server ends unused.
    private static let longestPrewarmPause = 60.0
    private static let shortLimit: Nanoseconds = .seconds(1)

    mutating func startDial(_ host: Int, prewarm: Bool, _ now: Moment) {
        let slot = connections.open(host: host, now: now)
        idleLinks.grow(to: connections.capacity)
        connections[slot].dial.isPrewarm = prewarm
        hosts[host].population[.resolving] += 1
        hosts[host].totals.connections.dials += 1
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
            dialFailed(slot, cause, isKept: true, now)
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
        hosts[host].totals.connections.dialFailed += 1
        release(slot)
    }

    /// `isKept`: the DNS cache knew that it would fail.
    mutating func dialFailed(_ slot: Int, _ cause: FailureCause, isKept: Bool = false, _ now: Moment) {
        let host = connections[slot].host
        let wasPrewarm = connections[slot].dial.isPrewarm
        endDial(slot)
        hosts[host].lastConnectFailure = cause
        if !cause.isTLS { hosts[host].lastTLSFailure = nil }
        hosts[host].learned.dialFailed(now: now)
        noteDialFailure(host, cause, now)
        // Where the host has working connections, the waiters are left to them.
        let isWanted = !hosts[host].waiters.isEmpty
        let reachesWaiters = isWanted && hosts[host].population.established == 0
        // Asking again for a kept DNS failure costs nothing; every other failure backs off.
        let costsNothing = isKept || cause == .dnsNotFound
        if !costsNothing || !reachesWaiters || wasPrewarm { backOff(host, isWanted: isWanted, now) }
        guard reachesWaiters else { return }
        if hosts[host].limits.failsFast || isKept {
            while hosts[host].waiters.head != LinkPool.none { failOldestWaiter(host, cause, now) }
        } else if !wasPrewarm {
            failOldestWaiter(host, cause, now)
        }
    }

    private mutating func failOldestWaiter(_ host: Int, _ cause: FailureCause, _ now: Moment) {
        let waiter = hosts[host].waiters.head
        dequeue(waiter)
        fail(waiter, cause, now)
    }

    /// 100 ms × 1.25ⁿ with ± 10 % jitter, at most `maxBackoff` where requests want the host. Dials that fail together
    /// count once.
    mutating func backOff(_ host: Int, isWanted: Bool, _ now: Moment) {
        guard now >= hosts[host].dialAllowedAt else { return }
        let longest = hosts[host].limits.maxBackoff.asSeconds
        let most = isWanted ? longest : longest * Self.unwantedFactor
        let delay = backoffDelay(after: hosts[host].connectFailures, most: most)
        hosts[host].connectFailures += 1
        hosts[host].backingOffSince = now
        hosts[host].dialAllowedAt = now + delay
        scheduleHost(host, now)
    }

    /// A request wants a host whose pause was made for none, or under a higher limit.
    mutating func shortenBackoff(_ host: Int, _ now: Moment) {
        let most = hosts[host].backingOffSince + hosts[host].limits.maxBackoff
        guard hosts[host].dialAllowedAt > max(most, now) else { return }
        hosts[host].dialAllowedAt = most
        scheduleHost(host, now)
    }

    private mutating func backoffDelay(after failures: Int, most: Double) -> Nanoseconds {
        var delay = Self.firstBackoff
        for _ in 0..<min(failures, 40) { delay *= Self.backoffFactor }
        // At the limit it is shortened only, so that those that fail together do not all come back together.
        let jitter = random.unit()
        return .seconds(min(delay * (0.9 + 0.2 * jitter), most * (0.9 + 0.1 * jitter)))
    }

    /// The server ended a connection that had carried nothing. Those opened ahead of need pause, longer each time, or
    /// they would be dialled in a circle; requests do not wait for that pause.
    mutating func pausePrewarming(_ host: Int, _ now: Moment) {
        let delay = backoffDelay(after: hosts[host].unusedCloses, most: Self.longestPrewarmPause)
        hosts[host].unusedCloses += 1
        hosts[host].prewarmAllowedAt = now + delay
        scheduleHost(host, now)
    }

    /// When a dial to the host may serve a request again: the end of its back-off, or of what the DNS cache keeps of a name
    /// that failed, but no later than `maxBackoff` from now. In the past where nothing speaks against a dial now.
    package mutating func dialAllowed(to id: HostID, _ now: Moment) -> Moment {
        guard let host = position(of: id) else { return .zero }
        var allowed = hosts[host].dialAllowedAt
        if let name = hosts[host].nameID, hosts[host].lastConnectFailure?.isOfName == true {
            let known = dns.refreshDue(name)
            if known != .never { allowed = max(allowed, known) }
        }
        return min(allowed, now + hosts[host].limits.maxBackoff)
    }

    /// A connection that was opened ahead of need reached the learned limit unused. Where that is short, the next one waits
    /// a second: a host that nobody uses is not dialled several times a second.
    mutating func spaceOutPrewarming(_ host: Int, _ now: Moment) {
        guard idleLimit(host, lifetimeLeft: .max).limit < Self.shortLimit else { return }
        hosts[host].prewarmAllowedAt = max(hosts[host].prewarmAllowedAt, now + Self.shortLimit)
        scheduleHost(host, now)
    }

    /// Why a request that finds no connection fails at once; nil: it may wait for a dial.
    func causeToFailAtOnce(_ host: Int, _ now: Moment) -> FailureCause? {
        guard now < hosts[host].dialAllowedAt, hosts[host].limits.failsFast, hosts[host].population.established == 0
        else { return nil }
        return hosts[host].lastConnectFailure
    }

    // MARK: Established

    mutating func handshakeCompleted(_ slot: Int, resumed: Bool, _ now: Moment) {
        guard connections[slot].phase == .handshaking else { return ignoredEvents += 1 }
        let host = connections[slot].host
        hosts[host].totals.tls.handshakes += 1
        if resumed { hosts[host].totals.tls.resumed += 1 }
        hosts[host].totals.latency.tlsHandshake.record(now - connections[slot].phaseSince)
        established(slot, now)
    }

    mutating func handshakeFailed(_ slot: Int, _ reason: TLSFailure, _ now: Moment) {
        guard connections[slot].phase == .handshaking else { return ignoredEvents += 1 }
        let host = connections[slot].host
        hosts[host].totals.tls.failed += 1
        hosts[host].peers[connections[slot].address].suspectUntil = now + Self.addressSuspectFor
        hosts[host].lastTLSFailure = reason
        dialFailed(slot, reason.cause, now)
    }

    mutating func established(_ slot: Int, _ now: Moment) {
        let host = connections[slot].host
        // Read by itself: within the call that needs it, it makes the compiler copy the whole machine.
        let address = connections[slot].address
        hosts[host].dialing.removeAll { $0 == slot }
        hosts[host].totals.connections.opened += 1
        hosts[host].peers[address].opened += 1
        noteRecovery(host, now)
        hosts[host].lastConnectFailure = nil
        hosts[host].lastTLSFailure = nil
        hosts[host].connectFailures = 0
        hosts[host].dialAllowedAt = .zero
        connections[slot].dial.candidates = []
        connections[slot].openedAt = now
        connections[slot].lifetimeShare = 2 * random.unit() - 1
        connections[slot].lifetimeEnd = lifetimeEnd(slot)
        connections[slot].drawnLimit = drawExchangeLimit(host)
        connections[slot].isRetired = !isCurrent(address, of: host)
        mayDispatch = true
        serveOrPark(slot, now)
        scheduleHost(host, now)
        hosts[host].totals.connections.peakOpen = max(
            hosts[host].totals.connections.peakOpen, hosts[host].population.established)
    }

    func lifetimeEnd(_ slot: Int) -> Moment {
        let lifetime = hosts[connections[slot].host].limits.lifetime
        guard lifetime != .max, settings.lifetimeJitter > 0 else { return connections[slot].openedAt + lifetime }
        let share = 1 + min(settings.lifetimeJitter, 1) * connections[slot].lifetimeShare
        return connections[slot].openedAt + .seconds(lifetime.asSeconds * share)
    }

    mutating func drawExchangeLimit(_ host: Int) -> Int {
        guard case .exchanges(let range) = keepAlive(of: host) else { return .max }
        return Int.random(in: max(1, range.lowerBound)...max(1, range.upperBound), using: &random)
    }

    /// Exchanges that a connection may carry in all; the smaller of the two limits wins.
    @inline(__always)
    func exchangeLimit(_ slot: Int) -> Int {
        min(hosts[connections[slot].host].limits.maxRequests, connections[slot].drawnLimit)
    }

    /// Limits changed: the phase that a dial is in has the new one, counted from its start.
    mutating func renewDialDeadline(_ slot: Int) {
        let limits = hosts[connections[slot].host].limits
        switch connections[slot].phase {
        case .resolving: setDeadline(slot, connections[slot].phaseSince + limits.dnsTimeout)
        case .connecting: scheduleDial(slot)
        case .handshaking: setDeadline(slot, connections[slot].phaseSince + limits.tlsTimeout)
        case .idle, .writing, .awaitingHead, .readingBody, .draining: break
        }
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
            if now < limit {
                return connections[slot].dial.nextAttemptAt <= now ? startAttempt(slot, now) : scheduleDial(slot)
            }
            for candidate in connections[slot].dial.candidates.prefix(connections[slot].dial.started) {
                hosts[host].peers[candidate].suspectUntil = now + Self.addressSuspectFor
            }
            effects.append(.abortDial(connections.id(of: slot)))
            dialFailed(slot, .connectTimeout, now)
        case .handshaking:
            effects.append(.abortDial(connections.id(of: slot)))
            handshakeFailed(slot, .timeout, now)
        case .idle, .writing, .awaitingHead, .readingBody, .draining:
            assertionFailure("not a dial")
        }
    }
}
