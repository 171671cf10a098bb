import ArgumentParser
import FoundationEssentials
import PlainDocuments
import Recordings
import SessionConfig
import TerminalUI

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "replay",
        abstract: "Play a session that was recorded with --record.",
        discussion: """
            Shows the screens of the session at the times at which they were; space pauses, , and . go back and forward, \
            ? shows all keys. With --format it prints the report of the session instead, as pooltop run does, and needs no \
            terminal. A recording that is being written, or that was cut short, is played up to its last whole line.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop replay monday.rec", "The screens of that session."),
        Example("pooltop replay monday.rec --at 5m --speed 4", "From the fifth minute, four times as fast."),
        Example("pooltop replay monday.rec --format json", "Its report."),
    ]

    @Argument(help: ArgumentHelp("A recording.", valueName: "FILE"), completion: .file())
    var file: String

    @OptionGroup var options: ReplayOptions
    @OptionGroup(title: "Report") var report: ReportOptions
    @OptionGroup(title: "Screen") var screen: ScreenOptions

    mutating func run() throws {
        let plan = try options.plan()
        let reportPlan = try options.reportPlan(report)
        var draft = PlanDraft()
        let environment = ProcessInfo.processInfo.environment
        try screen.fill(&draft, environment: environment)
        try screen.checkTheme(draft, environment: environment)
        if let reportPlan { return try printReport(plan, reportPlan) }
        let (recording, checkpoints) = try RecordingReading(path: file).read()
        try check(plan, recording)
        let player = Player(recording, checkpoints: checkpoints, position: plan.position ?? 0, speed: plan.speed)
        let name = file.split(separator: "/").last.map(String.init) ?? file
        var look = ScreenPlan(draft)
        screen.finish(&look)
        let end = try ReplayScreen(player: player, name: name, screen: look).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }

    private func printReport(_ plan: ReplayPlan, _ reportPlan: ReportPlan) throws {
        let recording = try Recording(path: file)
        try check(plan, recording)
        let status = try ReplayReport(recording: recording, report: reportPlan, position: plan.position).write()
        if status != .done { throw ExitCode(status.rawValue) }
    }

    private func check(_ plan: ReplayPlan, _ recording: Recording) throws(CommandLineError) {
        guard let position = plan.position, position > recording.length else { return }
        let length = NumberFormat.duration(recording.length)
        throw Source.option("--at").error("the recording ends after \(length)")
    }
}
