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
        let kept = KeptPreferences.load(screen)
        let terminal = try openTerminal(kept)
        defer { terminal.close() }
        let slot = SnapshotSlot()
        let playing = PlayerTask()
        let loop = UILoop<Dashboard.Model>(perform: { effect in
            switch effect {
            case .play(let act): playing.perform(act)
            case .save(let text, let snapshot): return SavedPicture.save(text, snapshot)
            case .setKeepAlive, .setDNSCache, .flushDNS, .changeLoad, .closeIdle, .inject, .resetCounters, .setMouse,
                .redraw, .suspend, .quit, .setTheme, .copy, .changeSetting:
                break
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
