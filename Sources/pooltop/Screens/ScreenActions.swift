import AgentCore
import Dashboard
import Downstream
import PlainDocuments
import PoolModel
import SessionConfig
import Sessions
import TerminalUI

/// Performs the user's actions on the session. Nothing here blocks; late results go through the slot.
struct ScreenActions: Sendable {
    let session: Session
    let slot: SnapshotSlot

    /// The message to show at once; nil if there is none, or a later one.
    func perform(_ effect: UIEffect) -> String? {
        switch effect {
        case .agent(let command): return perform(command)
        case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
        case .setMouse, .redraw, .suspend, .quit, .play, .setTheme, .copy, .watch, .showNames, .open: break
        }
        return nil
    }

    private func perform(_ command: AgentCommand) -> String? {
        switch command {
        case .setKeepAlive(let isOn, let host):
            session.apply(.keepAlive(isOn ? .on : .off), host: host)
        case .setDNSCache(let isOn):
            session.apply(.dnsCache(isOn))
        case .flushDNS:
            session.report(.dnsFlushRequested)
        case .changeLoad(let factor):
            session.multiplyLoad(by: factor)
            session.mark(.loadChanged(factor: factor))
        case .closeIdle(let host):
            session.report(.idleCloseRequested(host: host.map { HostID($0) }))
        case .inject(let fault, let host):
            inject(fault, host)
        case .resetCounters:
            session.mark(.totalsReset)
        case .changeSetting(let change):
            return set(change)
        }
        return nil
    }

    /// The screen has had it checked, so a problem here is one of ours.
    private func set(_ wish: SettingChangeWish) -> String? {
        do throws(TextProblem) {
            let change = try SettingChange.parse("\(wish.name)=\(wish.to)")
            session.apply(change, host: wish.host)
            // The agent itself says of these two that they changed.
            if !["keepAlive", "dnsCache"].contains(wish.name) {
                session.mark(.settingChanged(name: wish.name, from: wish.from, to: wish.to), host: wish.host)
            }
            return nil
        } catch {
            return "\(wish.name): \(error.problem)"
        }
    }

    private func inject(_ fault: DownstreamFault, _ host: Int) {
        guard let fleet = session.fleet, let name = session.hostName(host) else { return }
        Task {
            do {
                for part in fault.parts { try await fleet.inject(part, into: name) }
                session.mark(.faultInjected(fault), host: host)
            } catch {
                slot.post(notice: "\(name): \(error)")
            }
        }
    }
}

extension DownstreamFault {
    /// The faults to inject into the bundled downstream.
    fileprivate var parts: [InjectedFault] {
        switch self {
        case .dropIdle: [.dropIdle]
        case .drain: [.drain]
        case .refuse: [.refuse]
        case .slowDown: [.slow(factor: 3, addedSeconds: 0.1)]
        case .changeDNS: [.dns(.records(addresses: ["127.0.0.1"], ttlSeconds: 2))]
        case .heal: [.recover]
        }
    }
}
