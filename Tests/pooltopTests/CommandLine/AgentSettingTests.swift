import AgentCore
import ArgumentParser
import Experiment
import Foundation
import PlainDocuments
import TestSupport
import Testing

@testable import SessionConfig
@testable import pooltop

extension AgentSetting {
    /// A value that the setting takes and that is not its default.
    fileprivate func sample() throws -> String {
        let known = value(in: AgentSetting.defaults)
        let text = ["3", "17s", "off", "on", "fifo", "0.5", "0"].first { text in
            guard let value = try? parse(text) else { return false }
            return value != known
        }
        return try #require(text, "\(name)")
    }

    fileprivate func expected() throws -> SettingValue { try parse(try sample()) }
}

/// The settings in which all have their sample.
private func expectSamples(_ settings: AgentSettings, of rows: [AgentSetting], _ comment: Comment) throws {
    for row in rows { #expect(row.value(in: settings) == (try row.expected()), "\(comment): \(row.name)") }
    for row in AgentSetting.allCases where !rows.contains(row) {
        #expect(row.value(in: settings) == row.value(in: AgentSetting.defaults), "\(comment): \(row.name)")
    }
}

/// The settings of a config file's text alone.
private func configured(_ yaml: String) throws -> AgentSettings {
    try PlanAssembly(draft: try ConfigFile.draft(text: yaml, file: "a.yaml")).plan(randomSeed: 7).settings
}

/// A row of the table is all that a setting needs.
@Suite(.busyCore) struct AgentSettingTests {
    static let rows = AgentSetting.allCases

    @Test("Every property of AgentSettings is kept by one row, under its own name or with it as the alias")
    func rowsAndProperties() throws {
        let properties = Mirror(reflecting: AgentSettings()).children.compactMap(\.label)
        #expect(properties.sorted() == Self.rows.map { $0.alias ?? $0.name }.sorted())
        for row in Self.rows {
            var settings = AgentSetting.defaults
            row.set(try row.expected(), in: &settings)
            try expectSamples(settings, of: [row], "set")
        }
    }

    @Test("No name, alias, key or option is that of two settings")
    func namesAreUnique() {
        let keys = Self.rows.compactMap(\.dnsKey) + SessionRows.dns.map(\.key)
        for names in [AgentSetting.knownNames, keys, Self.rows.compactMap { $0.flag?.name }] {
            #expect(Set(names).count == names.count, "\(names)")
        }
    }

    @Test("Every setting with an option is set by it, and no other is")
    func options() throws {
        let rows = Self.rows.filter { $0.flag != nil }
        #expect(rows.count > 10)
        let arguments = try rows.flatMap { ["--\($0.flag?.name ?? "")", try $0.sample()] }
        try expectSamples(try plan(arguments).settings, of: rows, "option")
    }

    @Test("Every setting is set by --set, under its alias too")
    func assignments() throws {
        let names = try Self.rows.flatMap { ["--set", "\($0.name)=\(try $0.sample())"] }
        try expectSamples(try plan(names).settings, of: Self.rows, "--set")
        let aliased = Self.rows.filter { $0.alias != nil }
        let aliases = try aliased.flatMap { ["--set", "\($0.alias ?? "")=\(try $0.sample())"] }
        try expectSamples(try plan(aliases).settings, of: aliased, "alias")
    }

    @Test("Every setting is set by --at, for one host where it can be, and for none where it exists once for all")
    func changes() throws {
        let plan = try plan(Self.rows.flatMap { ["--at", "1s:\($0.name)=\(try $0.sample())"] })
        #expect(plan.settings == AgentSetting.defaults)
        var settings = plan.settings
        for change in plan.changes { change.change.apply(to: &settings) }
        try expectSamples(settings, of: Self.rows, "--at")
        for row in Self.rows {
            let text = "1s:\(row.name)=\(try row.sample())@catalog"
            #expect(((try? TimedChange.parse(text)) != nil) == row.isPerHost, "\(text)")
        }
    }

    @Test("Every setting is a key of a config file, under its alias and in section dns where it has one")
    func configFile() throws {
        for row in Self.rows {
            let sample = try row.sample()
            try expectSamples(try configured("agent: {\(row.name): \(sample)}"), of: [row], "agent")
            if let alias = row.alias {
                try expectSamples(try configured("agent: {\(alias): \(sample)}"), of: [row], "alias")
            }
            if let key = row.dnsKey {
                try expectSamples(try configured("dns: {\(key): \(sample)}"), of: [row], "dns")
            }
        }
    }

    @Test("A target has every setting for itself that can differ from host to host, and no other")
    func targets() throws {
        for row in Self.rows {
            let yaml = "targets: [{url: http://a, agent: {\(row.name): \(try row.sample())}}]"
            guard row.isPerHost else {
                let error = #expect(throws: CommandLineError.self) {
                    try PlanAssembly(draft: try ConfigFile.draft(text: yaml, file: "a")).plan(randomSeed: 7)
                }
                #expect(error?.message.contains("exists once for all hosts") == true)
                continue
            }
            let plan = try PlanAssembly(draft: try ConfigFile.draft(text: yaml, file: "a")).plan(randomSeed: 7)
            #expect(plan.settings == AgentSetting.defaults)
            try expectSamples(plan.targets[0].overrides.applied(to: plan.settings), of: [row], "target")
        }
    }

    @Test("What --print-config prints of every setting is read back")
    func printedConfig() throws {
        var plan = try plan([])
        for row in Self.rows { row.set(try row.expected(), in: &plan.settings) }
        let text = PlanDocument.configText(for: plan, showsSecrets: true)
        try expectSamples(try configured(text), of: Self.rows, "printed")
    }

    @Test("The arms of a comparison can differ in every setting")
    func arms() throws {
        let samples = try Self.rows.flatMap { ["--b", "\($0.name)=\(try $0.sample())"] }
        let plan = try CompareOptions.parse(samples).plan(common: try CommonOptions.parse(["--seed", "7"]))
        try expectSamples(plan.session(of: .a).settings, of: [], "arm A")
        try expectSamples(plan.session(of: .b).settings, of: Self.rows, "arm B")
    }

    @Test("Help names every option of a setting once, with the default that is in force")
    func help() throws {
        let help = CommonOptions.helpMessage(columns: 500)
        let inForce = try plan([]).settings
        for row in Self.rows {
            guard let flag = row.flag else { continue }
            let lines = help.split(separator: "\n").filter { $0.contains(" --\(flag.name) <") }
            let entry = try #require(help.firstRange(of: " --\(flag.name) <").map { help[$0.lowerBound...] })
            #expect(lines.count == 1 && entry.contains(flag.help), "\(flag.name)")
            let rest = try #require(entry.firstRange(of: "\(flag.help) Default: ").map { entry[$0.upperBound...] })
            let told = String(rest.prefix { $0 != "\n" }.dropLast())
            #expect(try row.parse(told) == row.value(in: inForce), "\(flag.name): \(told)")
        }
    }

    @Test("The article on config files lists every setting")
    func article() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let article = try String(
            contentsOf: root.appending(path: "Sources/pooltop/Pooltop.docc/ConfigFile.md"), encoding: .utf8)
        let table = Self.rows.map { row in
            "| `\(row.name)` | \(row.isPerHost ? "yes " : "")| `--\(row.flag?.name ?? "set")` |\n"
        }
        #expect(article.contains(table.joined()), "\(table.joined())")
    }
}
