import ArgumentParser
import Reporting
import SessionConfig
import Sessions
import TerminalUI

struct AttachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "attach",
        abstract: "Show the connection pools inside another process, exactly, and switch keep-alive in it.",
        discussion: """
            The process is a Node service: pooltop puts its hook in while it runs, after asking, or it was started with the \
            hook that `pooltop hook node` prints; or it is a Swift service that serves its monitor. The URL of metrics that a \
            process publishes shows what those tell. Without a process it lists what can be attached to. It only looks, unless --allow-changes lets K, t and x \
            act; whatever they change is put back when pooltop leaves. With --format, --duration, --check or --output it \
            prints a report instead of showing the screen. Exit status: 0 done, 1 could not be carried out, 3 a check was \
            not met, 64 bad usage.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop attach", "What can be attached to on this machine."),
        Example("pooltop attach 4711 --allow-changes", "The pools of a Node service; K switches its keep-alive."),
        Example(
            "pooltop attach http://127.0.0.1:9464/metrics --pid 4711",
            "What a service publishes of its pools, and what the kernel adds."),
        Example(
            "pooltop attach 4711 --check 'reuse > 0.9' --duration 30s",
            "Does the service reuse its connections? Status 3 where it does not."),
    ]

    @OptionGroup var options: AttachOptions

    mutating func run() throws {
        let plan = try options.plan()
        guard let target = plan.target else {
            return try StandardStreams.writeOutput(Attached.list())
        }
        let begin: @Sendable () throws -> any Observed = {
            if case .metrics(let url) = target { return try Scraped.begin(plan, url) }
            return try Attached.begin(plan, target)
        }
        if let report = plan.report {
            let run = ObservedRun(duration: plan.duration, report: report, begin: { _ in try begin() })
            let status = try blocking { try await run.execute() }
            if status != .done { throw ExitCode(status.rawValue) }
            return
        }
        let end = try AttachScreen(plan: plan, observed: try begin()).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }
}
