package import PoolModel

/// Which notices a host has given lately, so that one episode makes one line.
package struct NoticeMemory: Sendable {
    fileprivate var isFailing = false
    fileprivate var forbidsReuseAt: Moment?
    fileprivate var closesIdleAt: Moment?
    fileprivate var unsolicitedAt: Moment?
    fileprivate var failureAt: Moment?

    package init() {}
}

/// Notices since the last snapshot, at most 256; what is over that is dropped, the newest first.
package struct NoticeLog: Sendable {
    private static let capacity = 256
    private var pending: [AgentNotice] = []

    package init() {}

    package mutating func append(_ notice: AgentNotice) {
        if pending.count < Self.capacity { pending.append(notice) }
    }

    package mutating func take() -> [AgentNotice] {
        defer { pending = [] }
        return pending
    }
}

/// Lines worth reading. A kind is repeated for the same host no more often than twice a minute.
extension AgentMachine {
    private static let quietFor: Nanoseconds = .seconds(30)

    private mutating func note(
        _ level: AgentNotice.Level, _ host: Int?, label: String = "", _ text: String, _ now: Moment
    ) {
        notices.append(
            AgentNotice(
                level: level, uptimeSeconds: (now - startedAt).asSeconds, hostID: host.map { hosts[$0].serial },
                label: label, text: text))
    }

    private func isQuiet(_ last: Moment?, _ now: Moment) -> Bool {
        guard let last else { return false }
        return now - last < Self.quietFor
    }

    mutating func noteKeepAlive(_ policy: KeepAlivePolicy, _ host: HostID?, _ now: Moment) {
        let word =
            switch policy {
            case .on: "ON"
            case .off: "OFF"
            case .exchanges(let range):
                range.count == 1
                    ? "for \(range.lowerBound) exchanges" : "for \(range.lowerBound) to \(range.upperBound) exchanges"
            }
        let host = host.flatMap { position(of: $0) }
        note(
            .mark, host, label: policy.isOn ? "K on" : "K off", "HTTP keep-alive \(word) for \(nameOrAll(host))", now)
    }

    mutating func noteIdleClosed(_ host: HostID?, _ now: Moment) {
        let host = host.flatMap { position(of: $0) }
        note(.mark, host, label: "x", "idle connections closed for \(nameOrAll(host))", now)
    }

    private func nameOrAll(_ host: Int?) -> String { host.map { hosts[$0].description.name } ?? "all hosts" }

    mutating func noteMark(_ label: String, _ text: String, _ host: HostID?, _ now: Moment) {
        note(.mark, host.flatMap { position(of: $0) }, label: label, text, now)
    }

    mutating func noteSettings(before: AgentSettings, _ now: Moment) {
        if before.dnsCache != settings.dnsCache {
            let word = settings.dnsCache ? "on" : "off"
            note(.mark, nil, label: "d \(word)", "DNS cache \(word.uppercased())", now)
        } else if before != settings {
            note(.mark, nil, label: "set", "limits changed", now)
        }
    }

    mutating func noteFlush(_ now: Moment) { note(.mark, nil, label: "D", "DNS cache flushed", now) }

    mutating func noteSuspension(_ span: Nanoseconds, _ now: Moment) {
        let seconds = Int(span.asSeconds.rounded())
        note(.mark, nil, label: "sleep", "the machine slept for \(seconds) s; idle connections closed", now)
    }

    mutating func noteResolverChange(_ now: Moment) {
        note(.mark, nil, label: "DNS", "resolv.conf or hosts changed; names are looked up again", now)
    }

    mutating func noteDialFailure(_ host: Int, _ cause: FailureCause, _ now: Moment) {
        guard !hosts[host].noticed.isFailing else { return }
        hosts[host].noticed.isFailing = true
        note(
            .warn, host, "\(hosts[host].description.name) cannot be reached: \(cause.text(hosts[host].lastTLSFailure))",
            now)
    }

    mutating func noteRecovery(_ host: Int, _ now: Moment) {
        guard hosts[host].noticed.isFailing else { return }
        hosts[host].noticed.isFailing = false
        note(.info, host, "\(hosts[host].description.name) is reachable again", now)
    }

    mutating func noteFailure(_ host: Int, _ cause: FailureCause, _ now: Moment) {
        guard mode == .serving, !hosts[host].noticed.isFailing, !isQuiet(hosts[host].noticed.failureAt, now) else {
            return
        }
        hosts[host].noticed.failureAt = now
        note(
            .warn, host,
            "\(hosts[host].description.name): a request failed with \(cause.text(hosts[host].lastTLSFailure))", now)
    }

    mutating func notePeerForbidsReuse(_ host: Int, _ now: Moment) {
        guard hosts[host].noticed.forbidsReuseAt == nil else { return }
        hosts[host].noticed.forbidsReuseAt = now
        note(
            .warn, host,
            "\(hosts[host].description.name) sends Connection: close; HTTP keep-alive cannot help this host", now)
    }

    mutating func notePeerClosesIdle(_ host: Int, age: Nanoseconds, _ now: Moment) {
        guard age > .milliseconds(100), !isQuiet(hosts[host].noticed.closesIdleAt, now) else { return }
        hosts[host].noticed.closesIdleAt = now
        let tenths = Double(Int((age.asSeconds * 10).rounded())) / 10
        note(.info, host, "\(hosts[host].description.name) closed a connection that was idle for \(tenths) s", now)
    }

    mutating func noteUnsolicited(_ host: Int, _ now: Moment) {
        guard !isQuiet(hosts[host].noticed.unsolicitedAt, now) else { return }
        hosts[host].noticed.unsolicitedAt = now
        note(
            .warn, host, "\(hosts[host].description.name) sent bytes that no request asked for; connection closed", now)
    }

    mutating func noteRetired(_ host: Int, _ address: PeerAddress, _ count: Int, _ now: Moment) {
        note(
            .info, host,
            "\(hosts[host].description.name): \(address) left DNS; \(count) connection\(count == 1 ? "" : "s") retired",
            now)
    }
}
