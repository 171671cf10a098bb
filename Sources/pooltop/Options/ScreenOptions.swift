import SessionConfig

/// The look of the terminal interface.
enum ScreenSection: OptionSection {
    static var options: [CommandOption] { OptionSections.screen }
}

extension SectionOptions<ScreenSection> {
    func fill(_ draft: inout PlanDraft, environment: [String: String]) throws(CommandLineError) {
        try fill(&draft)
        // https://no-color.org: any value but the empty one.
        guard draft.color == nil, environment["NO_COLOR"].map({ !$0.isEmpty }) ?? false else { return }
        draft.color = Sourced(false, from: .option("NO_COLOR"))
    }
}
