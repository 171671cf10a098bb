import Dashboard
import Recordings
import Reporting
import SessionConfig
import TerminalUI

/// The terminal interface over a recording: the same screens, with the keys of a player.
struct ReplayScreen {
    let player: Player
    /// The name of its file.
    let name: String
    let screen: ScreenPlan

    func show() throws(CommandLineError) -> ScreenEnd {
        let terminal = try openTerminal()
        defer { terminal.close() }
        let slot = SnapshotSlot()
        let playing = PlayerTask()
        let loop = UILoop<Dashboard.Model>(perform: { effect in
            switch effect {
            case .play(let act): playing.perform(act)
            case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
            case .agent: return "not possible: this is a recording"
            case .setMouse, .redraw, .suspend, .quit: break
            }
            return nil
        })
        var model = Dashboard.Model(configuration: configuration(isUTF8: terminal.isUTF8))
        playing.start(player, slot: slot)
        defer { playing.stop() }
        return loop.run(model: &model, session: terminal, slot: slot)
    }

    private func openTerminal() throws(CommandLineError) -> TerminalSession {
        do throws(TerminalError) {
            return try TerminalSession(options: TerminalOptions(screen))
        } catch {
            let instead = "`pooltop replay --format text|json|ndjson FILE` needs no terminal"
            throw CommandLineError(.cannotRun, error.message(instead: instead))
        }
    }

    private func configuration(isUTF8: Bool) -> Dashboard.Configuration {
        var configuration = Dashboard.Configuration(screen: screen, isUTF8: isUTF8)
        configuration.source = "replay of \(name)"
        configuration.isInsecure = player.recording.header.run.tlsWeakness.isInsecure
        configuration.oldTLS = player.recording.header.run.tlsWeakness.oldVersion
        configuration.isReplay = true
        configuration.capabilities = .replay
        return configuration
    }
}
