import ArgumentParser
import Glibc
import SessionConfig

/// The options of every command that looks at another process: how long, what to judge, and where the figures go.
struct ObservationOptions: ParsableArguments {
    struct Plan {
        var duration: Duration?
        var checks: [CheckExpression]
        /// nil: the screen is wanted.
        var report: ReportPlan?
        var screen: ScreenPlan
        /// nil: no recording.
        var recording: String?
        /// nil: no metrics are served.
        var metrics: MetricsAddress?
    }

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Print a report after this time.",
                default:
                    "\(HelpText.duration(LoadPlan.headlessDuration)) for a report; with --metrics and on the screen until you stop it"
            ),
            valueName: "D"))
    var duration: String?

    @OptionGroup var checks: SectionOptions<CheckSection>
    @OptionGroup(title: "Report") var report: ReportOptions
    @OptionGroup var recording: RecordingOptions
    @OptionGroup(title: "Screen") var screen: ScreenOptions

    func plan(environment: [String: String]) throws(CommandLineError) -> Plan {
        var draft = PlanDraft()
        try checks.fill(&draft)
        try screen.fill(&draft, environment: environment)
        try screen.checkTheme(draft, environment: environment)
        var plan = Plan(
            duration: try parsedDuration(), checks: draft.checks.map(\.value), screen: ScreenPlan(draft),
            recording: try recording.file())
        plan.metrics = try recording.metricsAddress()
        plan.report = try reportPlan(hasChecks: !plan.checks.isEmpty)
        if plan.metrics == nil {
            if plan.report != nil { plan.duration = plan.duration ?? LoadPlan.headlessDuration }
        } else if plan.report == nil, isatty(STDOUT_FILENO) == 0 {
            // An exporter goes on until it is stopped, or for as long as was asked for.
            plan.report = try report.plan()
        }
        screen.finish(&plan.screen)
        return plan
    }

    private func parsedDuration() throws(CommandLineError) -> Duration? {
        guard let duration = try read(duration, "--duration", DurationText.parse) else { return nil }
        guard duration.value > .zero else { throw duration.source.error("must be above zero") }
        return duration.value
    }

    /// nil: the screen is wanted, because nothing was asked for that only a report has.
    private func reportPlan(hasChecks: Bool) throws(CommandLineError) -> ReportPlan? {
        let plan = try report.plan()
        if report.format != nil || report.destination.output != nil || duration != nil || hasChecks { return plan }
        for (option, isGiven) in [("--interval", report.interval != nil), ("--quiet", report.destination.quiet)]
        where isGiven {
            throw Source.option(option).error("is for a report: say which with --format", allowed: "text, json, ndjson")
        }
        return nil
    }
}
