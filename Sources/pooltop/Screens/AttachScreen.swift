import Attach
import Dashboard
import PlainDocuments
import PoolModel
import Recordings
import SessionConfig
import Sessions
import TerminalUI

/// The terminal interface for an agent in another process, or for the metrics that one publishes.
struct AttachScreen {
    let plan: AttachPlan
    let observed: any Observed

    /// Where settings can be changed; nil: metrics can only be read.
    private var attached: Attached? { observed as? Attached }

    func show() throws -> ScreenEnd {
        let (opened, files, first) = try opening()
        defer { opened.terminal.close() }
        let timers = observed.changes { [slot = opened.slot] in slot.post(notice: $0) }
        defer { for timer in timers { timer.cancel() } }
        var model = Dashboard.Model(configuration: configuration(opened, first))
        return try LiveScreen(source: observed.snapshots, opened: opened, files: files).show(
            &model, first: first, perform: { perform($0, opened) })
    }

    /// - Throws: why there is no screen, or no file, or no first snapshot; the process is left then.
    private func opening() throws -> (OpenScreen, SessionFiles, first: AgentSnapshot) {
        let source = observed.snapshots
        do {
            let first = try blocking { try await source.snapshot(socketsFor: []) }
            let opened = try OpenScreen(
                plan.screen, instead: "`pooltop attach --format text|json|ndjson` needs no terminal")
            do {
                let files = try observed.files(interval: ReportPlan().interval) { [slot = opened.slot] in
                    slot.post(notice: $0.message)
                }
                return (opened, files, first)
            } catch {
                opened.terminal.close()
                throw error
            }
        } catch {
            try blocking { try await source.shutdown() }
            throw error
        }
    }

    private func configuration(_ opened: OpenScreen, _ first: AgentSnapshot) -> Dashboard.Configuration {
        var configuration = opened.configuration
        configuration.source = "attach"
        if plan.mayChange, let attached { configuration.settings = SettingCatalog(attached, first) }
        let control =
            attached == nil
            ? "metrics can only be read" : plan.mayChange ? nil : "pooltop attach --allow-changes may change the agent"
        configuration.capabilities = Capabilities(
            control: control, load: "the requests are the process's own",
            faults: "only bundled downstreams take faults")
        return configuration
    }

    private func perform(_ effect: UIEffect, _ opened: OpenScreen) -> String? {
        switch effect {
        case .agent(let command): return attached.flatMap { perform(command, $0, opened) }
        case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
        case .watch(let pid): if let service = attached?.service { Task { await service.choose(pid: pid) } }
        case .setMouse, .redraw, .suspend, .quit, .play, .setTheme, .copy, .showNames, .open: break
        }
        return nil
    }

    private func perform(_ command: AgentCommand, _ attached: Attached, _ opened: OpenScreen) -> String? {
        let service = attached.service
        switch command {
        case .setKeepAlive(let isOn, let host):
            change(opened) { try await service.set("keepAlive", to: .bool(isOn), host: host) }
        case .closeIdle(let host): change(opened) { try await service.closeIdle(host: host) }
        case .resetCounters: break
        case .setDNSCache, .flushDNS: return "not possible: the process has no DNS cache of pooltop's"
        case .changeSetting(let wish): return set(wish, attached, opened)
        case .changeLoad, .inject: return "not possible in another process"
        }
        return nil
    }

    /// The screen has had it checked, so a problem here is one of ours.
    private func set(_ wish: SettingChangeWish, _ attached: Attached, _ opened: OpenScreen) -> String? {
        do throws(TextProblem) {
            let change = try SettingChange.parse("\(wish.name)=\(wish.to)")
            guard case .set(let setting, let value) = change else { return "\(wish.name): not possible" }
            let service = attached.service
            self.change(opened) { try await service.set(setting.name, to: value.attachValue, host: wish.host) }
            return nil
        } catch {
            return "\(wish.name): \(error.problem)"
        }
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
