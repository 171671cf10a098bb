package import PoolModel

/// The text of notices, the same on the screen, in reports and in replays. The agent itself contains no text for users.
extension AgentNotice {
    /// One line in plain words.
    package var text: String {
        switch kind {
        case .keepAliveOn: "HTTP keep-alive ON for \(about)"
        case .keepAliveOff: "HTTP keep-alive OFF for \(about)"
        case .keepAliveFor(let exchanges): "HTTP keep-alive for \(words(exchanges)) exchanges for \(about)"
        case .idleClosed: "idle connections closed for \(about)"
        case .dnsCacheOn: "DNS cache ON"
        case .dnsCacheOff: "DNS cache OFF"
        case .dnsCacheFlushed: "DNS cache flushed"
        case .settingsChanged: "limits changed"
        case .suspended(let seconds): "the machine slept for \(whole(seconds)) s; idle connections closed"
        case .resolverChanged: "resolv.conf or hosts changed; names are looked up again"
        case .hostUnreachable(let cause, let reason): "\(about): \(failure(cause, reason))"
        case .hostReachable: "\(about): reachable again"
        case .requestFailed(let cause, let reason): "\(about): \(failure(cause, reason))"
        case .reuseForbidden: "\(about) sends Connection: close; HTTP keep-alive cannot help this host"
        case .idleClosedByPeer(let age): "\(about) closed a connection that was idle for \(tenths(age)) s"
        case .unsolicitedBytes: "\(about) sent bytes that no request asked for; connection closed"
        case .addressRetired(let address, let count):
            "\(about): \(address) left DNS; \(count) connection\(count == 1 ? "" : "s") retired"
        case .program(let notice): notice.text(about)
        }
    }

    /// The short label of a mark on the charts (`K on`); empty for other notices.
    package var label: String {
        switch kind {
        case .keepAliveOn, .keepAliveFor: "\(keepAliveKey.rawValue) on"
        case .keepAliveOff: "\(keepAliveKey.rawValue) off"
        case .idleClosed: "\(ChangeKey.closeIdle.rawValue)"
        case .dnsCacheOn: "\(ChangeKey.dnsCache.rawValue) on"
        case .dnsCacheOff: "\(ChangeKey.dnsCache.rawValue) off"
        case .dnsCacheFlushed: "\(ChangeKey.dnsFlush.rawValue)"
        case .settingsChanged: "set"
        case .suspended: "sleep"
        case .resolverChanged: "DNS"
        case .hostUnreachable, .hostReachable, .requestFailed, .reuseForbidden, .idleClosedByPeer, .unsolicitedBytes,
            .addressRetired:
            ""
        case .program(let notice): notice.label
        }
    }

    /// The key that makes such a change: for all hosts, or for one.
    private var keepAliveKey: ChangeKey { hostID == nil ? .keepAliveAll : .keepAliveHost }

    /// `no such name (host.invalid)`, `server reset the connection (×12)`.
    private func failure(_ cause: FailureCause, _ reason: TLSFailure?) -> String {
        cause.deed(reason) + (lookedUp.map { " (\($0))" } ?? "") + (count.map { " (×\($0))" } ?? "")
    }

    /// The host's name, or all of them.
    private var about: String { hostName ?? hostID.map { "host \($0)" } ?? "all hosts" }

    private func words(_ exchanges: ClosedRange<Int>) -> String {
        exchanges.lowerBound == exchanges.upperBound
            ? "\(exchanges.lowerBound)" : "\(exchanges.lowerBound) to \(exchanges.upperBound)"
    }
}

extension ProgramNotice {
    fileprivate func text(_ host: String) -> String {
        switch content {
        case .loadChanged(let factor): "load \(change(factor))"
        case .totalsReset: "totals reset"
        case .faultInjected(let fault): "\(host): \(fault.words)"
        case .settingChanged(let name, let before, let after): "\(name) \(before) ▸ \(after) for \(host)"
        case .silent(let seconds): "no answer from \(host) for \(tenths(seconds)) s"
        case .stopped(let seconds, let cause): cause.sentence("\(tenths(seconds)) s")
        case .recorded(_, let text): text
        case .unknown(let label): label
        }
    }

    fileprivate var label: String {
        switch content {
        case .loadChanged(let factor): "load \(change(factor))"
        case .totalsReset: "\(ChangeKey.reset.rawValue)"
        case .faultInjected(let fault): "\(ChangeKey.fault.rawValue) \(fault.shortLabel)"
        case .settingChanged(let name, _, let after): "\(name) \(after)"
        case .silent(let seconds): "no answer \(tenths(seconds)) s"
        case .stopped(let seconds, _): "gap \(tenths(seconds)) s"
        case .recorded(let label, _): label
        case .unknown(let label): label
        }
    }

    /// `×2`, `÷2`, `+10%`, `−10%`.
    private func change(_ factor: Double) -> String {
        if factor >= 2 { return "×\(whole(factor))" }
        if factor <= 0.5 { return "÷\(whole(1 / factor))" }
        let percent = ((factor - 1) * 100).rounded()
        return percent >= 0 ? "+\(whole(percent))%" : "−\(whole(-percent))%"
    }
}

extension LoadGap.Cause {
    /// The words for an event that befell this program, and no server, for a time given in words.
    package func sentence(_ time: String) -> String {
        switch self {
        case .stopped: "the program was stopped for \(time)"
        case .waited: "the program waited \(time) for a processor, which others had"
        case .busy: "the program was busy for \(time) and could not send"
        }
    }
}

extension DownstreamFault {
    /// The label in the fault menu, and in the message that confirms the choice.
    package var label: String {
        switch self {
        case .dropIdle: "drop its idle connections now"
        case .drain: "drain: answer once more, then close each connection"
        case .refuse: "refuse new connections"
        case .slowDown: "slow down its answers"
        case .changeDNS: "change its address in DNS"
        case .heal: "back to normal"
        }
    }

    /// In the line that says that one was chosen.
    package var words: String {
        switch self {
        case .dropIdle: "idle connections dropped"
        case .drain: "draining: each connection is closed after one more answer"
        case .refuse: "new connections refused"
        case .slowDown: "answers slowed"
        case .changeDNS: "address changed in DNS: takes effect when the cached record expires; D flushes the cache now"
        case .heal: "back to normal"
        }
    }

    /// Beside the chart's mark, behind the key.
    package var shortLabel: String {
        switch self {
        case .dropIdle: "drop"
        case .drain: "drain"
        case .refuse: "refuse"
        case .slowDown: "slow"
        case .changeDNS: "DNS"
        case .heal: "heal"
        }
    }
}

/// The figure may come from a recording written by anyone, so it may have any value.
private func whole(_ figure: Double) -> String { Int(exactly: figure.rounded()).map { "\($0)" } ?? "\(figure)" }

private func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
