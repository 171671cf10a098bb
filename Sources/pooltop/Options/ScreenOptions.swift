import ArgumentParser
import PlainDocuments
import SessionConfig
import TerminalUI

/// The look of the terminal interface.
struct ScreenOptions: ParsableArguments {
    @Flag(help: "No colour. The environment variable NO_COLOR says the same.")
    var noColor = false

    @Flag(help: "No character outside of ASCII.")
    var ascii = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("auto, dark, light or mono. Default: auto.", valueName: "NAME"),
        completion: .list(ScreenPlan.Theme.allCases.map(\.rawValue)))
    var theme: String?

    @Flag(help: "Neither read nor keep what was chosen in the screen (F2), nor read themes of your own.")
    var noPreferences = false

    @Flag(help: "y copies nothing: the terminal gets no text for its clipboard (OSC 52).")
    var noClipboard = false

    /// Fills in the settings that have no name in config files.
    func finish(_ plan: inout ScreenPlan) {
        plan.keepsPreferences = !noPreferences
        plan.usesClipboard = !noClipboard
    }

    func fill(_ draft: inout PlanDraft, environment: [String: String]) throws(CommandLineError) {
        // https://no-color.org: any value but the empty one.
        let forbidden = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        if noColor || forbidden { draft.color = Sourced(false, from: .option(noColor ? "--no-color" : "NO_COLOR")) }
        if ascii { draft.ascii = Sourced(true, from: .option("--ascii")) }
        draft.theme = try read(theme, "--theme", ThemeText.parse)
    }
}
