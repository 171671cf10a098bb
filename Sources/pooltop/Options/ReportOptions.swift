import ArgumentParser
import PlainDocuments
import SessionConfig

/// The options of commands that print a report.
struct ReportOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "text for people, json for one object, ndjson for a line per interval and the object last.",
                default: ReportPlan().format.rawValue),
            valueName: "F"), completion: .list(ReportFormat.allCases.map(\.rawValue)))
    var format: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Time between two lines of ndjson and two updates of progress.",
                default: HelpText.duration(ReportPlan().interval)),
            valueName: "D"))
    var interval: String?

    @OptionGroup var destination: DestinationOptions

    static let shortestInterval = Duration.milliseconds(10)

    func plan() throws(CommandLineError) -> ReportPlan {
        var plan = ReportPlan()
        plan.format = try read(format, "--format", FormatText.parse)?.value ?? .text
        if let interval = try read(interval, "--interval", DurationText.parse) {
            guard interval.value >= Self.shortestInterval else {
                throw interval.source.error("must be at least \(DurationText.format(Self.shortestInterval))")
            }
            plan.interval = interval.value
        }
        plan.outputFile = try destination.file()
        plan.isQuiet = destination.quiet
        return plan
    }
}

/// Where a report goes, and what is said beside it.
struct DestinationOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Write the report to this file instead of standard output; it appears when it is complete.",
            valueName: "FILE"), completion: .file())
    var output: String?

    @Flag(help: "No progress on standard error.")
    var quiet = false

    /// nil: standard output.
    func file() throws(CommandLineError) -> String? {
        if let output, output.isEmpty { throw Source.option("--output").error("is empty") }
        return output == "-" ? nil : output
    }
}

/// Names of report formats.
enum FormatText {
    /// For commands that support two formats, with `text` as the default.
    static func isJSON(_ format: String?) throws(CommandLineError) -> Bool {
        guard let format, format != "text" else { return false }
        guard format == "json" else {
            throw Source.option("--format").error("unknown format '\(format)'", allowed: "text, json")
        }
        return true
    }

    static func parse(_ text: String) throws(TextProblem) -> ReportFormat {
        if let format = ReportFormat(rawValue: text) { return format }
        throw TextProblem(
            "unknown format '\(text)'", allowed: ReportFormat.allCases.map(\.rawValue).joined(separator: ", "))
    }
}
