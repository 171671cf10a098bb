import Dashboard
import FleetCore
import PoolModel
import SessionConfig
import Sessions
import TerminalUI

/// The terminal interface for a fleet: a list of instances, and the views of the one that is opened. A Prometheus that does
/// not answer is shown as that, and asked again.
struct FleetScreen {
    let plan: FleetPlan

    func show() throws -> ScreenEnd {
        let source = try FleetSource(plan)
        // A selector that is none, or a certificate that is not there, is told of before the screen comes up.
        let machine = try source.machine()
        let opened: OpenScreen
        do {
            opened = try OpenScreen(
                plan.screen, instead: "`pooltop fleet --format text|json|ndjson` needs no terminal")
        } catch {
            try blocking { await source.shutdown() }
            throw error
        }
        defer { opened.terminal.close() }
        let watch = FleetWatch(source, slot: opened.slot)
        var model = Dashboard.Model(configuration: configuration(opened))
        let rounds = Task { await watch.run(machine) }
        let end = opened.show(&model, UILoop<Dashboard.Model> { perform($0, watch) })
        rounds.cancel()
        _ = try blocking(atMost: .seconds(2)) { await source.shutdown() }
        return end
    }

    private func configuration(_ opened: OpenScreen) -> Dashboard.Configuration {
        var configuration = opened.configuration
        configuration.source = plan.url.authority
        configuration.isFleet = true
        configuration.capabilities = .fleet
        // The charts are full at once, so they begin with more than a minute.
        configuration.windowMinutes = 15
        return configuration
    }

    private func perform(_ effect: UIEffect, _ watch: FleetWatch) -> String? {
        switch effect {
        case .open(let instance): Task { await watch.open(instance) }
        case .agent: return "not possible: a fleet can only be looked at"
        case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
        case .setMouse, .redraw, .suspend, .quit, .play, .setTheme, .copy, .watch, .showNames: break
        }
        return nil
    }
}
