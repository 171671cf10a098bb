import PoolModel

/// Changes at run time: HTTP keep-alive, every other limit, closing idle connections, draining, shutdown; and the work
/// that is due at a deadline.
extension AgentMachine {
    /// Off: idle connections close at once, active ones after their exchange, unwritten requests carry `Connection:
    /// close`, and a connection being dialled is used once. On: applies from the next response.
    mutating func keepAliveSet(_ policy: KeepAlivePolicy, _ host: HostID?, _ now: Moment) {
        let before = hosts.indices.map { keepAlive(of: $0) }
        if let host {
            guard let index = position(of: host) else { return ignoredEvents += 1 }
            hosts[index].keepAlive = policy
        } else {
            var changed = settings
            changed.keepAlive = policy
            set(settings: changed)
            for index in hosts.indices { hosts[index].keepAlive = nil }
        }
        for index in hosts.indices where !keepAlive(of: index).isOn { closeIdle(index, .keepAliveDisabled) }
        let changed = hosts.indices.map { keepAlive(of: $0) != before[$0] }
        if hosts.isEmpty || changed.contains(true) { noteKeepAlive(policy, host, now) }
        for slot in connections.liveSlots where changed[connections[slot].host] { renewExchangeLimit(slot) }
        mayDispatch = true
    }

    /// An exchange-count policy also applies to connections that are already open.
    private mutating func renewExchangeLimit(_ slot: Int) {
        connections[slot].drawnLimit = drawExchangeLimit(connections[slot].host)
        closeIfWornOut(slot)
    }

    private mutating func closeIfWornOut(_ slot: Int) {
        guard connections[slot].phase == .idle, connections[slot].exchanges >= exchangeLimit(slot) else { return }
        closeEstablished(slot, .maxRequests)
    }

    /// Lowered limits close surplus idle connections at once and let active ones finish; raised limits let waiting
    /// requests dial.
    mutating func settingsChanged(_ new: AgentSettings, _ now: Moment) {
        let keepAliveChanged = new.keepAlive != settings.keepAlive
        let before = settings
        var merged = new
        merged.keepAlive = settings.keepAlive
        set(settings: merged)
        noteSettings(before: before, now)
        dns.apply(DNSCacheSettings(new))
        for host in hosts.indices { renewLimits(host, now) }
        for slot in connections.liveSlots { renewLimits(ofConnection: slot) }
        while connections.liveCount > settings.maxTotalSockets, allIdle.tail != LinkPool.none {
            closeEstablished(allIdle.tail, .idleLimitTotal)
        }
        if let limit = settings.maxFreeSocketsTotal {
            while allIdle.count > limit { closeEstablished(allIdle.tail, .idleLimitTotal) }
        }
        if keepAliveChanged { keepAliveSet(new.keepAlive, nil, now) }
        mayDispatch = true
    }

    mutating func hostAdjusted(_ host: Int, _ adjust: @escaping SettingsAdjustment, _ now: Moment) {
        hosts[host].description.adjustments = [adjust]
        renewLimits(host, now)
        for slot in connections.liveSlots where connections[slot].host == host { renewLimits(ofConnection: slot) }
        mayDispatch = true
    }

    private mutating func renewLimits(_ host: Int, _ now: Moment) {
        if hosts[host].limits.minIdle > 0 { prewarmedHosts -= 1 }
        hosts[host].limits = HostLimits(settings, host: hosts[host].description)
        if hosts[host].limits.minIdle > 0 { prewarmedHosts += 1 }
        trimIdle(host)
        failSurplusWaiters(host, now)
        for waiter in waiterLinks.elements(of: hosts[host].waiters) { renewQueueDeadline(waiter) }
        if !hosts[host].waiters.isEmpty { shortenBackoff(host, now) }
        scheduleHost(host, now)
    }

    /// Anything that started under the old limits continues under the new ones, measured from its own start. An
    /// exchange keeps the limits in force when its request arrived.
    private mutating func renewLimits(ofConnection slot: Int) {
        if connections[slot].phase.isDialing { return renewDialDeadline(slot) }
        connections[slot].lifetimeEnd = lifetimeEnd(slot)
        if connections[slot].phase == .idle {
            renewIdleDeadline(slot)
            closeIfWornOut(slot)
        }
    }

    private mutating func trimIdle(_ host: Int) {
        let limits = hosts[host].limits
        while hosts[host].idle.tail != LinkPool.none,
            hosts[host].idle.count > limits.maxFree || hosts[host].population.all > limits.maxSockets
        {
            closeEstablished(hosts[host].idle.tail, .idleLimitHost)
        }
    }

    private mutating func failSurplusWaiters(_ host: Int, _ now: Moment) {
        while hosts[host].waiters.count - hosts[host].dialing.count > hosts[host].limits.queueLimit {
            let newest = hosts[host].waiters.tail
            dequeue(newest)
            fail(newest, .queueFull, now)
        }
    }

    mutating func idleCloseRequested(_ host: HostID?, _ now: Moment) {
        if let host {
            guard let index = position(of: host) else { return ignoredEvents += 1 }
            closeIdle(index, .drain)
        } else {
            for index in hosts.indices { closeIdle(index, .drain) }
        }
        noteIdleClosed(host, now)
    }

    mutating func dnsFlushed(_ now: Moment) {
        dns.flush()
        noteFlush(now)
        // A host that was waiting because its name lookup failed may retry at once.
        for host in hosts.indices where hosts[host].lastConnectFailure?.isOfName == true {
            hosts[host].dialAllowedAt = .zero
        }
        mayDispatch = true
        askAgainForOpenNames(now)
    }

    // MARK: The end

    /// New requests fail; active and queued ones finish.
    mutating func drainBegan(_ now: Moment) {
        guard mode == .serving else { return }
        mode = .draining
        for host in hosts.indices { closeIdle(host, .drain) }
        mayDispatch = true
    }

    func isBusy(_ host: Int) -> Bool {
        hosts[host].population.active > 0 || !hosts[host].waiters.isEmpty
    }

    mutating func finishDrainIfDone() {
        guard mode == .draining, !hosts.indices.contains(where: isBusy) else { return }
        stop()
    }

    /// Fails every request once and closes every connection; no dials are started.
    mutating func shutdownBegan(_ now: Moment) {
        guard mode != .stopped else { return }
        mode = .draining
        for host in hosts.indices {
            while hosts[host].waiters.head != LinkPool.none {
                let waiter = hosts[host].waiters.head
                dequeue(waiter)
                fail(waiter, hosts[host].lastConnectFailure ?? .shutdown, now)
            }
        }
        for slot in connections.liveSlots where connections[slot].phase.isActive {
            let request = connections[slot].request
            closeEstablished(slot, .shutdown)
            if request != Connection.noRequest { fail(request, .shutdown, now) }
        }
        stop()
    }

    private mutating func stop() {
        mode = .stopped
        for slot in connections.liveSlots {
            if connections[slot].phase.isDialing {
                effects.append(.abortDial(connections.id(of: slot)))
                endDial(slot)
            } else {
                closeEstablished(slot, .shutdown)
            }
        }
        mayDispatch = false
        effects.append(.drained)
    }

    // MARK: Deadlines

    mutating func deadlineReached(_ subject: DeadlineSubject, _ now: Moment) {
        switch subject {
        case .request(let slot):
            if requests[slot].state == .queued { queueDeadlineReached(slot, now) }
        case .host(let host):
            hostDeadlineReached(host, now)
        case .connection(let slot):
            guard connections[slot].isLive else { return }
            guard connections[slot].deadline <= now else {
                return deadlines.schedule(subject, at: connections[slot].deadline)
            }
            switch connections[slot].phase {
            case .resolving, .connecting, .handshaking: dialDeadlineReached(slot, now)
            case .idle: idleDeadlineReached(slot, now)
            case .writing, .awaitingHead, .readingBody, .draining: exchangeDeadlineReached(slot, now)
            }
        }
    }

    /// Handles what a host's deadline may stand for: a dial may start again, idle connections are surplus, addresses
    /// are due to be retired, or a name is due for a refresh.
    private mutating func hostDeadlineReached(_ host: Int, _ now: Moment) {
        mayDispatch = true
        trimRested(host, now)
        retireDueAddresses(now)
        refreshName(host, now)
        scheduleHost(host, now)
    }

    mutating func scheduleHost(_ host: Int, _ now: Moment) {
        var next = Moment.never
        if hosts[host].dialAllowedAt > now { next = hosts[host].dialAllowedAt }
        if hosts[host].prewarmAllowedAt > now { next = min(next, hosts[host].prewarmAllowedAt) }
        if let name = hosts[host].nameID {
            next = min(next, dns.nextRetirement)
            if hosts[host].population.established > 0 { next = min(next, dns.refreshDue(name)) }
        }
        deadlines.schedule(.host(host), at: max(next, now + 1))
    }
}
