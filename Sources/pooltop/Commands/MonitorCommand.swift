import ArgumentParser
import Reporting
import TerminalUI

struct MonitorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "monitor",
        abstract: "Show the pools live (the default command).",
        discussion: "Needs a terminal; without one use pooltop run.",
        examples: examples)

    static let examples = [
        Example("pooltop", "Seven bundled downstreams; K switches HTTP keep-alive, ? shows all keys."),
        Example("pooltop https://pay.internal/health --rate 500/s", "A service of your own."),
        Example(
            "pooltop --keep-alive off --dns-cache off",
            "Begin as services do that have heard of neither, and press K and d."),
        Example("pooltop --sick", "Twenty-one downstreams that fail, each in a way of its own."),
    ]

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let plan = try common.plan()
        if let text = common.printedConfig(of: plan) { return try StandardStreams.writeOutput(text) }
        let end = try Screen(plan: plan).show()
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }
}
