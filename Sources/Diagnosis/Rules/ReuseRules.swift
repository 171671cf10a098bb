import PoolModel

// Reuse of connections: why there is little, and what it saves.

/// Fewer exchanges than this in the window are no ground for a judgement on reuse.
private let leastExchanges = 20

extension HostEvidence {
    var reuse: Reuse? {
        guard let share = window.reuseRatio.value, window.exchanges.value ?? 0 >= leastExchanges else { return nil }
        return Reuse(share: share, openedPerSecond: window.opened.perSecond(in: seconds).value)
    }
}

/// Few exchanges find a used connection: why, and who can change it.
@Sendable func lowReuse(_ evidence: HostEvidence) -> Finding? {
    guard let reuse = evidence.reuse, reuse.share < 0.9 else { return nil }
    guard evidence.keepAlive != false else { return Finding(.warn, .lowReuse(reuse, .keepAliveOff)) }
    if evidence.oneRequestEach(reuse) != nil { return nil }
    let closes = evidence.window.closedByReason
    guard let reason = closes.value?.dominant else {
        return Finding(.hint, .lowReuse(reuse, closes.isUnknown ? .unknown : .growing))
    }
    // `closesIdle` has it, and the server's limit with it.
    if reason.isServersIdleLimit, closesIdle(evidence) != nil { return nil }
    switch reason {
    case .closeHeaderSent, .keepAliveDisabled: return Finding(.hint, .lowReuse(reuse, .wasOff))
    case .dnsRetired, .upgraded, .drain, .shutdown, .closedByProcess, .closerUnknown:
        return Finding(.hint, .lowReuse(reuse, cause(reason, evidence)))
    case .closeHeaderReceived, .http10, .untilCloseBody, .idleTimeout, .lifetime, .hintTimeout, .learnedTimeout,
        .peerClosedIdle, .idleLimitHost, .idleLimitTotal, .evictedForOtherHost, .maxRequests, .hintMax,
        .peerClosedActive, .peerReset, .tlsError, .framingError, .unsolicitedBytes, .bodyAbandoned, .requestCancelled,
        .requestTimeout, .earlyResponse:
        return Finding(.warn, .lowReuse(reuse, cause(reason, evidence)))
    }
}

private func cause(_ reason: CloseReason, _ evidence: HostEvidence) -> Cause.Reason {
    .closes(
        reason, idleLimitSeconds: evidence.idleLimit, maxFree: evidence.maxFree,
        isEstimate: evidence.host.certainty[.closeReasons] == .estimate)
}

/// The server ends idle connections before we would: requests may race with its close.
@Sendable func closesIdle(_ evidence: HostEvidence) -> Finding? {
    guard let closes = evidence.total.closedByReason.value?[.peerClosedIdle], closes >= 3, !evidence.closesWithAnswer
    else { return nil }
    var found = IdleCloses(
        closes: closes, learnedSeconds: evidence.host.learnedIdleSeconds ?? evidence.idleAgeAtDeath,
        limitSeconds: evidence.idleLimit,
        limitIsKnown: evidence.knows(.limits))
    let lost = evidence.window.errors.value?.nonZero.filter { $0.key.mayBeRaceWithClose } ?? []
    found.lost = lost.reduce(0) { $0 + $1.count }
    if let reuse = evidence.reuse, reuse.share < 0.9,
        evidence.window.closedByReason.value?.dominant?.isServersIdleLimit == true
    {
        found.reuse = reuse
    }
    // Most exchanges needed a new connection for it, though they may be too few for a share.
    let lately = evidence.window.closedByReason.value?[.peerClosedIdle] ?? 0
    let isUsual = lately >= 3 && lately * 2 >= evidence.window.exchanges.value ?? .max
    return Finding(found.isBeforeOurs || found.reuse != nil || isUsual ? .warn : .hint, .closesIdle(found))
}

extension FailureCause {
    /// A request that is written while the server closes ends like this.
    var mayBeRaceWithClose: Bool { self == .peerClosed || self == .peerReset }
}

extension CloseReason {
    fileprivate var isServersIdleLimit: Bool {
        self == .peerClosedIdle || self == .learnedTimeout || self == .hintTimeout
    }
}

/// Nearly every exchange finds a used connection: what that saves.
@Sendable func goodReuse(_ evidence: HostEvidence) -> Finding? {
    guard let reuse = evidence.reuse, reuse.share >= 0.95 else { return nil }
    let phases = [
        ("dns", evidence.total.dnsLookup), ("tcp", evidence.total.connect), ("tls", evidence.total.tlsHandshake),
    ].compactMap { name, durations in
        durations.value?.meanSeconds.map { Phase(name: name, seconds: $0) }
    }
    return Finding(.good, .goodReuse(reuse, saves: phases))
}
