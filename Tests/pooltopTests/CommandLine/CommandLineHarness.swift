import ArgumentParser
import Testing

@testable import SessionConfig
@testable import pooltop

/// The commands as the program has them, without the engine.
struct TestRoot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pooltop", version: "1.2.3", subcommands: [TestRun.self, TestDownstreams.self])
}

struct TestRun: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run")
    @OptionGroup var common: CommonOptions
    @OptionGroup(title: "Report") var report: ReportOptions

    mutating func run() throws {
        _ = try common.plan(defaultDuration: LoadPlan.headlessDuration)
        _ = try report.plan()
    }
}

struct TestDownstreams: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "downstreams")
    @OptionGroup var options: DownstreamsOptions

    mutating func run() throws { _ = try options.plan() }
}

/// The plan of `pooltop run` with these arguments, with seed 7 where none is given.
func plan(_ arguments: [String], environment: [String: String] = [:]) throws -> SessionPlan {
    try CommonOptions.parse(arguments).plan(
        defaultDuration: LoadPlan.headlessDuration, randomSeed: 7, environment: environment)
}

/// The output of `pooltop run` with these arguments on standard error, and its exit status; nil if it would run.
func printed(_ arguments: [String]) -> CommandFailure? {
    do {
        var command = try TestRoot.parseAsRoot(arguments)
        try command.run()
        return nil
    } catch {
        return CommandFailure.of(error, root: TestRoot.self, arguments: arguments)
    }
}

/// As `printed`, without the root command: ArgumentParser checks its declarations at every parse of a debug build, and
/// each level of nesting multiplies that work.
func printedQuickly(_ arguments: [String]) -> CommandFailure? {
    do {
        if ["--format", "--interval", "--output"].contains(arguments.first) {
            _ = try ReportOptions.parse(arguments).plan()
        } else {
            _ = try CommonOptions.parse(arguments).plan(defaultDuration: LoadPlan.headlessDuration)
        }
        return nil
    } catch {
        return CommandFailure.of(error, root: TestRoot.self, arguments: ["run"] + arguments)
    }
}

/// One target that every option is allowed with.
let target = ["--target", "http://127.0.0.1:8080/x"]
