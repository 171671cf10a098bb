import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// Several probes, one line each, followed by the advice for each. New and Reused are the times to the first byte on a
/// new and on a reused connection.
struct ProbeTable {
    private let results: [ProbeResult]

    init(_ results: [ProbeResult]) { self.results = results }

    var text: String {
        let blocks = [head, table.lines, advice].filter { !$0.isEmpty }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var head: [String] {
        var lines = results.first?.tlsWeakness.headings ?? []
        if results.contains(where: \.seen.wasInterrupted) {
            lines.append("Ended early: what follows is what was known by then.")
        }
        return lines
    }

    private var table: TextTable {
        var table = TextTable(columns: [
            .init(title: "Host", alignment: .left), .init(title: "Keeps", alignment: .left),
            .init(title: "Idle limit"), .init(title: "Hint"), .init(title: "Requests"),
            .init(title: "Ends by", alignment: .left), .init(title: "New"), .init(title: "Reused"),
            .init(title: "Set idle to"),
        ])
        table.rows = results.map(row)
        return table
    }

    private func row(_ result: ProbeResult) -> [String] {
        let findings = result.findings
        if let failure = result.seen.failure {
            return [PlainText.clean(result.name), failure.shortLabel] + Array(repeating: "-", count: 7)
        }
        let idle =
            findings.idle.limitSeconds.map { NumberFormat.duration($0) }
            ?? findings.idle.answeredSeconds.map { "> \(NumberFormat.duration($0))" } ?? "-"
        let keeps = findings.keepsConnections.map { $0 ? "yes" : "no" } ?? "?"
        let requests =
            findings.requests.limit.map { NumberFormat.count($0) }
            ?? (findings.requests.most > 0 ? "> \(NumberFormat.count(findings.requests.most))" : "-")
        return [
            PlainText.clean(result.name), keeps, idle, findings.hintTimeoutSeconds.map { "\($0)s" } ?? "-", requests,
            findings.closes?.rawValue ?? "-", NumberFormat.duration(findings.latency.newInAll),
            NumberFormat.duration(findings.latency.firstByteReused),
            result.advice.idleMilliseconds.map { DurationText.format(.milliseconds($0)) } ?? "-",
        ]
    }

    private var advice: [String] {
        let width = results.map { PlainText.width(PlainText.clean($0.name)) }.max() ?? 0
        return results.flatMap { result in
            TextTable.wrapped(
                result.advice.sentences.flatMap { $0.split(separator: " ").map(String.init) },
                title: PlainText.clean(result.name), indent: min(width, 24) + 2, width: ProbeText.width, separator: " ")
        }
    }
}
