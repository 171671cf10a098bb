import ArgumentParser
import PlainDocuments
import SessionConfig
import Wording

/// Where requests go and what they look like.
struct TargetOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Downstreams to send requests to, as with --target. Default: the bundled downstreams.", valueName: "URL"))
    var urls: [String] = []

    @Option(
        name: .customLong("target"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A downstream: http://… or https://…, with NAME= in front to name it. Repeatable.", valueName: "URL"))
    var targets: [String] = []

    @OptionGroup var fleet: SectionOptions<FleetSection>

    @OptionGroup var requests: SectionOptions<RequestsSection>

    private static var commands: [String] {
        PooltopCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    func fill(_ draft: inout PlanDraft) throws(CommandLineError) {
        for url in urls {
            // A command that is mistyped ends up here.
            guard URLText.looksLikeOne(url) else {
                let meant = nearestWord(url, among: Self.commands).map { "; did you mean '\($0)'?" } ?? ""
                throw CommandLineError(.usage, "\(URLText.named(url)) is neither a command nor a URL\(meant)")
            }
            draft.targets.append(try target(url, from: .option("URL")))
        }
        for url in targets { draft.targets.append(try target(url, from: .option("--target"))) }
        try fleet.fill(&draft)
        try requests.fill(&draft)
    }

    private func target(_ text: String, from source: Source) throws(CommandLineError) -> TargetDraft {
        var name: Sourced<String>?
        var url = text[...]
        // `catalog=http://…`; an equals sign further on belongs to the query.
        if let equals = text.firstIndex(of: "="), !text[..<equals].contains("/") {
            name = try source.read { () throws(TextProblem) in try TargetNameText.parse(String(text[..<equals])) }
            url = text[equals...].dropFirst()
        }
        let parsed = try source.read { () throws(TextProblem) in try URLText.parse(String(url)) }
        return TargetDraft(name: name, url: parsed)
    }
}
