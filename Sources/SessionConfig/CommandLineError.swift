package import PlainDocuments

/// How a command of pooltop ends. The numbers are a contract; 64 and 78 are those of sysexits.h.
package enum CommandStatus: Int32, Sendable, Equatable {
    /// Done.
    case done = 0
    /// The run could not be carried out. A target that is down is a result, not this.
    case cannotRun = 1
    /// A check was not met.
    case checkNotMet = 3
    /// Bad usage of the command line.
    case usage = 64
    /// A bad config file.
    case config = 78
    /// The reader of standard output has gone (`| head`). The status is that of a program which SIGPIPE ends, and nothing
    /// is printed, as with other programs in a pipe.
    case readerGone = 141
}

/// The sentence that ends a command, with the exit status that goes with it.
package struct CommandLineError: Error, Equatable, CustomStringConvertible {
    package var status: CommandStatus
    /// One line without `pooltop:` in front and without a full stop.
    package var message: String
    /// Further lines of the same kind: the other faults of a config file.
    package var others: [String] = []

    package init(_ status: CommandStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    package var description: String { ([message] + others).joined(separator: "; ") }
}

/// Where a value was written, so that whatever is found wrong with it later can still name the place.
package enum Source: Sendable, Equatable {
    /// An option of the command line, by the name in the help text (`--rate`).
    case option(String)
    /// A field of a config file.
    case field(file: String, line: Int, path: String)

    /// Names the place in a sentence.
    package var name: String {
        switch self {
        case .option(let name): name
        case .field(_, _, let path): path
        }
    }

    package func error(_ problem: TextProblem) -> CommandLineError {
        let text = problem.problem + (problem.allowed.map { "; allowed: \($0)" } ?? "")
        switch self {
        case .option(let name): return CommandLineError(.usage, "\(name): \(text)")
        case .field(let file, let line, let path):
            return CommandLineError(.config, "\(file):\(line): \(path): \(text)")
        }
    }

    package func error(_ problem: String, allowed: String? = nil) -> CommandLineError {
        error(TextProblem(problem, allowed: allowed))
    }

    /// Runs a text parser, and adds this place to what it finds wrong.
    package func read<Value>(_ parse: () throws(TextProblem) -> Value) throws(CommandLineError) -> Sourced<Value> {
        do { return Sourced(try parse(), from: self) } catch { throw self.error(error) }
    }
}

/// A value and where it was written.
package struct Sourced<Value> {
    package var value: Value
    package var source: Source

    package init(_ value: Value, from source: Source) {
        self.value = value
        self.source = source
    }
}

extension Sourced: Sendable where Value: Sendable {}
extension Sourced: Equatable where Value: Equatable {}
