import ArgumentParser
import PlainDocuments
import Recordings
import Reporting
import SessionConfig

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "merge",
        abstract: "Add up recordings of several programs, as if one had done it all.",
        discussion: """
            Prints one report of what the programs measured together: counts are added, hosts of one name are one, quantiles \
            are of all durations. Times are put side by side by the clocks of the machines. The report says which parts of \
            the load are missing or doubled and which settings differ. Exit status as for pooltop run.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop merge 1.rec 2.rec 3.rec 4.rec", "The report of four programs that sent one load together."),
        Example(
            "pooltop merge 1.rec 2.rec --check 'p99 < 250ms' --record all.rec",
            "Status 3 where the sum does not meet it; and a recording for replay."),
    ]

    @Argument(help: ArgumentHelp("Recordings.", valueName: "FILE"), completion: .file())
    var files: [String]

    @OptionGroup var checks: SectionOptions<CheckSection>
    @OptionGroup(title: "Files") var written: MergeFilesOptions
    @OptionGroup(title: "Report") var report: ReportOptions

    mutating func run() throws {
        let reportPlan = try report.plan()
        let plan = try written.plan()
        var draft = PlanDraft()
        try checks.fill(&draft)
        try PlanLimits.check(draft.checks.map(\.source), PlanLimits.checks, "checks")
        try MergedFiles(files, output: reportPlan.outputFile, plan).check()
        var recording = try RecordingMerge(files: files).recording()
        try recording.add(draft.checks)
        try RecordingCopy(recording: recording, interval: reportPlan.interval).write(plan)
        let status = try ReplayReport(recording: recording, report: reportPlan, position: nil).write()
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
