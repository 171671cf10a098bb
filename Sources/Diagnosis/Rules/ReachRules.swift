import PoolModel

// Names and connections: nothing gets through, or will not for long.

extension FailureCause {
    /// The request waited for the server, or for a connection, until its time was over.
    var isOfWaiting: Bool {
        switch self {
        case .requestTimeout, .firstByteTimeout, .queueFull, .queueTimeout: true
        case .dnsNotFound, .dnsTimeout, .dnsFailure, .connectRefused, .connectTimeout, .connectUnreachable,
            .addressNotAvailable, .tooManyOpenFiles, .tlsHandshakeFailed, .tlsCertificateInvalid, .peerClosed,
            .peerReset, .incompleteBody, .framingError, .bodyTooLarge, .cancelled, .shutdown, .invalidRequest,
            .unixSocketMissing:
            false
        }
    }

    /// A dial failed with it, or would have.
    var isOfDial: Bool {
        switch self {
        case .dnsNotFound, .dnsTimeout, .dnsFailure, .connectRefused, .connectTimeout, .connectUnreachable,
            .addressNotAvailable, .tooManyOpenFiles, .tlsHandshakeFailed, .tlsCertificateInvalid, .unixSocketMissing:
            true
        case .queueFull, .queueTimeout, .requestTimeout, .firstByteTimeout, .peerClosed, .peerReset, .incompleteBody,
            .framingError, .bodyTooLarge, .cancelled, .shutdown, .invalidRequest:
            false
        }
    }
}

extension HostEvidence {
    /// Why dials fail: the last one's cause, or that of most failures where no dial is being tried now.
    var dialCause: FailureCause? {
        if let cause = host.lastConnectFailure { return cause }
        guard let cause = window.errors.value?.dominant, cause.isOfDial, failedShare >= 0.5 else { return nil }
        return cause
    }

    var failedShare: Double { window.failed.ratio(to: window.finished).value ?? 0 }

    /// Connections that are open still answer, so that only new ones fail.
    fileprivate var carriesOn: Bool { open > 0 && answered > 0 && failedShare < 0.05 }

    /// Failed requests of the window with one of these causes.
    fileprivate func failed(_ isCounted: (FailureCause) -> Bool) -> Int {
        (window.errors.value?.nonZero ?? []).reduce(0) { $0 + (isCounted($1.key) ? $1.count : 0) }
    }

    fileprivate func nameTrouble(_ cause: FailureCause) -> NameTrouble {
        let failure = host.nameFailure
        return NameTrouble(
            kind: NameTrouble.Kind(cause), name: failure?.name, tried: failure?.tried ?? [],
            servers: failure?.servers ?? [],
            seconds: failure?.sinceSeconds, staleHits: failure?.staleHits ?? 0, open: open, failed: failed(\.isOfName))
    }
}

/// The host's name has no address, and so no new connection can be made.
@Sendable func nameTrouble(_ evidence: HostEvidence) -> Finding? {
    guard let cause = evidence.dialCause, cause.isOfName else { return nil }
    return Finding(evidence.carriesOn ? .warn : .bad, .name(evidence.nameTrouble(cause)))
}

/// New connections fail after the name was found.
@Sendable func dialTrouble(_ evidence: HostEvidence) -> Finding? {
    guard let cause = evidence.dialCause, cause.isOfDial || evidence.host.lastConnectFailure != nil, !cause.isOfName
    else { return nil }
    let trouble = DialTrouble(
        cause: cause, reason: cause.isTLS ? evidence.host.lastTLSFailure : nil, place: place(evidence.host),
        failed: evidence.failed { $0 == cause }, nextDialSeconds: evidence.host.backoffSeconds, open: evidence.open)
    return Finding(evidence.carriesOn ? .warn : .bad, .dial(trouble))
}

/// Where dials go: the address of a host that has but one, else its origin.
private func place(_ host: HostSnapshot) -> String {
    host.addresses.count == 1 ? host.addresses[0].address : host.origin
}

/// A dial under way for so long that it is no accident, though its limit is not reached.
@Sendable func dialPending(_ evidence: HostEvidence) -> Finding? {
    guard evidence.dialCause == nil, let dial = evidence.host.oldestDial, dial.seconds >= 2 else { return nil }
    let level: Level = evidence.open == 0 ? .bad : .warn
    if dial.state == .resolving {
        // `staleName` says it where open connections go on.
        if evidence.open > 0, evidence.host.nameFailure != nil { return nil }
        var trouble = evidence.nameTrouble(.dnsTimeout)
        trouble.seconds = max(dial.seconds, trouble.seconds ?? 0)
        return Finding(level, .name(trouble))
    }
    return Finding(level, .dialPending(dial.state, seconds: dial.seconds, open: evidence.open))
}

/// Every request of the window was given up while dials were under way and none came to an end, as at the end of a run
/// that is shorter than the limit of a dial.
@Sendable func undialed(_ evidence: HostEvidence) -> Finding? {
    guard evidence.dialCause == nil, evidence.host.oldestDial == nil, evidence.seconds >= 2,
        let cancelled = evidence.window.cancelled.value, cancelled > 0, evidence.window.finished.value == 0,
        let dials = evidence.window.dials.value, dials > 0, evidence.open == 0, !evidence.answeredDials
    else { return nil }
    if evidence.gained.connections.attempts == 0 {
        var trouble = evidence.nameTrouble(.dnsTimeout)
        trouble.seconds = trouble.seconds ?? evidence.seconds
        return Finding(.bad, .name(trouble))
    }
    let isConnected = evidence.host.isTLS && evidence.gained.latency.connect.count > 0
    return Finding(
        .bad, .dialPending(isConnected ? .handshaking : .connecting, seconds: evidence.seconds, open: 0))
}

/// The name is looked up in vain, and what was known of it before carries on.
@Sendable func staleName(_ evidence: HostEvidence) -> Finding? {
    guard let failure = evidence.host.nameFailure, evidence.dialCause == nil else { return nil }
    return Finding(.warn, .staleName(evidence.nameTrouble(failure.cause)))
}

/// Some of the addresses in DNS do not take connections, and the others do the work.
@Sendable func addressesDead(_ evidence: HostEvidence) -> Finding? {
    let listed = evidence.host.addresses.filter { !evidence.knows(.dns) || $0.isInDNS }
    let dead = listed.filter(\.isSuspect)
    guard !dead.isEmpty, dead.count < listed.count else { return nil }
    return Finding(.warn, .addressesDead(dead.map(\.address), of: listed.count))
}

/// Connections to an address that DNS no longer gives.
@Sendable func addressGone(_ evidence: HostEvidence) -> Finding? {
    let gone = evidence.host.addresses.filter { !$0.isInDNS && $0.open > 0 }
    guard let first = gone.first else { return nil }
    return Finding(.warn, .addressGone(first.address, connections: gone.reduce(0) { $0 + $1.open }))
}

/// Some addresses get far more than their share.
@Sendable func unevenLoad(_ evidence: HostEvidence) -> Finding? {
    // A dead address has nothing because it is dead, and `addressesDead` says so.
    let shares = evidence.host.addresses.filter {
        (!evidence.knows(.dns) || $0.isInDNS) && !(evidence.knows(.dials) && $0.isSuspect)
    }
    .map(\.exchanges)
    guard shares.count > 1, let most = shares.max() else { return nil }
    let mean = Double(shares.reduce(0, +)) / Double(shares.count)
    guard mean >= 50, Double(most) >= mean * 1.5 else { return nil }
    return Finding(.hint, .unevenLoad(addresses: shares.count, factor: Double(most) / mean))
}

/// The server closed many connections at once.
@Sendable func massClose(_ evidence: HostEvidence) -> Finding? {
    guard let close = evidence.massClose, close.secondsAgo <= 60 else { return nil }
    // Opened together and idle together: a server that is known for its idle limit ends them together.
    if close.areAllIdle, evidence.host.learnedIdleSeconds != nil { return nil }
    return Finding(.warn, .massClose(connections: close.connections, secondsAgo: close.secondsAgo))
}
