import PoolModel

/// Exchanges: written, answered, ended, failed; and whether a request is retried.
extension AgentMachine {
    private static let drainLimit: Nanoseconds = .milliseconds(50)

    mutating func requestWritten(_ slot: Int, _ bytes: Int, bodyFollows: Bool = false, _ now: Moment) {
        guard connections[slot].phase == .writing else { return ignoredEvents += 1 }
        let request = connections[slot].request
        let isRetry = requests[request].retries > 0
        let wait = requests[request].assignedAt - requests[request].plannedAt
        move(slot, to: .awaitingHead, now) { connection, host in
            if connection.exchanges == 0 {
                host.totals.requests.onNewConnection += 1
            } else {
                host.totals.requests.onReusedConnection += 1
            }
            connection.exchanges += 1
            connection.isHeld = bodyFollows
            host.peers[connection.address].exchanges += 1
            host.totals.bytes.sent += bytes
            if !isRetry { host.totals.latency.queueWait.record(wait) }
        }
        awaitFirstByte(slot, now)
    }

    /// The limit for the response head starts at the last byte of the request. While a body is being sent, or the
    /// kernel has no room for the rest of a long one, only the shell knows when the server last accepted some of it.
    @inline(__always)
    private mutating func awaitFirstByte(_ slot: Int, _ now: Moment) {
        let limit = hosts[connections[slot].host].limits.firstByteTimeout
        if limit != .max { setDeadline(slot, min(requests[connections[slot].request].deadline, now + limit)) }
    }

    mutating func requestBodyWritten(_ slot: Int, _ bytes: Int, isLast: Bool, _ now: Moment) {
        guard connections[slot].phase == .awaitingHead || connections[slot].phase == .readingBody else {
            return ignoredEvents += 1
        }
        hosts[connections[slot].host].totals.bytes.sent += bytes
        if isLast { connections[slot].isHeld = false }
        if isLast, connections[slot].phase == .awaitingHead { awaitFirstByte(slot, now) }
    }

    mutating func responseHead(_ slot: Int, _ status: Int, _ hint: KeepAliveHint, _ now: Moment) {
        guard connections[slot].phase == .awaitingHead else { return ignoredEvents += 1 }
        let request = connections[slot].request
        let elapsed = now - requests[request].assignedAt
        move(slot, to: .readingBody, now) { connection, host in
            host.totals.latency.firstByte.record(elapsed)
            host.heardAt = now
            connection.status = status
            Self.take(hint, of: &connection, &host)
        }
        let deadline = min(requests[request].deadline, now + hosts[connections[slot].host].limits.bodySilence)
        if connections[slot].deadline != deadline { setDeadline(slot, deadline) }
    }

    @inline(__always)
    private static func take(_ hint: KeepAliveHint, of connection: inout Connection, _ host: inout HostPool) {
        if let seconds = hint.timeoutSeconds {
            if seconds > 0 {
                host.hintTimeout = .seconds(Double(min(seconds, 86_400 * 365)))
            } else {
                connection.hintForbidsIdle = true
            }
        }
        if let max = hint.max {
            host.hintMax = max
            connection.hintRemaining = max
        } else if let remaining = connection.hintRemaining {
            connection.hintRemaining = remaining - 1
        }
    }

    mutating func exchangeEnded(_ slot: Int, _ closing: CloseReason?, _ bytes: Int, _ now: Moment) {
        let phase = connections[slot].phase
        guard phase == .readingBody || phase == .draining else { return ignoredEvents += 1 }
        let host = connections[slot].host
        let request = connections[slot].request
        hosts[host].bodyHeardAt = now
        if request == Connection.noRequest {
            hosts[host].totals.bytes.received += bytes
        } else {
            connections[slot].request = Connection.noRequest
            succeed(request, status: connections[slot].status, bytes, now)
        }
        if closing == .unsolicitedBytes { unsolicitedBytesCame(host, afterSilence: 0, now) }
        if closing == .upgraded {
            effects.append(.detach(connections.id(of: slot)))
            return closeEstablished(slot, .upgraded, effect: false)
        }
        if let reason = reasonToClose(slot, closing, now) {
            // If this is the first exchange, closing is the server's rule and is worth a notice; later, it is only a
            // limit of the server.
            if reason == .closeHeaderReceived, connections[slot].exchanges == 1 { notePeerForbidsReuse(host, now) }
            return closeEstablished(slot, reason)
        }
        serveOrPark(slot, now)
    }

    /// Why this connection carries no further exchange; nil if it may. Untrusted framing takes precedence over
    /// `Connection: close` in our request, which takes precedence over the server's echo of it.
    @inline(__always)
    private func reasonToClose(_ slot: Int, _ closing: CloseReason?, _ now: Moment) -> CloseReason? {
        let host = connections[slot].host
        switch closing {
        case .framingError, .earlyResponse, .untilCloseBody, .unsolicitedBytes, .tlsError: return closing
        case nil, .closeHeaderReceived, .closeHeaderSent, .http10, .upgraded, .peerClosedIdle, .peerClosedActive,
            .peerReset, .idleTimeout, .hintTimeout, .learnedTimeout, .lifetime, .maxRequests, .hintMax,
            .idleLimitHost, .idleLimitTotal, .evictedForOtherHost, .bodyAbandoned, .requestCancelled,
            .requestTimeout, .dnsRetired, .keepAliveDisabled, .drain, .shutdown, .closedByProcess, .closerUnknown:
            break
        }
        if let reason = connections[slot].lastExchangeReason ?? closing { return reason }
        if hosts[host].distrustedUntil > now { return .unsolicitedBytes }
        if !keepAlive(of: host).isOn { return .keepAliveDisabled }
        if connections[slot].isRetired { return .dnsRetired }
        if connections[slot].exchanges >= exchangeLimit(slot) { return .maxRequests }
        if let remaining = connections[slot].hintRemaining, remaining <= 0 { return .hintMax }
        if connections[slot].hintForbidsIdle { return .hintTimeout }
        if connections[slot].lifetimeEnd <= now { return .lifetime }
        if hosts[host].population.all > hosts[host].limits.maxSockets { return .idleLimitHost }
        if connections.liveCount > settings.maxTotalSockets { return .idleLimitTotal }
        return nil
    }

    /// A connection whose request was cancelled unwritten becomes idle as it was before. Only a used one can have
    /// passed its limits.
    mutating func rest(_ slot: Int, _ now: Moment) {
        if connections[slot].exchanges > 0, let reason = reasonToClose(slot, nil, now) {
            return closeEstablished(slot, reason)
        }
        serveOrPark(slot, now)
    }

    /// Assigns an available connection to the oldest waiter, or makes it idle.
    mutating func serveOrPark(_ slot: Int, _ now: Moment) {
        if waitingTotal == 0 { return park(slot, now) }
        if isSlotOwedToAnotherHost(than: connections[slot].host, now) {
            return closeEstablished(slot, .evictedForOtherHost)
        }
        if isSlotOwedToFreshWaiter(slot, now) { return closeEstablished(slot, .idleLimitHost) }
        while let waiter = oldestWaiter(for: slot) {
            // The request's deadline has passed but its timer is late; nothing of it is written any more.
            if requests[waiter].deadline <= now {
                queueDeadlineReached(waiter, now)
                continue
            }
            dequeue(waiter)
            return assign(waiter, slot, now)
        }
        park(slot, now)
    }

    // MARK: Ends that are not a complete response

    mutating func exchangeFailed(_ slot: Int, _ cause: FailureCause, _ bytes: Int, _ now: Moment) {
        guard connections[slot].phase.isActive else { return ignoredEvents += 1 }
        hosts[connections[slot].host].totals.bytes.received += bytes
        let request = connections[slot].request
        closeEstablished(slot, Self.closeReason(of: cause))
        if request != Connection.noRequest { fail(request, cause, now) }
    }

    private static func closeReason(of cause: FailureCause) -> CloseReason {
        if cause == .bodyTooLarge { return .bodyAbandoned }
        return cause == .invalidRequest ? .requestCancelled : .framingError
    }

    mutating func bodyAbandoned(_ slot: Int, canDrain: Bool, _ now: Moment) {
        // While draining, the only relevant event is that too much of the body is left.
        guard connections[slot].phase.isActive, connections[slot].phase != .draining || !canDrain else {
            return ignoredEvents += 1
        }
        let request = connections[slot].request
        connections[slot].request = Connection.noRequest
        if canDrain, connections[slot].phase == .readingBody {
            move(slot, to: .draining, now)
            setDeadline(slot, now + Self.drainLimit)
            effects.append(.drainBody(connections.id(of: slot)))
        } else {
            closeEstablished(slot, .bodyAbandoned)
        }
        if request != Connection.noRequest { cancel(request) }
    }

    mutating func connectionEnded(
        _ slot: Int, _ end: ConnectionEnd, cause: FailureCause, sawByte: Bool, _ bytes: Int, _ now: Moment
    ) {
        let host = connections[slot].host
        hosts[host].totals.bytes.received += bytes
        if let reason = end.tlsFailure { hosts[host].lastTLSFailure = reason }
        if end == .unsolicited { unsolicitedBytesCame(host, afterSilence: 0, now) }
        switch connections[slot].phase {
        case .resolving, .connecting:
            effects.append(.abortDial(connections.id(of: slot)))
            dialFailed(slot, cause, now)
        case .handshaking:
            effects.append(.abortDial(connections.id(of: slot)))
            handshakeFailed(slot, end.handshakeFailure, now)
        case .idle:
            if end == .finished {
                hosts[host].learned.peerClosed(
                    afterIdle: now - connections[slot].phaseSince, othersLeft: hosts[host].idle.count - 1, now: now)
                notePeerClosesIdle(host, age: now - connections[slot].phaseSince, now)
            }
            if connections[slot].exchanges == 0 { pausePrewarming(host, now) }
            closeEstablished(slot, Self.reason(end, active: false))
        case .writing, .awaitingHead, .readingBody, .draining:
            let request = connections[slot].request
            let wasWritten = connections[slot].phase != .writing
            let wasReused = connections[slot].hasBeenIdle || connections[slot].exchanges > (wasWritten ? 1 : 0)
            let sawByte = sawByte || connections[slot].phase == .readingBody
            closeEstablished(slot, Self.reason(end, active: true))
            guard request != Connection.noRequest else { return }
            let decision = decideRetry(
                request, wasReused: wasReused, wasWritten: wasWritten, sawByte: sawByte, now)
            hosts[host].totals.requests.retryDecisions.add(to: decision)
            if decision.isRetry { sendAgain(request, now) } else { fail(request, cause, now) }
        }
    }

    private static func reason(_ end: ConnectionEnd, active: Bool) -> CloseReason {
        switch end {
        case .finished: active ? .peerClosedActive : .peerClosedIdle
        case .reset: .peerReset
        case .tls: .tlsError
        case .unsolicited: .unsolicitedBytes
        }
    }

    /// The check before reuse found the connection dead. Nothing was written, so any request may move to another
    /// connection, and this does not count as a retry.
    mutating func foundDead(_ slot: Int, _ finding: DeadOnLook, _ now: Moment) {
        guard connections[slot].phase == .writing else { return ignoredEvents += 1 }
        let host = connections[slot].host
        let request = connections[slot].request
        connections[slot].request = Connection.noRequest
        switch finding {
        case .finished:
            closeEstablished(slot, .peerClosedIdle)
        case .reset:
            closeEstablished(slot, .peerReset)
        case .bytes:
            unsolicitedBytesCame(host, afterSilence: 0, now)
            closeEstablished(slot, .unsolicitedBytes)
        }
        if !requests[request].needsFresh, let other = takeIdle(host, now) {
            assign(request, other, now)
        } else {
            enqueue(request, inOrder: true, now)
        }
    }

    mutating func bytesWhileIdle(_ slot: Int, _ now: Moment) {
        guard connections[slot].phase == .idle else { return ignoredEvents += 1 }
        let host = connections[slot].host
        unsolicitedBytesCame(host, afterSilence: now - connections[slot].phaseSince, now)
        if connections[slot].exchanges == 0 { pausePrewarming(host, now) }
        closeEstablished(slot, .unsolicitedBytes)
    }

    /// Bytes that follow a response closely are probably another response, which the next request would receive as its
    /// own: nothing in HTTP/1.1 ties a response to its request (RFC 9112 §9.3). Bytes that arrive before the next
    /// request is written are detected, but later ones cannot be. Therefore connections of this host carry only one
    /// exchange each for a while. Bytes after a longer silence are a server's parting message (408) and do not cause
    /// this.
    private mutating func unsolicitedBytesCame(_ host: Int, afterSilence silence: Nanoseconds, _ now: Moment) {
        noteUnsolicited(host, now)
        if silence < Self.farewellSilence { hosts[host].distrustedUntil = now + Self.distrustTime }
    }

    private static let farewellSilence: Nanoseconds = .seconds(1)
    private static let distrustTime: Nanoseconds = .seconds(60)

    // MARK: Retry (RFC 9110 §9.2.2, RFC 9112 §9.3.1)

    /// Applies to a connection that was idle or carried an exchange, and died before any response byte: the server may
    /// have closed it as idle. Never retries on a fresh connection, after a response byte, or twice.
    private mutating func decideRetry(
        _ request: Int, wasReused: Bool, wasWritten: Bool, sawByte: Bool, _ now: Moment
    ) -> RetryDecision {
        if mode == .stopped || requests[request].deadline <= now { return .tooLate }
        if requests[request].retries > 0 { return .alreadyRetried }
        if !wasReused { return .freshConnection }
        if sawByte { return .responseBegun }
        if wasWritten, !requests[request].isIdempotent { return .notIdempotent }
        if wasWritten, !requests[request].isReplayable { return .notReplayable }
        let host = requests[request].host
        if hosts[host].limits.retries == 0 { return .switchedOff }
        guard hosts[host].retryBudget.take(now: now) else { return .budget }
        return wasWritten ? .repeatable : .unwritten
    }

    private mutating func sendAgain(_ request: Int, _ now: Moment) {
        requests[request].retries += 1
        requests[request].needsFresh = true
        enqueue(request, inOrder: true, now)
    }

    // MARK: Limits reached

    mutating func exchangeDeadlineReached(_ slot: Int, _ now: Moment) {
        let request = connections[slot].request
        guard request != Connection.noRequest else { return closeEstablished(slot, .bodyAbandoned) }
        if requests[request].deadline <= now { return endExchange(slot, .requestTimeout, now) }
        // For a limit on inactivity, only the shell knows when the last byte moved. Asking it when a limit passes costs
        // one question per limit instead of a timer update per read.
        let limit = silenceLimit(slot)
        setDeadline(slot, min(requests[request].deadline, now + limit))
        if limit != .max { effects.append(.measureSilence(connections.id(of: slot))) }
    }

    /// `Nanoseconds.max` in a phase without such a limit.
    private func silenceLimit(_ slot: Int) -> Nanoseconds {
        let limits = hosts[connections[slot].host].limits
        switch connections[slot].phase {
        case .awaitingHead: return limits.firstByteTimeout
        case .readingBody: return limits.bodySilence
        case .resolving, .connecting, .handshaking, .idle, .writing, .draining: return .max
        }
    }

    mutating func silenceMeasured(_ slot: Int, since: Moment, _ now: Moment) {
        let request = connections[slot].request
        let limit = silenceLimit(slot)
        guard request != Connection.noRequest, limit != .max else { return ignoredEvents += 1 }
        let due = max(since, connections[slot].phaseSince) + limit
        if due > now { return setDeadline(slot, min(requests[request].deadline, due)) }
        endExchange(slot, connections[slot].phase == .awaitingHead ? .firstByteTimeout : .requestTimeout, now)
    }

    private mutating func endExchange(_ slot: Int, _ cause: FailureCause, _ now: Moment) {
        let request = connections[slot].request
        closeEstablished(slot, .requestTimeout)
        fail(request, cause, now)
    }
}
