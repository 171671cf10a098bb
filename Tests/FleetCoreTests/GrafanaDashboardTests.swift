import Foundation
import PlainDocuments
import Testing

@testable import FleetCore

@Suite("The Grafana dashboard") struct GrafanaDashboardTests {
    private static let document = GrafanaDashboard.document

    private static func items(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let items) = value { items } else { [] }
    }

    private static func text(_ value: JSONValue?) -> String {
        if case .string(let text) = value { text } else { "" }
    }

    private static var variables: [JSONValue] { items(document.at(["templating", "list"])) }

    /// Every query of a panel.
    private static var expressions: [String] { GrafanaDashboard.panels.flatMap { $0.queries.map(\.expression) } }

    @Test("It is JSON with the members that Grafana's import needs")
    func document() throws {
        let read = try JSONReader.value(of: Array(GrafanaDashboard.json.utf8)[...])
        #expect(read == Self.document)
        #expect(read["schemaVersion"] == .integer(42))
        #expect(Self.text(read["title"]) == "HTTP connection pools" && Self.text(read["uid"]) == "pooltop-pools")
        #expect(Self.items(read["panels"]).count == GrafanaDashboard.panels.count)
    }

    @Test("Every name of a metric in a panel or a variable is one that the writer writes")
    func names() {
        var all: Set<String> = []
        let queries = Self.variables.dropFirst().map { Self.text($0["definition"]) }
        for text in Self.expressions + queries.map({ $0.replacing(/, \w+\)$/, with: ")") }) {
            let names = MetricNames.names(in: text)
            #expect(!names.isEmpty && names.isSubset(of: MetricNames.written), "\(text)")
            all.formUnion(names)
        }
        #expect(all.count >= 13)
    }

    @Test("The data source, the job, the instance and the host are variables that the panels use")
    func variables() {
        let names = Self.variables.map { Self.text($0["name"]) }
        #expect(names == ["datasource", "job", "instance", "host"])
        #expect(Self.text(Self.variables[0]["type"]) == "datasource")
        for variable in Self.variables.dropFirst() {
            #expect(variable["datasource"] == GrafanaDashboard.datasource)
            #expect(variable["multi"] == .bool(true) && variable["includeAll"] == .bool(true))
        }
        for expression in Self.expressions {
            #expect(expression.contains(#"job=~"$job""#) && expression.contains(#"instance=~"$instance""#))
            // The DNS cache has no hosts.
            #expect(expression.contains(#"host=~"$host""#) != expression.contains("dns_cache_"), "\(expression)")
            #expect(expression.contains("[$__rate_interval]") || !expression.contains("["), "\(expression)")
        }
    }

    @Test("Panels lie beside and below each other, each with its own number and every query with its own letter")
    func panels() {
        let panels = Self.items(Self.document["panels"])
        var places: Set<String> = []
        for (index, panel) in panels.enumerated() {
            #expect(panel["id"] == .integer(index + 1))
            let place = panel["gridPos"]
            #expect(place?["x"] == .integer(index % 2 * 12) && place?["w"] == .integer(12))
            places.insert(place?.line ?? "")
            let letters = Self.items(panel["targets"]).map { Self.text($0["refId"]) }
            #expect(!letters.isEmpty && Set(letters).count == letters.count)
            #expect(!Self.text(panel["description"]).isEmpty)
        }
        #expect(places.count == panels.count)
        let titles = Set(GrafanaDashboard.panels.map(\.title))
        let wanted: Set = [
            "New connections", "Reuse ratio", "Open connections", "Queue", "DNS", "Who closes", "Errors by cause",
            "Response time",
        ]
        #expect(titles.isSuperset(of: wanted))
    }

    @Test("Prometheus takes every query", .enabled(if: Promtool.path != nil, Promtool.reason))
    func queries() async throws {
        try await Promtool.withFolder { folder in
            var yaml = "groups:\n  - name: dashboard\n    rules:\n"
            for (index, expression) in Self.expressions.enumerated() {
                let filled = expression.replacingOccurrences(of: "$__rate_interval", with: "5m")
                yaml += "      - record: query:\(index)\n        expr: |-\n          \(filled)\n"
            }
            let file = folder.appendingPathComponent("queries.yml")
            try Data(yaml.utf8).write(to: file)
            let said = try await Promtool.run(["check", "rules", file.path])
            #expect(said.contains("SUCCESS: \(Self.expressions.count) rules found"), "\(said)")
        }
    }
}
