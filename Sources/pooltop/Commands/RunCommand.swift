import ArgumentParser
import Reporting
import SessionConfig
import Sessions

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "run",
        abstract: "Run traffic without a screen and print a summary.",
        discussion: """
            Lasts 10s unless --duration, --requests or --plan says otherwise; ^C ends it early and still prints the \
            summary. Exit status: 0 done, 1 could not be carried out, 3 a check was not met, 64 bad usage, 78 bad config.
            """,
        examples: examples)

    static let examples = [
        Example(
            "pooltop run --duration 30s --check 'reuse > 0.95' --format json",
            "A result that a script can read; status 3 where the check is not met."),
        Example("pooltop run http://localhost:8080 --concurrency 64 --requests 100k", "As fast as 64 connections can."),
        Example(
            "pooltop run --at 10s:keepAlive=off --duration 20s --record toggle.rec",
            "Switch HTTP keep-alive off half-way, and keep the session for replay."),
        Example(
            "pooltop run --seed 7 --share 2/4 --record 2.rec",
            "The second of four programs that send one load (see pooltop merge)."),
    ]

    @OptionGroup var common: CommonOptions
    @OptionGroup(title: "Several programs") var share: ShareOptions
    @OptionGroup(title: "Report") var report: ReportOptions

    mutating func run() throws {
        let plan = try common.plan(defaultDuration: LoadPlan.headlessDuration, share: share.part())
        let reportPlan = try report.plan()
        if let text = common.printedConfig(of: plan) { return try StandardStreams.writeOutput(text) }
        let run = HeadlessRun(plan: plan, report: reportPlan)
        let status = try blocking { try await run.execute() }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
