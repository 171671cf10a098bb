import Dashboard
import Recordings
import Reporting
import SessionConfig
import TerminalUI

/// The terminal interface for a recording: the same views, with the keys of a player.
struct ReplayScreen {
    let player: Player
    /// The name of the recording's file.
    let name: String
    let screen: ScreenPlan

    func show() throws(CommandLineError) -> ScreenEnd {
        let opened = try OpenScreen(
            screen, instead: "`pooltop replay --format text|json|ndjson FILE` needs no terminal")
        defer { opened.terminal.close() }
        let playing = PlayerTask()
        let loop = UILoop<Dashboard.Model>(perform: { effect in
            switch effect {
            case .play(let act): playing.perform(act)
            case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
            case .agent: return "not possible: this is a recording"
            case .setMouse, .redraw, .suspend, .quit, .setTheme, .copy, .watch, .showNames, .open: break
            }
            return nil
        })
        var model = Dashboard.Model(configuration: configuration(opened))
        playing.start(player, slot: opened.slot)
        defer { playing.stop() }
        return opened.show(&model, loop)
    }

    private func configuration(_ opened: OpenScreen) -> Dashboard.Configuration {
        var configuration = opened.configuration
        configuration.source = "replay of \(name)"
        configuration.isInsecure = player.recording.header.run.tlsWeakness.isInsecure
        configuration.oldTLS = player.recording.header.run.tlsWeakness.oldVersion
        configuration.isReplay = true
        configuration.capabilities = .replay
        return configuration
    }
}
