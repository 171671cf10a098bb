import PoolModel

// The pool: too small, too large, or held up.

/// Requests wait for a connection: is the pool too small, or the server slow?
@Sendable func waiting(_ evidence: HostEvidence) -> Finding? {
    // Where nothing comes from the host, its pool has no say in it.
    guard !evidence.isSilent, let queued = evidence.total.queued.value else { return nil }
    let errors = evidence.window.errors.value
    let refused = (errors?[.queueFull] ?? 0) + (errors?[.queueTimeout] ?? 0)
    let oldest = evidence.host.oldestWaitSeconds ?? 0
    guard queued > 0 && oldest >= 0.05 || refused > 0 else { return nil }
    let isBad = Share(refused, of: evidence.ended).likelyLeast >= 0.05
    return Finding(
        isBad ? .bad : .warn,
        .waiting(Waiting(queued: queued, oldestSeconds: oldest, why: whyWaiting(evidence), refused: refused)))
}

private func whyWaiting(_ evidence: HostEvidence) -> Waiting.Why {
    guard let limit = evidence.maxSockets, let open = evidence.total.open.value,
        let connecting = evidence.total.connecting.value
    else { return .unknown }
    if open + connecting < limit { return .dialsAreSlow }
    let service = evidence.service ?? 0
    // A server that takes three times as long as it did needs no larger pool.
    let isSlower = evidence.medianEver.map { service >= 0.05 && service >= 3 * $0 } ?? false
    if service >= 1 || isSlower {
        return .slowServer(
            limit: limit, serviceSeconds: service, usualSeconds: isSlower ? evidence.medianEver : nil)
    }
    let needed = evidence.busy.map { Int(($0 * 1.5).rounded(.up)) }
    return .poolTooSmall(limit: limit, needed: needed.flatMap { $0 > limit ? $0 : nil })
}

/// A body that its caller does not read holds its connection.
@Sendable func bodyUnread(_ evidence: HostEvidence) -> Finding? {
    guard evidence.host.inFlightAges == nil || evidence.host.silentSeconds == nil else { return nil }
    let reading = evidence.host.sockets?.filter { $0.state == .readingBody }.compactMap(\.exchangeSeconds).max()
    guard let reading, reading >= 10 else { return nil }
    return Finding(.warn, .bodyUnread(seconds: reading))
}

/// Far more are open than the load keeps busy.
@Sendable func surplus(_ evidence: HostEvidence) -> Finding? {
    guard let busy = evidence.busy, let rate = evidence.requestsPerSecond, let service = evidence.service,
        evidence.window.exchanges.value ?? 0 >= 20, evidence.keepAlive == true, evidence.secondsSinceChange == nil
    else { return nil }
    let enough = max(2, Int((busy * 2).rounded(.up)) + 1)
    guard let idle = evidence.total.idle.value, let open = evidence.total.open.value, idle >= 4, open > enough * 3
    else { return nil }
    return Finding(
        .hint,
        .surplus(
            open: open, requestsPerSecond: rate, serviceSeconds: service, enough: enough, maxFree: evidence.maxFree))
}

/// Connections that were opened and closed without a request.
@Sendable func dialsUnused(_ evidence: HostEvidence) -> Finding? {
    guard let opened = evidence.total.opened.value, let first = evidence.total.onNewConnection.value,
        let idle = evidence.total.idle.value
    else { return nil }
    let unused = opened - first - idle
    guard unused >= 10, unused * 20 >= opened else { return nil }
    return Finding(.hint, .dialsUnused(unused: unused, opened: opened))
}

/// Local ports that one address pair has.
let portsOfAPair = 28_232

/// Each connection that we end keeps its local port for a minute.
@Sendable func ports(_ evidence: HostEvidence) -> Finding? {
    let closes = evidence.gained.connections.closedByReason
    // Where the server says that it will close, it does so first, and the wait is on its side.
    let byServer = closes[.closeHeaderReceived] + closes[.http10]
    guard let local = evidence.window.closedLocal.value, evidence.seconds > 0 else { return nil }
    // The kernel's own count says it better.
    if evidence.host.kernel?.timeWait != nil { return nil }
    let addresses = max(1, evidence.host.addresses.count { !evidence.knows(.dns) || $0.isInDNS })
    let held = Double(max(0, local - byServer)) / evidence.seconds * 60 / Double(addresses)
    guard held >= Double(portsOfAPair) / 2 else { return nil }
    // Where there is no port left, dials fail, and that is the diagnosis.
    return Finding(.warn, .ports(held: held))
}
