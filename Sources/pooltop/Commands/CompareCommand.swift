import ArgumentParser
import Reporting
import SessionConfig
import Sessions

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "compare",
        abstract: "Compare two settings under the same load: what does HTTP keep-alive save here?",
        discussion: """
            The arms A and B take turns in short windows without a restart, in a random order; each pair of windows gives one \
            ratio, and the figures are those ratios' mean with its 95% interval. Default: HTTP keep-alive and the DNS \
            cache off (A) and on (B), against the bundled downstreams, in about a minute. ^C ends it early and still \
            prints what the pairs so far tell. --check conditions are judged on arm B.
            """,
        examples: examples)

    static let examples = [
        Example(
            "pooltop compare",
            "What HTTP keep-alive and a DNS cache save, in about a minute."),
        Example(
            "pooltop compare --a maxSockets=8 --b maxSockets=32 --concurrency 64",
            "Which of two settings is better, and how sure that is."),
        Example(
            "pooltop compare https://pay.internal/health --rate 200 --report pay.html",
            "The same against a service of your own, with a page to show around."),
        Example(
            "pooltop compare --attach 4711 --allow-changes --duration 60s",
            "What keep-alive saves inside a running Node service, under its traffic."),
    ]

    @OptionGroup(title: "Comparison") var compare: CompareOptions
    @OptionGroup var common: CommonOptions
    @OptionGroup(title: "Report") var report: ReportOptions

    mutating func run() throws {
        let plan = try compare.plan(common: common)
        let reportPlan = try report.plan()
        if let text = common.printedConfig(of: plan.session) { return try StandardStreams.writeOutput(text) }
        let run =
            try plan.attach.map { try CompareRun.attached(plan, $0, reportPlan) }
            ?? CompareRun(plan: plan, report: reportPlan)
        let status = try blocking { try await run.execute() }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
