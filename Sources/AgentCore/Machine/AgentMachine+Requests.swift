import DNSWire
import PoolModel

/// Requests: arrival, the queue, assignment, cancellation, and their one end.
extension AgentMachine {
    mutating func requestArrived(_ id: RequestID, _ arrival: RequestArrival, _ now: Moment) {
        let slot = id.slot
        if slot >= requests.count {
            while requests.count <= slot { requests.append(Request()) }
            waiterLinks.grow(to: requests.count)
        }
        precondition(requests[slot].state == .absent, "a request slot was used twice")
        guard let host = position(of: arrival.host) else { return failForDepartedHost(id) }
        nextOrder += 1
        var request = Request()
        request.host = host
        request.method = arrival.method
        request.order = nextOrder
        request.plannedAt = arrival.plannedAt
        request.arrivedAt = now
        request.deadline = now + (arrival.timeout ?? hosts[host].limits.requestTimeout)
        request.isIdempotent = arrival.isIdempotent
        request.isReplayable = arrival.isReplayable
        requests[slot] = request
        hosts[host].requestArrived(retryShare: settings.retryBudget, now)

        guard mode == .serving else { return fail(slot, .shutdown, now) }
        // A waiter that takes any connection goes first; one that needs a fresh connection cannot use an idle one.
        if hosts[host].waiters.count == hosts[host].freshWaiters, let connection = takeIdle(host, now) {
            return assign(slot, connection, now)
        }
        if now < hosts[host].dialAllowedAt {
            shortenBackoff(host, now)
            if let cause = causeToFailAtOnce(host, now) { return fail(slot, cause, now) }
        }
        // The limit is for those that wait beside the dials: it must not depend on how fast a dial is.
        guard
            hosts[host].waiters.count - hosts[host].dialing.count < hosts[host].limits.queueLimit
                || wouldDialAtOnce(host, now)
        else { return fail(slot, causeOfNoConnection(host) ?? .queueFull, now) }
        enqueue(slot, now)
    }

    /// A request to a host that has made room for another: its caller has held on to a name for too long.
    private mutating func failForDepartedHost(_ id: RequestID) {
        departed = departed ?? HostMetrics()
        departed?.requests.started += 1
        departed?.requests.failed += 1
        departed?.errors.add(to: .invalidRequest)
        effects.append(.fail(id, AgentError(cause: .invalidRequest)))
    }

    /// The last failed dial of a host that has no connection: that, not the queue, is why its requests get none.
    private func causeOfNoConnection(_ host: Int) -> FailureCause? {
        hosts[host].population.established == 0 ? hosts[host].lastConnectFailure : nil
    }

    /// `inOrder`: it arrived before some that wait; otherwise it is the last to arrive.
    mutating func enqueue(_ slot: Int, inOrder: Bool = false, _ now: Moment) {
        let host = requests[slot].host
        if inOrder {
            // Before all that arrived later; only requests that are sent again themselves can be in front of it.
            var next = hosts[host].waiters.head
            while next != LinkPool.none, requests[next].order < requests[slot].order { next = waiterLinks.after(next) }
            waiterLinks.insert(slot, before: next, in: &hosts[host].waiters)
        } else {
            waiterLinks.pushBack(slot, to: &hosts[host].waiters)
        }
        waitingTotal += 1
        if hosts[host].waiters.count == 1 {
            hosts[host].waitingPlace = waitingHosts.count
            waitingHosts.append(host)
        }
        if requests[slot].needsFresh { hosts[host].freshWaiters += 1 }
        if now < hosts[host].dialAllowedAt { shortenBackoff(host, now) }
        requests[slot].state = .queued
        requests[slot].queuedAt = now
        renewQueueDeadline(slot)
        mayDispatch = true
    }

    mutating func renewQueueDeadline(_ slot: Int) {
        let limit = hosts[requests[slot].host].limits.queueTimeout
        requests[slot].queueDeadline = requests[slot].queuedAt + limit
        deadlines.schedule(.request(slot), at: min(requests[slot].queueDeadline, requests[slot].deadline))
    }

    mutating func dequeue(_ slot: Int) {
        let host = requests[slot].host
        waiterLinks.remove(slot, from: &hosts[host].waiters)
        waitingTotal -= 1
        if hosts[host].waiters.isEmpty {
            let (place, last) = (hosts[host].waitingPlace, waitingHosts.removeLast())
            if last != host {
                waitingHosts[place] = last
                hosts[last].waitingPlace = place
            }
        }
        if requests[slot].needsFresh { hosts[host].freshWaiters -= 1 }
        deadlines.remove(.request(slot))
    }

    /// The oldest waiter that may ride this connection.
    @inline(__always)
    func oldestWaiter(for connection: Int) -> Int? {
        let host = connections[connection].host
        let isFresh = connections[connection].isFresh
        var waiter = hosts[host].waiters.head
        while waiter != LinkPool.none {
            if isFresh || !requests[waiter].needsFresh { return waiter }
            waiter = waiterLinks.after(waiter)
        }
        return nil
    }

    mutating func assign(_ slot: Int, _ connection: Int, _ now: Moment) {
        let host = connections[connection].host
        let policy = keepAlive(of: host)
        let last: CloseReason? =
            if !policy.isOn {
                .closeHeaderSent
            } else if connections[connection].exchanges + 1 >= exchangeLimit(connection) {
                .maxRequests
            } else if hosts[host].distrustedUntil > now {
                .unsolicitedBytes
            } else if mode == .draining, hosts[host].waiters.isEmpty {
                .drain
            } else {
                nil
            }
        let deadline = requests[slot].assigned(to: connection, now)
        move(connection, to: .writing, now) { connection, _ in
            connection.request = slot
            connection.lastExchangeReason = last
            connection.status = 0
            connection.deadline = deadline
        }
        deadlines.schedule(.connection(connection), at: deadline)
        effects.append(
            .assign(
                RequestID(slot), connections.id(of: connection), sendClose: last != nil,
                isReused: connections[connection].exchanges > 0))
    }

    /// What the shell has to know before it performs an `assign` effect; nil where that no longer holds. Between an
    /// effect and its turn a callback may have cancelled the request and the connection may be on its way to another:
    /// then the shell writes nothing. Mutating for the shell's hot path only, as `earliestDeadline`.
    package mutating func assignment(of request: RequestID, to id: ConnectionID) -> Assignment? {
        guard let slot = connections.slot(of: id), connections[slot].phase == .writing,
            connections[slot].request == request.slot
        else { return nil }
        return Assignment(
            mayHaveDied: connections[slot].hasRested || connections[slot].exchanges > 0,
            isRetry: requests[request.slot].retries > 0)
    }

    mutating func requestCancelled(_ id: RequestID, _ now: Moment) {
        let slot = id.slot
        guard slot < requests.count else { return ignoredEvents += 1 }
        let host = requests[slot].host
        switch requests[slot].state {
        case .absent:
            ignoredEvents += 1
        case .queued:
            dequeue(slot)
            cancel(slot)
            abortSurplusDial(host)
        case .assigned(let connection):
            let nothingWritten = connections[connection].phase == .writing
            connections[connection].request = Connection.noRequest
            cancel(slot)
            if nothingWritten {
                connections[connection].lastExchangeReason = nil
                rest(connection, now)
            } else {
                closeEstablished(connection, .requestCancelled)
            }
        }
    }

    mutating func requestGivenUp(_ id: RequestID, _ now: Moment) {
        guard id.slot < requests.count, requests[id.slot].state == .queued,
            let cause = hosts[requests[id.slot].host].lastConnectFailure
        else { return requestCancelled(id, now) }
        dequeue(id.slot)
        fail(id.slot, cause, now)
        abortSurplusDial(requests[id.slot].host)
    }

    mutating func cancel(_ slot: Int) {
        requests[slot].state = .absent
        hosts[requests[slot].host].totals.requests.cancelled += 1
        effects.append(.cancelled(RequestID(slot)))
    }

    // MARK: The one end of a request

    /// The request is out of every list and off every connection by now.
    mutating func fail(_ slot: Int, _ cause: FailureCause, _ now: Moment) {
        let request = requests[slot]
        let host = request.host
        requests[slot].state = .absent
        hosts[host].totals.requests.failed += 1
        hosts[host].totals.errors.add(to: cause)
        noteFailure(host, cause, now)
        let population = hosts[host].population
        effects.append(
            .fail(
                RequestID(slot),
                AgentError(
                    cause: cause, origin: hosts[host].description.origin, phase: phase(of: request, failingWith: cause),
                    tlsFailure: cause.isTLS ? hosts[host].lastTLSFailure : nil,
                    waitedSeconds: (now - request.arrivedAt).asSeconds,
                    lastConnectFailure: hosts[host].lastConnectFailure, active: population.active,
                    idle: population.idle, connecting: population.dialing, waiting: hosts[host].waiters.count,
                    detail: cause == .dnsNotFound ? hosts[host].whyAbsent : nil)))
    }

    /// How far a request had come. A connection's record keeps the phase in which it ended until the slot is used again.
    private func phase(of request: Request, failingWith cause: FailureCause) -> RequestPhase {
        switch request.state {
        case .assigned(let connection): RequestPhase(connections[connection].phase)
        case .queued, .absent: cause.dialPhase ?? .queued
        }
    }

    mutating func succeed(_ slot: Int, status: Int, _ bytes: Int, _ now: Moment) {
        requests[slot].state = .absent
        let request = requests[slot]
        hosts[request.host].responseCompleted(
            status: status, bytes, response: now - request.plannedAt, service: now - request.assignedAt)
        effects.append(.succeed(RequestID(slot), status: status))
    }

    /// A queued request passed a limit. It fails with the last connect error if there was one since the last success:
    /// that, not the queue, is why it got no connection.
    mutating func queueDeadlineReached(_ slot: Int, _ now: Moment) {
        let request = requests[slot]
        let due = min(request.queueDeadline, request.deadline)
        guard due <= now else { return deadlines.schedule(.request(slot), at: due) }
        dequeue(slot)
        let cause = hosts[request.host].lastConnectFailure
        fail(slot, cause ?? (request.deadline <= now ? .requestTimeout : .queueTimeout), now)
        abortSurplusDial(request.host)
    }
}

extension Request {
    /// When it has to be over.
    @inline(__always)
    fileprivate mutating func assigned(to connection: Int, _ now: Moment) -> Moment {
        state = .assigned(slot: connection)
        assignedAt = now
        return deadline
    }
}

extension HostPool {
    /// Why the host's name has no address where no server was asked.
    fileprivate var whyAbsent: String? {
        switch description.location {
        case .name(let name): SpecialUseName(name)?.absence
        case .addresses: nil
        }
    }

    @inline(__always)
    fileprivate mutating func requestArrived(retryShare: Double, _ now: Moment) {
        totals.requests.started += 1
        usedAt = now
        retryBudget.requestArrived(share: retryShare, now: now)
    }

    @inline(__always)
    fileprivate mutating func responseCompleted(
        status: Int, _ bytesReceived: Int, response: Nanoseconds, service: Nanoseconds
    ) {
        totals.requests.succeeded += 1
        statuses.add(min(max(status, 0), 999))
        totals.bytes.received += bytesReceived
        totals.latency.response.record(response)
        totals.latency.service.record(service)
    }
}
