import ArgumentParser
import SessionConfig
import Sessions
import TerminalUI

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "watch",
        abstract: "Show the connections of any process as it runs, from outside.",
        discussion: """
            Reads what the kernel knows of TCP connections. It needs no privileges, sends nothing to anybody and changes \
            nothing. Without a process it lists those that connect to somewhere; enter opens one, esc goes back. Figures \
            that cannot be seen from outside are a dash, estimates begin with ~. With --format, --duration, --check or \
            --output it prints a report instead of showing the screen; ^C ends it early and still prints it. Exit status: \
            0 done, 1 could not be carried out, 3 a check was not met, 64 bad usage.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop watch", "Which processes open connections, and to where."),
        Example("pooltop watch node", "Your Node service: all its processes as one."),
        Example(
            "pooltop watch node --check 'newConnections/s < 5' --duration 30s",
            "A service that keeps its connections; status 3 where it does not."),
        Example(
            "pooltop watch 4711 --name api.internal:443 --record monday.rec",
            "One process, with a name for a host, kept for replay."),
    ]

    @OptionGroup var options: WatchOptions

    mutating func run() throws {
        let plan = try options.plan()
        if let report = plan.report {
            let run = WatchRun(plan: plan, report: report)
            let status = try blocking { try await run.execute() }
            if status != .done { throw ExitCode(status.rawValue) }
            return
        }
        let end = try WatchScreen(plan: plan).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }
}
