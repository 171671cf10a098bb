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
            The process needs an agent that answers: a Node service that was started with the hook that `pooltop hook node` \
            prints. Without a process it lists what can be attached to. It only looks, unless --allow-changes lets K, t and x \
            act; whatever they change is put back when pooltop leaves. With --format, --duration, --check or --output it \
            prints a report instead of showing the screen. Exit status: 0 done, 1 could not be carried out, 3 a check was \
            not met, 64 bad usage.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop attach", "What can be attached to on this machine."),
        Example("pooltop attach 4711 --allow-changes", "The pools of a Node service; K switches its keep-alive."),
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
        if let report = plan.report {
            let run = ObservedRun(
                duration: plan.duration, report: report, begin: { _ in try Attached.begin(plan, target) })
            let status = try blocking { try await run.execute() }
            if status != .done { throw ExitCode(status.rawValue) }
            return
        }
        let end = try AttachScreen(plan: plan, target: target).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }
}
