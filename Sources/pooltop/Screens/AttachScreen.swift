import Attach
import Dashboard
import PlainDocuments
import PoolModel
import SessionConfig
import Sessions
import TerminalUI

/// The terminal interface for an agent in another process.
struct AttachScreen {
    let plan: AttachPlan
    let target: AttachPlan.Target

    func show() throws -> ScreenEnd {
        // A wrong process is told of before the screen comes up.
        let attached = try Attached.begin(plan, target)
        do {
            let first = try blocking { try await attached.service.snapshot(socketsFor: []) }
            let opened = try OpenScreen(
                plan.screen, instead: "`pooltop attach --format text|json|ndjson` needs no terminal")
            defer { opened.terminal.close() }
            let files = try attached.files(interval: ReportPlan().interval) { [slot = opened.slot] in
                slot.post(notice: $0.message)
            }
            let timers = attached.changes { [slot = opened.slot] in slot.post(notice: $0) }
            defer { for timer in timers { timer.cancel() } }
            var model = Dashboard.Model(configuration: configuration(opened, attached))
            return try LiveScreen(source: attached.service, opened: opened, files: files).show(
                &model, first: first, perform: { perform($0, attached.service, opened) })
        } catch {
            try blocking { try await attached.service.shutdown() }
            throw error
        }
    }

    private func configuration(_ opened: OpenScreen, _ attached: Attached) -> Dashboard.Configuration {
        var configuration = opened.configuration
        configuration.source = "attach"
        configuration.capabilities = Capabilities(
            control: plan.mayChange ? nil : "pooltop attach --allow-changes may change the agent",
            load: "the requests are the process's own", faults: "only bundled downstreams take faults")
        return configuration
    }

    private func perform(_ effect: UIEffect, _ service: AttachService, _ opened: OpenScreen) -> String? {
        switch effect {
        case .agent(let command): return perform(command, service, opened)
        case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
        case .watch(let pid): Task { await service.choose(pid: pid) }
        case .setMouse, .redraw, .suspend, .quit, .play, .setTheme, .copy, .showNames: break
        }
        return nil
    }

    private func perform(_ command: AgentCommand, _ service: AttachService, _ opened: OpenScreen) -> String? {
        switch command {
        case .setKeepAlive(let isOn, let host):
            change(opened) { try await service.set("keepAlive", to: .bool(isOn), host: host) }
        case .closeIdle(let host): change(opened) { try await service.closeIdle(host: host) }
        case .resetCounters: break
        case .setDNSCache, .flushDNS: return "not possible: the process has no DNS cache of pooltop's"
        case .changeLoad, .inject, .changeSetting: return "not possible in another process"
        }
        return nil
    }

    /// The agent's own words say what came of it, in the line at the bottom.
    private func change(_ opened: OpenScreen, _ act: @escaping @Sendable () async throws -> [String]) {
        Task { [slot = opened.slot] in
            do {
                if let effects = try await act().first { slot.post(notice: effects) }
            } catch {
                slot.post(notice: "\(error)")
            }
        }
    }
}
