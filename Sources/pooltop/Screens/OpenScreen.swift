import Dashboard
import PlainDocuments
import SessionConfig
import TerminalUI

/// A terminal that is ready for the screen, with what the person chose the last time, and the slot that news come through.
struct OpenScreen {
    let plan: ScreenPlan
    let kept: KeptPreferences
    let terminal: TerminalSession
    let slot = SnapshotSlot()

    /// - Parameters:
    ///   - plan: the look.
    ///   - instead: what needs no terminal, for the error message; nil: `pooltop run` does.
    /// - Throws: why there is no screen.
    init(_ plan: ScreenPlan, instead: String? = nil) throws(CommandLineError) {
        self.plan = plan
        kept = KeptPreferences.load(plan)
        do throws(TerminalError) {
            terminal = try TerminalSession(options: TerminalOptions(plan, kept))
        } catch {
            throw CommandLineError(.cannotRun, instead.map { error.message(instead: $0) } ?? error.description)
        }
    }

    /// The part of the configuration that every screen has.
    var configuration: Dashboard.Configuration {
        Dashboard.Configuration(screen: plan, kept, isUTF8: terminal.isUTF8)
    }

    /// Shows the model until the person leaves. The terminal is restored then, so that nobody waits at a dead screen for
    /// what comes afterwards.
    func show(_ model: inout Dashboard.Model, _ loop: UILoop<Dashboard.Model>) -> ScreenEnd {
        kept.tell(slot)
        let end = loop.run(model: &model, session: terminal, slot: slot)
        terminal.close()
        kept.save(model.preferences)
        return end
    }
}

extension Dashboard.Configuration {
    /// The part of the configuration that every screen takes from the command line and the terminal.
    init(screen: ScreenPlan, _ kept: KeptPreferences, isUTF8: Bool) {
        self.init()
        version = ProductVersion.current
        glyphs = screen.ascii || !isUTF8 ? .ascii : nil
        isASCIIForced = !isUTF8
        theme = kept.theme(screen)
        themes += kept.themes.keys.sorted()
        preferences = kept.preferences
        preferencesAt = kept.path
        clipboardOff = screen.usesClipboard ? nil : "--no-clipboard"
    }
}

extension TerminalOptions {
    init(_ screen: ScreenPlan, _ kept: KeptPreferences) {
        self.init(noColor: !screen.color)
        mouse = kept.preferences.mouse ?? true
        userThemes = kept.themes
        let name = kept.theme(screen)
        theme = ThemeChoice(rawValue: name) ?? .auto
        userTheme = kept.themes[name] == nil ? nil : name
    }
}
