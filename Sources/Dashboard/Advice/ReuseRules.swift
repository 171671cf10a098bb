import PoolModel

/// Fewer exchanges than this in ten seconds are no ground for a judgement on reuse.
private let leastExchanges = 20

/// Few exchanges find a used connection: why, and who can change it.
@Sendable func lowReuse(_ input: RuleInput) -> Advice? {
    guard let reuse = input.window.reuse.value, input.window.exchanges.value ?? 0 >= leastExchanges, reuse < 0.9 else {
        return nil
    }
    let rate = "\(Numbers.percent(reuse)) reuse, \(Numbers.rate(input.window.openedPerSecond)) new connections/s: "
    guard !input.host.keepAlive.isFalse else {
        return Advice(
            level: .warn, rule: "keep-alive off", text: rate + "HTTP keep-alive is off; t switches it on here")
    }
    guard let reason = input.window.dominantClose.value else {
        if input.window.dominantClose.isUnknown {
            return Advice(level: .info, rule: "low reuse", text: rate + "why they are closed is not known here")
        }
        return Advice(level: .info, rule: "low reuse", text: rate + "nothing was closed: the pool is still growing")
    }
    let (level, rule, words) = cause(reason, input)
    let by = input.window.dominantClose.certainty == .estimate ? "it seems that " : ""
    return Advice(level: level, rule: rule, text: rate + by + words)
}

private func cause(_ reason: CloseReason, _ input: RuleInput) -> (Advice.Level, String, String) {
    let limit = Numbers.duration(input.host.idleLimitSeconds.value)
    switch reason {
    case .closeHeaderReceived, .http10, .untilCloseBody:
        return (.warn, "server says close", "the server ends each connection; only its owner can change that")
    case .closeHeaderSent, .keepAliveDisabled:
        return (.info, "keep-alive off before", "these connections are from before HTTP keep-alive was on")
    case .idleTimeout, .lifetime:
        return (.warn, "our idle limit", "our limit of \(limit) ends idle connections; raise it")
    case .hintTimeout, .learnedTimeout, .peerClosedIdle:
        return (.warn, "server's idle limit", "the server keeps idle connections shorter than requests are apart")
    case .idleLimitHost, .idleLimitTotal, .evictedForOtherHost:
        return (
            .warn, "idle cap",
            "more than \(Numbers.plain(input.host.maxFreeSockets)) idle connections were left over; raise maxFreeSockets"
        )
    case .maxRequests, .hintMax:
        return (.warn, "max requests", "each connection may carry only so many requests; raise that limit")
    case .peerClosedActive, .peerReset, .tlsError, .framingError, .unsolicitedBytes, .bodyAbandoned,
        .requestCancelled, .requestTimeout, .earlyResponse:
        return (.warn, "errors end them", "errors end the connections, mostly: \(reason.longLabel)")
    case .dnsRetired: return (.info, "DNS moves", "the addresses in DNS change, and connections with them")
    case .upgraded, .drain, .shutdown: return (.info, "low reuse", "connections leave the pool: \(reason.longLabel)")
    }
}

/// Nearly every exchange finds a used connection: what that saves.
@Sendable func goodReuse(_ input: RuleInput) -> Advice? {
    guard let reuse = input.window.reuse.value, input.window.exchanges.value ?? 0 >= leastExchanges, reuse >= 0.95
    else { return nil }
    let metrics = input.metrics
    let parts = [
        ("dns", metrics.dnsLookup.mean.value), ("tcp", metrics.connect.mean.value),
        ("tls", metrics.tlsHandshake.mean.value),
    ].compactMap { name, mean in mean.map { (name, $0) } }
    var text = "\(Numbers.percent(reuse)) of requests reuse a connection"
    if !parts.isEmpty {
        let sum = parts.reduce(0) { $0 + $1.1 }
        let names = parts.map { "\($0.0) \(Numbers.milliseconds($0.1))" }.joined(separator: " + ")
        text += "; each saves up to \(Numbers.duration(sum)) (\(names))"
    }
    return Advice(level: .good, rule: "reuse>95%", text: text)
}

/// The server ends idle connections before we would: requests may race with its close.
@Sendable func serverClosesFirst(_ input: RuleInput) -> Advice? {
    guard let closes = input.metrics.closedByReason.value?[.peerClosedIdle], closes >= 3 else { return nil }
    guard !input.host.idleLimitSeconds.isUnknown else {
        return Advice(
            level: .info, rule: "server<ours",
            text: "the server dropped \(Numbers.count(closes)) idle connections before we did")
    }
    let limit = input.host.idleLimitSeconds.value
    if let learned = input.host.learnedIdleSeconds {
        let age = Numbers.duration(learned)
        guard limit.map({ $0 >= learned }) ?? true else {
            return Advice(
                level: .info, rule: "server<ours",
                text: "the server drops idle connections at \(age); the limit of \(Numbers.duration(limit)) avoids it")
        }
        return Advice(
            level: .warn, rule: "server<ours",
            text: "the server dropped \(Numbers.count(closes)) idle connections at \(age), our limit is "
                + "\(limit.map { Numbers.duration($0) } ?? "none"): set it below \(age)")
    }
    return Advice(
        level: .info, rule: "server<ours",
        text: "the server dropped \(Numbers.count(closes)) idle connections before our limit of "
            + "\(limit.map { Numbers.duration($0) } ?? "none"); its own is not known yet")
}

/// Connections that were opened and closed without a request.
@Sendable func dialsUnused(_ input: RuleInput) -> Advice? {
    guard let opened = input.metrics.opened.value, let first = input.metrics.onNewConnection.value,
        let idle = input.metrics.idle.value
    else { return nil }
    let unused = opened - first - idle
    guard unused >= 10, unused * 20 >= opened else { return nil }
    return Advice(
        level: .info, rule: "unused dials",
        text: "\(Numbers.count(unused)) of \(Numbers.count(opened)) connections never carried a request: "
            + "others were free before they were ready")
}
