/// How a command of pooltop ends. The numbers are a contract; 64 and 78 are those of sysexits.h.
enum CommandStatus: Int32, Sendable, Equatable {
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
}

/// One sentence that ends a command, with the exit status that goes with it.
struct CommandLineError: Error, Equatable, CustomStringConvertible {
    var status: CommandStatus
    /// One line without `pooltop:` in front and without a full stop.
    var message: String

    init(_ status: CommandStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    var description: String { message }
}

/// What is wrong with a piece of text that a person wrote, before it is known where the text stood.
struct TextProblem: Error, Equatable {
    var problem: String
    /// What could have been written instead, in a few examples; nil where the problem says it all.
    var allowed: String?

    init(_ problem: String, allowed: String? = nil) {
        self.problem = problem
        self.allowed = allowed
    }
}

/// Where a value was written, so that whatever is found wrong with it later can still name the place.
enum Source: Sendable, Equatable {
    /// An option of the command line, by the name in the help text (`--rate`).
    case option(String)
    /// A field of a config file.
    case field(file: String, line: Int, path: String)

    /// Names the place in a sentence.
    var name: String {
        switch self {
        case .option(let name): name
        case .field(_, _, let path): path
        }
    }

    func error(_ problem: TextProblem) -> CommandLineError {
        let text = problem.problem + (problem.allowed.map { "; allowed: \($0)" } ?? "")
        switch self {
        case .option(let name): return CommandLineError(.usage, "\(name): \(text)")
        case .field(let file, let line, let path):
            return CommandLineError(.config, "\(file):\(line): \(path): \(text)")
        }
    }

    func error(_ problem: String, allowed: String? = nil) -> CommandLineError {
        error(TextProblem(problem, allowed: allowed))
    }

    /// Runs a text parser, and adds this place to what it finds wrong.
    func read<Value>(_ parse: () throws(TextProblem) -> Value) throws(CommandLineError) -> Sourced<Value> {
        do { return Sourced(try parse(), from: self) } catch { throw self.error(error) }
    }
}

/// A value and where it was written.
struct Sourced<Value> {
    var value: Value
    var source: Source

    init(_ value: Value, from source: Source) {
        self.value = value
        self.source = source
    }
}

extension Sourced: Sendable where Value: Sendable {}
extension Sourced: Equatable where Value: Equatable {}
