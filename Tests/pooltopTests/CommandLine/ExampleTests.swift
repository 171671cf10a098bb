import ArgumentParser
import Testing

@testable import pooltop

/// Examples are copied and run, so each has to be a command line that the program takes.
@Suite("The examples in the help") struct ExampleTests {
    private static let all: [(command: String, examples: [Example])] = [
        ("monitor", MonitorCommand.examples), ("run", RunCommand.examples), ("compare", CompareCommand.examples),
        ("probe", ProbeCommand.examples), ("downstreams", DownstreamsCommand.examples),
        ("replay", ReplayCommand.examples), ("merge", MergeCommand.examples),
        ("watch", WatchCommand.examples), ("attach", AttachCommand.examples),
        ("hook", HookCommand.examples), ("export", ExportCommand.examples), ("fleet", FleetCommand.examples),
        ("", PooltopCommand.examples),
    ]

    @Test("Every command has examples, and its help ends with them")
    func everyCommandHasSome() throws {
        let names = PooltopCommand.configuration.subcommands.map { $0.configuration.commandName }
        #expect(Set(names + [""]) == Set(Self.all.map(\.command)))
        for example in PooltopCommand.examples {
            #expect(PooltopCommand.helpMessage(columns: 80).contains("  \(example.line)\n      \(example.purpose)\n"))
        }
        for type in PooltopCommand.configuration.subcommands {
            let name = try #require(type.configuration.commandName)
            let examples = try #require(Self.all.first { $0.command == name }).examples
            #expect(examples.count >= 2)
            // A line that is broken would not be indented.
            let help = PooltopCommand.helpMessage(for: type, columns: 80)
            for example in examples { #expect(help.contains("  \(example.line)\n      \(example.purpose)\n")) }
        }
    }

    @Test("Every example is a command line of its command", arguments: all.flatMap(\.examples).map(\.line))
    func everyExampleParses(line: String) throws {
        // A quoted word is one argument and has blanks only inside.
        let words = line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { part in
            part.offset % 2 == 1 ? [String(part.element)] : part.element.split(separator: " ").map(String.init)
        }
        #expect(words.first == "pooltop")
        #expect(throws: Never.self) { try PooltopCommand.parseAsRoot(Array(words.dropFirst())) }
    }
}
