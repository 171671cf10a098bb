import ArgumentParser
import SessionConfig
import Sessions
import TerminalUI

struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "fleet",
        abstract: "Show the connection pools of all instances that a Prometheus knows.",
        discussion: """
            Reads the metrics of HTTP connection pools from a Prometheus, or from what answers as it does: those of --metrics, of \
            .NET, reactor-netty, Micrometer, undici, Envoy and HAProxy. The worst instances come first: few requests on used \
            connections, many new ones. One that is gone is said to be gone, and has no figures. On the screen enter opens an \
            instance with its hosts. With --check, --format, --output or --duration it prints a report instead; a --check has \
            to be met by every instance. Exit status: 0 done, 1 could not be carried out, 3 a check was not met, 64 bad usage.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop fleet http://prometheus.internal:9090", "Every instance, the worst first."),
        Example(
            "pooltop fleet http://127.0.0.1:9090 --check 'reuse > 0.9'",
            "Does every instance reuse its connections? Status 3 where one does not."),
        Example(
            "pooltop fleet http://127.0.0.1:9090 --by zone --format json",
            "The same by zone, for another program."),
    ]

    @OptionGroup var options: FleetOptions

    mutating func run() throws {
        let plan = try options.plan()
        if plan.showsScreen {
            let end = try FleetScreen(plan: plan).show()
            if end.exitCode != 0 { throw ExitCode(end.exitCode) }
            return
        }
        let run = FleetRun(plan: plan)
        let status = try blocking { try await run.execute() }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
