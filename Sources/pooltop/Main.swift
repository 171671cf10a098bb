import ArgumentParser
import Foundation
import PlainDocuments
import Reporting
import SessionConfig

/// The program. Synchronous: the main thread belongs to the screen.
@main
enum Main {
    static func main() {
        // A reader that went away (`pooltop run | head`) is an error of the write, not the end of the process.
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
                StandardStreams.writeError("pooltop: \(error.message)\n")
                exit(CommandStatus.cannotRun.rawValue)
            }
            exit(failure.status)
        }
    }
}

struct PooltopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pooltop",
        abstract: "top for HTTP connection pools: see them, prove what HTTP keep-alive saves, tune the limits.",
        discussion: """
            With no target it brings seven downstreams along and sends them 200,000 requests a minute. In the screen, K \
            switches HTTP keep-alive and ? shows all keys.
            """,
        version: ProductVersion.current,
        subcommands: [
            MonitorCommand.self, RunCommand.self, CompareCommand.self, ProbeCommand.self, DownstreamsCommand.self,
            ReplayCommand.self,
        ],
        defaultSubcommand: MonitorCommand.self)
}
