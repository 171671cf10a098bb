import ArgumentParser
import Reporting
import TerminalUI

struct MonitorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Show the pools live (the default command).",
        discussion: "Needs a terminal; without one use pooltop run.")

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let plan = try common.plan()
        if let text = common.printedConfig(of: plan) { return try StandardStreams.writeOutput(text) }
        let end = try Screen(plan: plan).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }
}
