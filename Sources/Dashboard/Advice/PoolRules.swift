import PoolModel

/// Nothing gets through.
@Sendable func failing(_ input: RuleInput) -> Advice? {
    let share = input.window.failedShare.value ?? 0
    let cause = input.host.lastConnectFailure ?? (share >= 0.5 ? input.window.dominantFailure : nil)
    guard let cause, share >= 0.5 || input.host.lastConnectFailure != nil else { return nil }
    let retry = input.host.backoffSeconds.map { "; next dial in \(Numbers.duration($0))" } ?? ""
    let failed = input.window.failed
    let what =
        failed.value ?? 0 > 0
        ? "\(Numbers.count(failed)) requests failed in \(RecentFigures.seconds) s" : "new connections fail"
    return Advice(level: .bad, rule: cause.rawValue, text: "\(what): \(input.host.words(of: cause))\(retry)")
}

/// Bytes that nobody asked for may be another's response: any at all is one too many.
@Sendable func strayBytes(_ input: RuleInput) -> Advice? {
    guard let count = input.metrics.closedByReason.value?[.unsolicitedBytes], count > 0 else { return nil }
    return Advice(
        level: .bad, rule: "stray bytes",
        text: "this server sends answers that nobody asked for: \(Numbers.count(count)) "
            + "\(count == 1 ? "connection was" : "connections were") closed for it; it, or a proxy before it, may give "
            + "one user's answer to another")
}

/// Requests wait for a connection: is the pool too small, or the server slow?
@Sendable func waiting(_ input: RuleInput) -> Advice? {
    guard let queued = input.metrics.queued.value, queued > 0, let oldest = input.host.oldestWaitSeconds, oldest >= 0.05
    else { return nil }
    let text = "\(Numbers.count(queued)) wait, the oldest \(Numbers.duration(oldest)): "
    guard let limit = input.host.maxSockets.value, let open = input.metrics.open.value,
        let connecting = input.metrics.connecting.value
    else { return Advice(level: .warn, rule: "waiting", text: text + "no connection is free for them") }
    if open + connecting < limit {
        return Advice(level: .warn, rule: "waiting", text: text + "connections are not ready fast enough")
    }
    let service = input.window.meanService.value ?? 0
    let needed = input.busy.map { Int(($0 * 1.5).rounded(.up)) }
    if service >= 1 {
        return Advice(
            level: .warn, rule: "slow server",
            text: text + "all \(limit) are busy and each request takes \(Numbers.duration(service))")
    }
    let wanted = needed.map { $0 > limit ? "; about \($0) would do" : "" } ?? ""
    return Advice(
        level: .warn, rule: "pool too small",
        text: text + "all \(limit) connections are busy\(wanted)")
}

/// The server closed many connections at once.
@Sendable func massClose(_ input: RuleInput) -> Advice? {
    guard let close = input.picture.massCloses[input.host.id], let now = input.picture.snapshot?.uptimeSeconds,
        now - close.uptimeSeconds <= 60
    else { return nil }
    // Opened together and idle together: a server that is known for its idle limit ends them together.
    if close.areAllIdle, input.host.learnedIdleSeconds != nil { return nil }
    return Advice(
        level: .warn, rule: "peer drain",
        text: "the server closed \(close.count) connections within a second, "
            + "\(Numbers.duration(now - close.uptimeSeconds)) ago: a restart or a drain")
}

/// Connections to an address that DNS no longer gives.
@Sendable func addressGone(_ input: RuleInput) -> Advice? {
    let gone = input.host.addresses.filter { $0.isInDNS.isFalse && $0.open.value ?? 0 > 0 }
    guard let first = gone.first else { return nil }
    return Advice(
        level: .warn, rule: "address gone",
        text: "\(Numbers.plain(.sum(gone.map(\.open)))) connections go to \(first.address), which is no longer in DNS")
}

/// Some addresses get far more than their share.
@Sendable func unevenLoad(_ input: RuleInput) -> Advice? {
    let shares = input.host.addresses.filter { !$0.isInDNS.isFalse }.compactMap(\.exchanges.value)
    guard shares.count > 1, let most = shares.max() else { return nil }
    let mean = Double(shares.reduce(0, +)) / Double(shares.count)
    guard mean >= 50, Double(most) >= mean * 1.5 else { return nil }
    return Advice(
        level: .info, rule: "uneven",
        text: "one of \(shares.count) addresses has \(Numbers.fixed(Double(most) / mean, 1)) times the mean load: "
            + "round-robin or a shorter lifetime spreads it")
}

/// An exchange that will not end holds its connection.
@Sendable func bodyUnread(_ input: RuleInput) -> Advice? {
    let reading = input.host.sockets?.filter { $0.state == .readingBody }.compactMap(\.exchangeSeconds).max()
    if let reading, reading >= 10 {
        return Advice(
            level: .warn, rule: "body unread",
            text: "a body has been open for \(Numbers.duration(reading)): read it or cancel it, it holds a connection")
    }
    guard let oldest = input.host.oldestActiveSeconds, oldest >= 10 else { return nil }
    return Advice(
        level: .warn, rule: "long exchange",
        text: "a request has been running for \(Numbers.duration(oldest)) and holds its connection")
}

/// Far more open than the load keeps busy.
@Sendable func tooManySockets(_ input: RuleInput) -> Advice? {
    guard let busy = input.busy, input.window.exchanges.value ?? 0 >= 20, input.host.keepAlive.isTrue else {
        return nil
    }
    let enough = max(2, Int((busy * 2).rounded(.up)) + 1)
    guard let idle = input.metrics.idle.value, let open = input.metrics.open.value, idle >= 4, open > enough * 3
    else { return nil }
    return Advice(
        level: .info, rule: "Little's law",
        text: "\(open) open for \(Numbers.rate(input.window.requestsPerSecond)) req/s at "
            + "\(Numbers.duration(input.window.meanService)): about \(enough) are enough, maxFreeSockets is "
            + Numbers.plain(input.host.maxFreeSockets))
}

/// Each connection that we end keeps its local port for a minute.
@Sendable func ports(_ input: RuleInput) -> Advice? {
    let perPair = 28_232.0
    let addresses = max(1, input.host.addresses.count { !$0.isInDNS.isFalse })
    guard let closed = input.window.closedLocalPerSecond.value else { return nil }
    let held = closed * 60 / Double(addresses)
    guard held >= perPair / 2 else { return nil }
    return Advice(
        level: held >= perPair ? .bad : .warn, rule: "TIME_WAIT",
        text: "our closes hold about \(Numbers.short(held)) local ports in TIME_WAIT for an address; "
            + "the system has \(Numbers.count(Int(perPair)))")
}

/// Close to the limit of file descriptors.
@Sendable func descriptors(_ picture: DashboardState) -> Advice? {
    guard let process = picture.snapshot?.process, let open = process.openDescriptors,
        let limit = process.descriptorLimit, limit > 0, Double(open) >= Double(limit) * 0.8
    else { return nil }
    return Advice(
        level: .bad, rule: "descriptors",
        text: "\(Numbers.count(open)) of \(Numbers.count(limit)) file descriptors are open: raise the limit, or "
            + "lower maxTotalSockets")
}

/// As good as every request asks DNS.
@Sendable func lookupsPerRequest(_ picture: DashboardState) -> Advice? {
    guard let queries = picture.queriesPerSecond.value, let requests = picture.total.requestsPerSecond.value,
        requests >= 1,
        queries / requests >= 0.2
    else { return nil }
    let text = "\(Numbers.fixed(queries / requests, 1)) DNS queries a request, \(Numbers.rate(queries))/s: "
    let isOn = picture.snapshot?.dnsCacheEnabled.value ?? true
    return Advice(
        level: .warn, rule: "DNS per request",
        text: text + (isOn ? "fewer new connections need fewer lookups" : "the DNS cache is off; d switches it on"))
}
