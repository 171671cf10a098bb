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
        let kept = KeptPreferences.load(screen)
        let terminal = try openTerminal(kept)
        defer { terminal.close() }
        let slot = SnapshotSlot()
        let playing = PlayerTask()
        let loop = UILoop<Dashboard.Model>(perform: { effect in
            switch effect {
            case .play(let act): playing.perform(act)
            case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
            case .agent: return "not possible: this is a recording"
            case .setMouse, .redraw, .suspend, .quit, .setTheme, .copy, .watch: break
            }
            return nil
        })
        var model = Dashboard.Model(configuration: configuration(kept, isUTF8: terminal.isUTF8))
        playing.start(player, slot: slot)
        defer { playing.stop() }
        kept.tell(slot)
        let end = loop.run(model: &model, session: terminal, slot: slot)
        terminal.close()
        kept.save(model.preferences)
        return end
    }

    private func openTerminal(_ kept: KeptPreferences) throws(CommandLineError) -> TerminalSession {
        do throws(TerminalError) {
            return try TerminalSession(options: TerminalOptions(screen, kept))
        } catch {
            let instead = "`pooltop replay --format text|json|ndjson FILE` needs no terminal"
            throw CommandLineError(.cannotRun, error.message(instead: instead))
        }
    }

    private func configuration(_ kept: KeptPreferences, isUTF8: Bool) -> Dashboard.Configuration {
        var configuration = Dashboard.Configuration(screen: screen, kept, isUTF8: isUTF8)
        configuration.source = "replay of \(name)"
        configuration.isInsecure = player.recording.header.run.tlsWeakness.isInsecure
        configuration.oldTLS = player.recording.header.run.tlsWeakness.oldVersion
        configuration.isReplay = true
        configuration.capabilities = .replay
        return configuration
    }
}
