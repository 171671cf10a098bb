import AgentCore
import Dashboard
import Downstream
import Foundation
import PoolModel
import SessionConfig
import Sessions
import TerminalUI

/// What a person does with keys, carried out on the session. Nothing here blocks; late answers go through the slot.
struct ScreenActions: Sendable {
    let session: Session
    let slot: SnapshotSlot

    /// The answer to show at once; nil: none, or a later one.
    func perform(_ effect: UIEffect) -> String? {
        switch effect {
        case .agent(let command): perform(command)
        case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
        case .setMouse, .redraw, .suspend, .quit, .play: break
        }
        return nil
    }

    private func perform(_ command: AgentCommand) {
        switch command {
        case .setKeepAlive(let isOn, let host):
            session.apply(.keepAlive(isOn ? .on : .off), host: host)
        case .setDNSCache(let isOn):
            session.apply(.dnsCache(isOn))
        case .flushDNS:
            session.report(.dnsFlushRequested)
        case .changeLoad(let percent):
            let factor = Double(percent) / 100
            session.multiplyLoad(by: factor)
            session.mark(.loadChanged(factor: factor))
        case .closeIdle(let host):
            session.report(.idleCloseRequested(host: host.map { HostID($0) }))
        case .inject(let fault, let host):
            inject(fault, host)
        case .resetCounters:
            session.mark(.totalsReset)
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
    /// What to tell the bundled downstream.
    fileprivate var parts: [Downstream.Fault] {
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
