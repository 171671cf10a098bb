import ArgumentParser
import SessionConfig

/// The look of the terminal interface.
enum ScreenSection: OptionSection {
    static var options: [CommandOption] { OptionSections.screen }
}

/// The same with what has no key in config files.
struct ScreenOptions: ParsableArguments {
    @OptionGroup var look: SectionOptions<ScreenSection>

    @Flag(help: "Neither read nor keep what was chosen in the screen (F2), nor read themes of your own.")
    var noPreferences = false

    @Flag(help: "y copies nothing: the terminal gets no text for its clipboard (OSC 52).")
    var noClipboard = false

    /// Fills in the settings that have no name in config files.
    func finish(_ plan: inout ScreenPlan) {
        plan.keepsPreferences = !noPreferences
        plan.usesClipboard = !noClipboard
    }

    /// - Throws: a theme of the person's own is asked for that is not there, or that has a fault.
    func checkTheme(_ draft: PlanDraft, environment: [String: String]) throws(CommandLineError) {
        guard let theme = draft.theme, !theme.value.isBuiltIn else { return }
        var plan = ScreenPlan(draft)
        finish(&plan)
        try KeptPreferences.load(plan) { environment[$0] }.check(theme)
    }

    func fill(_ draft: inout PlanDraft, environment: [String: String]) throws(CommandLineError) {
        try look.fill(&draft)
        // https://no-color.org: any value but the empty one.
        guard draft.color == nil, environment["NO_COLOR"].map({ !$0.isEmpty }) ?? false else { return }
        draft.color = Sourced(false, from: .option("NO_COLOR"))
    }
}
