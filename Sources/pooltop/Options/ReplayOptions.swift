import ArgumentParser
import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// How a recording is played.
struct ReplayPlan: Sendable, Equatable {
    /// As many times as fast as it happened.
    var speed = 1.0
    /// Where to begin, in seconds from its beginning; nil: at the beginning, and a report where measuring began.
    var position: Double?
}

/// The options of `pooltop replay` besides those of reports and the screen.
struct ReplayOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Play so many times as fast as it happened, 0.1 to 100.", default: HelpText.number(ReplayPlan().speed)),
            valueName: "N"))
    var speed: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Begin at this time from the recording's beginning, as in 1m30s.", valueName: "TIME"))
    var at: String?

    private static let speeds = 0.1...100

    func plan() throws(CommandLineError) -> ReplayPlan {
        var plan = ReplayPlan()
        if let speed = try read(speed, "--speed", Self.parseSpeed) { plan.speed = speed.value }
        plan.position = try read(at, "--at", DurationText.parse)?.value.asSeconds
        return plan
    }

    /// nil: the screen is wanted.
    func reportPlan(_ report: ReportOptions) throws(CommandLineError) -> ReportPlan? {
        let plan = try report.plan()
        guard report.format == nil else {
            if speed != nil { throw Source.option("--speed").error("has no meaning for a report") }
            return plan
        }
        for (option, isGiven) in [
            ("--interval", report.interval != nil), ("--output", report.destination.output != nil),
            ("--quiet", report.destination.quiet),
        ] where isGiven {
            throw Source.option(option).error("is for a report: say which with --format", allowed: "text, json, ndjson")
        }
        return nil
    }

    private static func parseSpeed(_ text: String) throws(TextProblem) -> Double {
        var rest = text[...]
        guard let number = DecimalText.take(from: &rest), rest.isEmpty || rest == "x", speeds.contains(number.asDouble)
        else { throw TextProblem("'\(text)' is not a speed", allowed: "0.1 to 100") }
        return number.asDouble
    }
}
