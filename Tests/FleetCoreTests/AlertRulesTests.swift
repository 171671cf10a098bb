import Foundation
import TestSupport
import Testing

@testable import FleetCore

@Suite("Alerting rules") struct AlertRulesTests {
    @Test("Every name of a metric in a rule is one that the writer writes")
    func names() {
        var all: Set<String> = []
        for rule in AlertRules.all {
            let names = MetricNames.names(in: rule.expression.joined(separator: "\n"))
            #expect(!names.isEmpty && names.isSubset(of: MetricNames.written), "\(rule.name): \(names)")
            all.formUnion(names)
        }
        #expect(all.count >= 10)
        #expect(MetricNames.names(in: #"sum by (a_b) (rate(c_d{e="f g"}[5m] offset 1h)) or h_i"#) == ["c_d", "h_i"])
    }

    @Test("Every rule says in plain words what happened and what to do, about labels that it has")
    func words() {
        #expect(Set(AlertRules.all.map(\.name)).count == AlertRules.all.count)
        for rule in AlertRules.all {
            #expect(rule.name.hasPrefix("Pooltop"))
            #expect(!rule.summary.hasSuffix(".") && rule.summary.count < 120, "\(rule.name)")
            #expect(rule.description.hasSuffix(".") && !rule.description.contains("\n"), "\(rule.name)")
            #expect(rule.description.contains("{{ $value | humanize"), "\(rule.name)")
            for match in (rule.summary + rule.description).matches(of: /\$labels\.(\w+)/) {
                #expect(rule.expression[0].contains(", \(match.1)") || rule.expression[1].contains(", \(match.1)"))
            }
        }
    }

    @Suite(.enabled(if: Promtool.path != nil, Promtool.reason)) struct WithPromtool {
        @Test("The file is one that Prometheus loads")
        func check() async throws {
            try await Promtool.withFolder { folder in
                let file = folder.appendingPathComponent("rules.yml")
                try Data(AlertRules.yaml.utf8).write(to: file)
                let said = try await Promtool.run(["check", "rules", file.path])
                #expect(said.contains("SUCCESS: \(AlertRules.all.count) rules found"), "\(said)")
                #expect(said.hasSuffix("ended with 0\n"), "\(said)")
            }
        }

        @Test("Each alert fires when it should and not before")
        func behaviour() async throws {
            let fixture = try PackageText.of("Tests/FleetCoreTests/Fixtures/alert-rules-test.yml")
            for rule in AlertRules.all { #expect(fixture.contains(rule.name), "\(rule.name) is not tested") }
            try await Promtool.withFolder { folder in
                try Data(AlertRules.yaml.utf8).write(to: folder.appendingPathComponent("rules.yml"))
                let file = folder.appendingPathComponent("test.yml")
                try Data(fixture.utf8).write(to: file)
                let said = try await Promtool.run(["test", "rules", file.path])
                #expect(said.contains("SUCCESS") && said.hasSuffix("ended with 0\n"), "\(said)")
            }
        }

        @Test("A test of a rule that never fires fails")
        func behaviourCanFail() async throws {
            let fixture = try PackageText.of("Tests/FleetCoreTests/Fixtures/alert-rules-test.yml")
            try await Promtool.withFolder { folder in
                let rules = AlertRules.yaml.replacingOccurrences(of: "> 819", with: "> 819000")
                #expect(rules != AlertRules.yaml)
                try Data(rules.utf8).write(to: folder.appendingPathComponent("rules.yml"))
                let file = folder.appendingPathComponent("test.yml")
                try Data(fixture.utf8).write(to: file)
                let said = try await Promtool.run(["test", "rules", file.path])
                #expect(said.contains("FAILED") && !said.hasSuffix("ended with 0\n"), "\(said)")
            }
        }
    }
}
