import AgentCore
import ArgumentParser
import PlainDocuments
import PoolModel
import SessionConfig

/// The output and exit status of a command that did not run to its end.
///
/// A request for help or the version ends up here too, with status 0 and its text for standard output.
struct CommandFailure: Equatable {
    var status: Int32
    var standardOutput = ""
    /// One line beginning with `pooltop:`; for bad usage it ends with where help is. A bad config file has one for each fault.
    var standardError = ""

    static func of(
        _ error: any Error, root: any ParsableCommand.Type, arguments: [String]
    ) -> CommandFailure {
        if let error = error as? CommandLineError {
            return of(error.status, [error.message] + error.others, command: command(in: arguments, of: root))
        }
        let code = root.exitCode(for: error)
        if code == .success {
            return CommandFailure(status: code.rawValue, standardOutput: root.fullMessage(for: error) + "\n")
        }
        if let exit = error as? ExitCode { return CommandFailure(status: exit.rawValue) }
        var message = usageMessage(root.message(for: error))
        // An option of another command is not a slip of the pen for one of this command.
        if message.hasPrefix(ShareOptions.unknown) { message = ShareOptions.unknown + ": only pooltop run has it" }
        if code == .validationFailure {
            return of(.usage, [message], command: command(in: arguments, of: root))
        }
        return of(.cannotRun, [message], command: "")
    }

    private static func of(_ status: CommandStatus, _ messages: [String], command: String) -> CommandFailure {
        if status == .readerGone { return CommandFailure(status: status.rawValue) }
        let help = status == .usage ? " (see \(command) --help)" : ""
        let lines = messages.map { "pooltop: \(PlainText.clean(Redaction.text($0), limit: 1000))\(help)\n" }
        return CommandFailure(status: status.rawValue, standardError: lines.joined())
    }

    /// `pooltop run`, or `pooltop` where no command was named.
    private static func command(in arguments: [String], of root: any ParsableCommand.Type) -> String {
        let names = root.configuration.subcommands.compactMap { type in type.configuration.commandName }
        guard let first = arguments.first, names.contains(first) else { return "pooltop" }
        return "pooltop \(first)"
    }

    /// ArgumentParser's sentences in one line and in our manner: no capital, no full stop.
    static func usageMessage(_ message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline).map { String($0).trimmed }
        var text = lines.joined(separator: " ")
        if text.hasSuffix(".") { text.removeLast() }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
