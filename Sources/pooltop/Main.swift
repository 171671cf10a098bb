import ArgumentParser
import Glibc
import PlainDocuments
import Reporting
import SessionConfig

/// The program. Synchronous, because the main thread is used by the screen.
@main
enum Main {
    static func main() {
        // If the reader has gone (`pooltop run | head`), the write should fail instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        StandardStreams.secure()
        var arguments = Array(CommandLine.arguments.dropFirst())
        // As in curl, ssh and htop; ArgumentParser has only the long name.
        if arguments == ["-V"] { arguments = ["--version"] }
        do {
            var command = try PooltopCommand.parseAsRoot(arguments)
            try command.run()
        } catch {
            let failure = CommandFailure.of(error, root: PooltopCommand.self, arguments: arguments)
            StandardStreams.writeError(failure.standardError)
            do { try StandardStreams.writeOutput(failure.standardOutput) } catch {
                let failure = CommandFailure.of(error, root: PooltopCommand.self, arguments: arguments)
                StandardStreams.writeError(failure.standardError)
                exit(failure.status)
            }
            exit(failure.status)
        }
    }
}

struct PooltopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pooltop",
        abstract: "top for HTTP connection pools: see them, prove what HTTP keep-alive saves, tune the limits.",
        usage: """
            pooltop [<URL> ...] [<options>]
            pooltop <command> [<options>]
            """,
        discussion: CommandConfiguration.text(
            """
            With no target it brings seven downstreams along and sends them 200,000 requests a minute. In the screen, K \
            switches HTTP keep-alive and ? shows all keys.
            """, examples),
        version: ProductVersion.current,
        subcommands: [
            MonitorCommand.self, WatchCommand.self, AttachCommand.self, RunCommand.self, CompareCommand.self,
            ProbeCommand.self,
            DownstreamsCommand.self, ReplayCommand.self, MergeCommand.self,
            HookCommand.self, ExportCommand.self, FleetCommand.self,
        ],
        defaultSubcommand: MonitorCommand.self)

    static let examples = [
        Example("pooltop", "See what HTTP keep-alive does: press K in the screen."),
        Example("pooltop https://pay.internal/health --rate 500/s", "The connections to a service of your own."),
        Example("pooltop watch node", "A service that runs already, seen from outside."),
        Example("pooltop compare", "What HTTP keep-alive and a DNS cache save, in about a minute."),
        Example("pooltop probe https://pay.internal/health", "What a server allows, and what to set in a client."),
    ]
}
