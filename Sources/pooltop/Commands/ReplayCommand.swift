import ArgumentParser
import Foundation

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a session that was recorded with --record.",
        discussion: """
            Shows the screens of the session at the times at which they were; space pauses, , and . go back and forward, \
            ? shows all keys. With --format it prints the report of the session instead, as pooltop run does, and needs no \
            terminal.
            """)

    @Argument(help: ArgumentHelp("A recording.", valueName: "FILE"), completion: .file())
    var file: String

    @OptionGroup var options: ReplayOptions
    @OptionGroup(title: "Report") var report: ReportOptions
    @OptionGroup(title: "Screen") var screen: ScreenOptions

    mutating func run() throws {
        let plan = try options.plan()
        let reportPlan = try options.reportPlan(report)
        var draft = PlanDraft()
        try screen.fill(&draft, environment: ProcessInfo.processInfo.environment)
        let recording = try Recording(path: file)
        if let position = plan.position, position > recording.length {
            let length = DurationText.format(.milliseconds(Int64(recording.length * 1000)))
            throw Source.option("--at").error("the recording ends at \(length)")
        }
        if let reportPlan {
            let status = try ReplayReport(recording: recording, report: reportPlan, position: plan.position).write()
            if status != .done { throw ExitCode(status.rawValue) }
            return
        }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let end = try ReplayScreen(
            recording: recording, name: name, screen: ScreenPlan(draft), speed: plan.speed,
            position: plan.position ?? 0
        ).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }
}
