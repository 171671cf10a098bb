package import PoolModel

/// The words of notices, the same on the screen, in reports and in what a replay shows. The agent says what happened and
/// speaks no language; who shows it reads it here.
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
        case .hostUnreachable(let cause, let reason): "\(about) cannot be reached: \(cause.text(reason))"
        case .hostReachable: "\(about) is reachable again"
        case .requestFailed(let cause, let reason): "\(about): a request failed with \(cause.text(reason))"
        case .reuseForbidden: "\(about) sends Connection: close; HTTP keep-alive cannot help this host"
        case .idleClosedByPeer(let age): "\(about) closed a connection that was idle for \(tenths(age)) s"
        case .unsolicitedBytes: "\(about) sent bytes that no request asked for; connection closed"
        case .addressRetired(let address, let count):
            "\(about): \(address) left DNS; \(count) connection\(count == 1 ? "" : "s") retired"
        case .program(let notice): notice.text(about)
        }
    }

    /// For marks, the few letters beside the chart's mark (`K on`); otherwise empty.
    package var label: String {
        switch kind {
        case .keepAliveOn, .keepAliveFor: "\(ChangeKey.keepAliveAll.rawValue) on"
        case .keepAliveOff: "\(ChangeKey.keepAliveAll.rawValue) off"
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
        case .totalsReset: "totals count from now on"
        case .faultInjected(let fault): "\(host): \(fault.label)"
        case .settingChanged(let name, let before, let after): "\(name) \(before) ▸ \(after) for \(host)"
        case .stopped(let seconds): "the program was stopped for \(tenths(seconds)) s"
        case .recorded(_, let text): text
        case .unknown(let label): label
        }
    }

    fileprivate var label: String {
        switch content {
        case .loadChanged(let factor): "load \(change(factor))"
        case .totalsReset: "\(ChangeKey.reset.rawValue)"
        case .faultInjected: "\(ChangeKey.fault.rawValue)"
        case .settingChanged(let name, _, let after): "\(name) \(after)"
        case .stopped: "gap"
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

extension DownstreamFault {
    /// In the menu of faults, and in the line that says that one was chosen.
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
}

/// Anybody may have written the recording that a figure comes from, so it may be of any size.
private func whole(_ figure: Double) -> String { Int(exactly: figure.rounded()).map { "\($0)" } ?? "\(figure)" }

private func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
