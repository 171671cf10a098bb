import ArgumentParser
import FoundationEssentials
import PlainDocuments
import SessionConfig

/// All options of `pooltop attach`.
struct AttachOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            The process whose agent to attach to, by its id, or the agent's socket. Default: what can be attached to is \
            listed.
            """, valueName: "PID|SOCKET"))
    var target: String?

    @Flag(
        help: """
            Let K, t and x change the agent's settings. Whatever was changed is put back when pooltop leaves, however it \
            leaves.
            """)
    var allowChanges = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            HelpText.text(
                "Print a report after this time.",
                default: "\(HelpText.duration(LoadPlan.headlessDuration)) for a report, until you quit for the screen"),
            valueName: "D"))
    var duration: String?

    @OptionGroup var checks: SectionOptions<CheckSection>
    @OptionGroup(title: "Report") var report: ReportOptions
    @OptionGroup var recording: RecordingOptions
    @OptionGroup(title: "Screen") var screen: ScreenOptions

    func plan(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandLineError) -> AttachPlan {
        var plan = AttachPlan()
        plan.target = try read(target, "PID|SOCKET", Self.target)?.value
        plan.mayChange = allowChanges
        var draft = PlanDraft()
        try checks.fill(&draft)
        try screen.fill(&draft, environment: environment)
        try screen.checkTheme(draft, environment: environment)
        plan.checks = draft.checks.map(\.value)
        if let duration = try read(duration, "--duration", DurationText.parse) {
            guard duration.value > .zero else { throw duration.source.error("must be above zero") }
            plan.duration = duration.value
        }
        let asksForReport =
            report.format != nil || report.destination.output != nil || duration != nil || !plan.checks.isEmpty
        if asksForReport {
            plan.report = try report.plan()
            plan.duration = plan.duration ?? LoadPlan.headlessDuration
        }
        plan.screen = ScreenPlan(draft)
        screen.finish(&plan.screen)
        plan.recording = try recording.file()
        return plan
    }

    private static func target(_ text: String) throws(TextProblem) -> AttachPlan.Target {
        guard !text.isEmpty else {
            throw TextProblem("is empty", allowed: "4711, /run/user/1000/pooltop/node-4711.sock")
        }
        if text.contains("/") { return .socket(text) }
        guard let pid = Int(text), pid > 0 else {
            throw TextProblem(
                "'\(text)' is neither a process id nor the path of a socket", allowed: "4711, ./agent.sock")
        }
        return .pid(pid)
    }
}
