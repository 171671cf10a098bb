import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import PlainDocuments
@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// The program's articles say what the program says.
@Suite("The program's articles")
struct ManualTests {
    private static func article(_ name: String) throws -> String {
        try PackageText.of("Sources/pooltop/Pooltop.docc/\(name).md")
    }

    @Test("Every setting of the agent has its row in ConfigFile.md")
    func everySetting() throws {
        let article = try Self.article("ConfigFile")
        for setting in AgentSetting.allCases {
            let row = "| `\(setting.name)` | \(setting.isPerHost ? "yes " : "")| `--"
            #expect(article.contains(row), "ConfigFile.md lacks a row that begins with \(row)")
        }
        for section in ConfigFile.sections { #expect(article.contains("| `\(section.key)` |"), "\(section.key)") }
    }

    @Test("Every option that an article names exists")
    func articlesNameOptions() throws {
        let options = Set(try Self.arguments().flatMap(\.flags))
        for name in [
            "ConfigFile", "OptionsAndValues", "RunningWithoutAScreen", "Comparing", "Probing", "RecordAndReplay",
            "Distributed",
        ] {
            for match in try Self.article(name).matches(of: /`(--[a-z][a-z-]+)[ `]/) {
                #expect(options.contains(String(match.1)), "\(name).md names \(match.1)")
            }
        }
    }

    @Test("Every option has a sentence, which help and the man page print")
    func everyOption() throws {
        let arguments = try Self.arguments()
        #expect(arguments.count > 50)
        for argument in arguments {
            #expect((argument.abstract ?? "").count > 3, "\(argument.command) \(argument.flags)")
        }
    }

    @Test("Every short name of a figure in a check is in OptionsAndValues.md, and so are the quantiles")
    func everyShortName() throws {
        let article = try Self.article("OptionsAndValues")
        for name in MetricName.short.map(\.name) + MetricName.derived.map(\.path) {
            #expect(article.contains("`\(name)`"), "OptionsAndValues.md lacks \(name)")
        }
    }

    @Test("Every field of a summary is in JSONReports.md")
    func everyField() throws {
        let article = try Self.article("JSONReports")
        let plan = try SnapshotFixture.plan(checks: ["reuse > 0.5"], warmUp: .seconds(1))
        let summary = Summary(plan: plan, first: SnapshotFixture.first, last: SnapshotFixture.last)
        for key in Self.keys(of: summary.document).sorted() {
            let isThere = article.contains("\"\(key)\"") || article.contains("`\(key)`") || article.contains(".\(key)`")
            #expect(isThere, "JSONReports.md lacks \(key)")
        }
    }

    // MARK: What the program has

    private struct Argument {
        var command: String
        var flags: [String]
        var abstract: String?
    }

    /// As the man page has them: from the dump of the help.
    private static func arguments() throws -> [Argument] {
        struct Dump: Decodable {
            struct Command: Decodable {
                var commandName: String
                var subcommands: [Command]?
                var arguments: [Argument]?
            }
            struct Argument: Decodable {
                struct Name: Decodable { var kind, name: String }
                var names: [Name]?
                var abstract: String?
                var shouldDisplay: Bool
            }
            var command: Command
        }
        let dump = try JSONDecoder().decode(Dump.self, from: Data(PooltopCommand._dumpHelp().utf8))
        return (dump.command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { command in
            (command.arguments ?? []).filter(\.shouldDisplay).map { argument in
                Argument(
                    command: command.commandName,
                    flags: (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name },
                    abstract: argument.abstract)
            }
        }
    }

    /// The names of all fields, but for those that are labels.
    private static func keys(of value: JSONValue) -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: []) { keys, member in
                keys.insert(member.key)
                switch member.key {
                case "settings", "statuses", "errors", "closedByReason", "retryDecisions": break
                default: keys.formUnion(Self.keys(of: member.value))
                }
            }
        case .array(let values): values.reduce(into: []) { $0.formUnion(Self.keys(of: $1)) }
        case .string, .integer, .unsigned, .number, .bool, .null: []
        }
    }
}
