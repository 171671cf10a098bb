package import PoolModel

/// The notices that a host has given recently, so that one episode causes one line.
package struct NoticeMemory: Sendable {
    fileprivate var isFailing = false
    fileprivate var forbidsReuseAt: Moment?
    fileprivate var closesIdleAt: Moment?
    fileprivate var unsolicitedAt: Moment?
    fileprivate var failureAt: Moment?
    /// The cause that was told then, and the failures with it since.
    fileprivate var failure: FailureCause?
    fileprivate var failuresSince = 0

    package init() {}
}

/// Notices since the last snapshot, at most `AgentSnapshot.eventLimit`; further ones are dropped.
package struct NoticeLog: Sendable {
    private var pending: [AgentNotice] = []

    package init() {}

    package mutating func append(_ notice: AgentNotice) {
        if pending.count < AgentSnapshot.eventLimit { pending.append(notice) }
    }

    package mutating func take() -> [AgentNotice] {
        defer { pending = [] }
        return pending
    }
}

/// Notices. The same kind is repeated for a host at most twice per minute.
extension AgentMachine {
    private static let quietFor: Nanoseconds = .seconds(30)

    private mutating func note(
        _ level: AgentNotice.Level, _ host: Int?, _ kind: AgentNotice.Kind, lookedUp: String? = nil,
        count: Int? = nil, _ now: Moment
    ) {
        notices.append(
            AgentNotice(
                level: level, uptimeSeconds: (now - startedAt).asSeconds, hostID: host.map { hosts[$0].serial },
                hostName: host.map { hosts[$0].description.name }, kind: kind, lookedUp: lookedUp, count: count))
    }

    private func isQuiet(_ last: Moment?, _ now: Moment) -> Bool {
        guard let last else { return false }
        return now - last < Self.quietFor
    }

    mutating func noteKeepAlive(_ policy: KeepAlivePolicy, _ host: HostID?, _ now: Moment) {
        let kind: AgentNotice.Kind =
            switch policy {
            case .on: .keepAliveOn
            case .off: .keepAliveOff
            case .exchanges(let range): .keepAliveFor(exchanges: range)
            }
        note(.mark, host.flatMap { position(of: $0) }, kind, now)
    }

    mutating func noteIdleClosed(_ host: HostID?, _ now: Moment) {
        note(.mark, host.flatMap { position(of: $0) }, .idleClosed, now)
    }

    mutating func noteMark(_ notice: ProgramNotice, _ host: HostID?, _ now: Moment) {
        note(.mark, host.flatMap { position(of: $0) }, .program(notice), now)
    }

    mutating func noteSettings(before: AgentSettings, _ now: Moment) {
        if before.dnsCache != settings.dnsCache {
            note(.mark, nil, settings.dnsCache ? .dnsCacheOn : .dnsCacheOff, now)
        } else if before != settings {
            note(.mark, nil, .settingsChanged, now)
        }
    }

    mutating func noteFlush(_ now: Moment) { note(.mark, nil, .dnsCacheFlushed, now) }

    mutating func noteSuspension(_ span: Nanoseconds, _ now: Moment) {
        note(.mark, nil, .suspended(seconds: span.asSeconds), now)
    }

    mutating func noteResolverChange(_ now: Moment) { note(.mark, nil, .resolverChanged, now) }

    mutating func noteDialFailure(_ host: Int, _ cause: FailureCause, _ now: Moment) {
        guard !hosts[host].noticed.isFailing else { return }
        hosts[host].noticed.isFailing = true
        note(.warn, host, .hostUnreachable(cause, reason(of: cause, host)), lookedUp: name(in: cause, host), now)
    }

    mutating func noteRecovery(_ host: Int, _ now: Moment) {
        guard hosts[host].noticed.isFailing else { return }
        hosts[host].noticed.isFailing = false
        note(.info, host, .hostReachable, now)
    }

    mutating func noteFailure(_ host: Int, _ cause: FailureCause, _ now: Moment) {
        guard mode == .serving, !hosts[host].noticed.isFailing else { return }
        if cause == hosts[host].noticed.failure { hosts[host].noticed.failuresSince += 1 }
        guard !isQuiet(hosts[host].noticed.failureAt, now) else { return }
        let count = cause == hosts[host].noticed.failure ? hosts[host].noticed.failuresSince : 1
        (hosts[host].noticed.failureAt, hosts[host].noticed.failure) = (now, cause)
        hosts[host].noticed.failuresSince = 0
        note(
            .warn, host, .requestFailed(cause, reason(of: cause, host)), lookedUp: name(in: cause, host),
            count: count > 1 ? count : nil, now)
    }

    /// The host's DNS name, where its lookup is what failed.
    private func name(in cause: FailureCause, _ host: Int) -> String? {
        guard cause.isOfName else { return nil }
        switch hosts[host].description.location {
        case .name(let name): return name
        case .addresses: return nil
        }
    }

    private func reason(of cause: FailureCause, _ host: Int) -> TLSFailure? {
        cause.isTLS ? hosts[host].lastTLSFailure : nil
    }

    mutating func notePeerForbidsReuse(_ host: Int, _ now: Moment) {
        guard hosts[host].noticed.forbidsReuseAt == nil else { return }
        hosts[host].noticed.forbidsReuseAt = now
        note(.warn, host, .reuseForbidden, now)
    }

    mutating func notePeerClosesIdle(_ host: Int, age: Nanoseconds, _ now: Moment) {
        guard age > .milliseconds(100), !isQuiet(hosts[host].noticed.closesIdleAt, now) else { return }
        hosts[host].noticed.closesIdleAt = now
        note(.info, host, .idleClosedByPeer(ageSeconds: age.asSeconds), now)
    }

    mutating func noteUnsolicited(_ host: Int, _ now: Moment) {
        guard !isQuiet(hosts[host].noticed.unsolicitedAt, now) else { return }
        hosts[host].noticed.unsolicitedAt = now
        note(.warn, host, .unsolicitedBytes, now)
    }

    mutating func noteRetired(_ host: Int, _ address: PeerAddress, _ count: Int, _ now: Moment) {
        note(.info, host, .addressRetired("\(address)", connections: count), now)
    }
}
