import TestSupport
import Testing

@testable import PoolModel

/// Articles explain each count of snapshots and reports. A test that fails says which rows are missing.
@Suite("The articles on counts")
struct DocumentedCountsTests {
    private static func observing() throws -> String {
        try PackageText.of("Sources/KeepAliveAgent/KeepAliveAgent.docc/Observing.md")
    }

    private static func reports() throws -> String {
        try PackageText.of("Sources/pooltop/Pooltop.docc/JSONReports.md")
    }

    /// The names that stand between backquotes in the first column of tables.
    private static func rows(of article: String) -> Set<String> {
        let columns = article.split(separator: "\n").compactMap { $0.wholeMatch(of: /\| (.*?) \|.*/)?.1 }
        return Set(columns.flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.1) } })
    }

    private static func expect(_ names: [String], in rows: Set<String>, of article: String) {
        let missing = names.filter { !rows.contains($0) }
        #expect(missing.isEmpty, "\(article) has no row for \(missing.joined(separator: ", "))")
    }

    @Test("Every count and every duration has a row in Observing.md")
    func counts() throws {
        let rows = Self.rows(of: try Self.observing())
        let names =
            HostMetrics.counters.map(\.name) + DNSCounts.counters.map(\.name)
            + LatencySet.rows.map { "latency.\($0.name)" }
        Self.expect(names, in: rows, of: "Observing.md")
        let sets = HostMetrics.labelledCounters.filter { !["statuses", "errors"].contains($0.name) }
        let article = try Self.observing()
        for set in sets {
            let last = set.name.split(separator: ".").last ?? ""
            #expect(
                rows.contains(set.name) || article.contains("`\(last)`"), "Observing.md does not tell of \(set.name)")
        }
    }

    @Test("Observing.md has no row for a count that is gone")
    func nothingIsLeftOver() throws {
        let groups: Set<Substring> = ["requests", "connections", "tls", "bytes", "dns", "latency"]
        let known =
            HostMetrics.counters.map(\.name) + DNSCounts.counters.map(\.name)
            + HostMetrics.labelledCounters.map(\.name) + LatencySet.rows.map { "latency.\($0.name)" }
        let gone = Self.rows(of: try Self.observing()).filter { name in
            let parts = name.split(separator: ".")
            return parts.count == 2 && groups.contains(parts[0]) && !known.contains(name)
        }
        #expect(gone.isEmpty, "\(gone.sorted())")
    }

    @Test("Every close reason, cause of failure, retry decision and TLS failure has a row in Observing.md")
    func labels() throws {
        let rows = Self.rows(of: try Self.observing())
        let names =
            CloseReason.allCases.map(\.rawValue) + FailureCause.allCases.map(\.rawValue)
            + RetryDecision.allCases.map(\.rawValue) + TLSFailure.allCases.map(\.rawValue)
        Self.expect(names, in: rows, of: "Observing.md")
    }

    @Test("Every figure of METRICS stands in its object in JSONReports.md, and nothing else does")
    func metrics() throws {
        var fields: [String: Set<String>] = [:]
        let paths =
            HostMetrics.counters.map(\.name) + HostMetrics.labelledCounters.map(\.name) + DerivedFigure.all.map(\.name)
            + LatencySet.rows.map { "latency.\($0.name)" } + DNSCounts.counters.map(\.name)
        for path in paths {
            let parts = path.split(separator: ".").map(String.init)
            for index in 1..<max(1, parts.count) { fields[parts[index - 1], default: []].insert(parts[index]) }
        }
        fields["dns"]?.insert("cacheEnabled")
        let article = try Self.reports()
        for (object, names) in fields.sorted(by: { $0.key < $1.key }) {
            let written = Self.members(of: object, in: article)
            #expect(
                written == names,
                "\(object) in JSONReports.md lacks \(names.subtracting(written).sorted()), has \(written.subtracting(names).sorted()) too many"
            )
        }
    }

    /// The names in the first object of this name: `"tls": { "handshakes", "full" }`.
    private static func members(of object: String, in article: String) -> Set<String> {
        guard let start = article.firstRange(of: "\"\(object)\": { \"")?.upperBound else { return [] }
        var depth = 1
        var names: Set<String> = []
        var rest = article[article.index(before: start)...]
        while depth > 0, let character = rest.first {
            switch character {
            case "{": depth += 1
            case "}": depth -= 1
            case "\"":
                guard let end = rest.dropFirst().firstIndex(of: "\"") else { return names }
                if depth == 1 { names.insert(String(rest[rest.index(after: rest.startIndex)..<end])) }
                rest = rest[end...]
            default: break
            }
            rest = rest.dropFirst()
        }
        return names
    }

    @Test("Every group of figures has a row in JSONReports.md")
    func groups() throws {
        Self.expect(FigureGroup.allCases.map(\.rawValue), in: Self.rows(of: try Self.reports()), of: "JSONReports.md")
    }
}
