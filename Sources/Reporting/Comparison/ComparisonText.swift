package import Experiment
import PlainDocuments
import PoolModel
import SessionConfig

/// A comparison as text for people: the effect of B first, then every figure with its interval, then the conditions.
///
/// ```
/// A  keepAlive=off dnsCache=off
/// B  keepAlive=on dnsCache=on
/// open loop 200000/min constant, bundled downstreams, 10 pairs of 2s windows, 1 more left out, seed 42
///
/// B: 47.9% less CPU per request, 96.7% fewer TCP connections, 99.9% fewer DNS queries
///
///                         A        B  B / A   95% interval      p  verdict
/// CPU per request    46.2us   24.1us  0.521  0.516 - 0.526  0.004  lower
/// …
/// ```
struct ComparisonText {
    private static let width = TextSummary.width
    var report: ComparisonReport

    private var comparison: Comparison { report.comparison }

    var text: String {
        let blocks = [head, findings, metrics, hosts, errors, capacity, guardRails, checks].filter { !$0.isEmpty }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var head: [String] {
        var lines = Arm.allCases.flatMap { arm in
            TextTable.wrapped(
                report.plan.changes(of: arm).map { PlainText.clean($0.text) }, title: arm == .a ? "A" : "B", indent: 3,
                width: Self.width, separator: " ")
        }
        lines += TextTable.wrapped(
            ComparisonWords.load(report), title: "", indent: 0,
            width: Self.width, separator: ", ")
        if report.plan.isAA { lines.append("A/A: both arms are the same, so every difference is chance.") }
        return lines + TLSWeakness(report.plan.session.tls).headings
    }

    private var advice: ComparisonAdvice { ComparisonAdvice(report: report) }

    private var findings: [String] {
        if let down = advice.targetDown { return wrapped([down], "TARGET DOWN:", indent: 13) }
        guard comparison.isComparable else {
            return wrapped(advice.objections, "NOT COMPARABLE:", indent: 16, separator: "; ")
        }
        let findings = ComparisonWords.findings(comparison)
        let lines = wrapped(
            findings.isEmpty ? ["no verdict on any of the headline figures"] : findings, "B:", indent: 3,
            separator: ", ")
        return lines
            + (ClientWords(report: report).sentences + advice.cautions + advice.setAside).flatMap {
                sentence($0, indent: 3)
            }
    }

    private func wrapped(_ parts: [String], _ title: String, indent: Int, separator: String = " ") -> [String] {
        TextTable.wrapped(parts, title: title, indent: indent, width: Self.width, separator: separator)
    }

    /// A sentence that is broken between words, but not within an option.
    private func sentence(_ text: String, indent: Int) -> [String] {
        var parts: [String] = []
        for word in text.split(separator: " ").map(String.init) {
            if let last = parts.last, last.drop(while: { $0 == "(" }).hasPrefix("--"), !last.contains(" ") {
                parts[parts.count - 1] = "\(last) \(word)"
            } else {
                parts.append(word)
            }
        }
        return wrapped(parts.map { PlainText.clean($0) }, "", indent: indent)
    }

    private static let columns = [
        TextTable.Column(title: "", alignment: .left), .init(title: "A"), .init(title: "B"), .init(title: "B / A"),
        .init(title: "95% interval"), .init(title: "p"), .init(title: "verdict", alignment: .left),
    ]

    private func row(_ label: String, _ metric: MetricComparison, _ unit: Metric.Unit) -> [String] {
        // Infinite, and not unknown, if no connection was opened.
        let values = [metric.a, metric.b].map { value in
            value == nil && unit == .count && metric.pairs > 0 ? "endless" : ComparisonWords.value(value, unit)
        }
        return [
            label, values[0], values[1], ComparisonWords.ratio(metric.ratio),
            ComparisonWords.interval(metric.interval), ComparisonWords.p(metric.adjustedP ?? metric.p),
            metric.isEmpty ? "none" : ComparisonWords.verdict(metric, isComparable: comparison.isComparable),
        ]
    }

    private var metrics: [String] {
        guard comparison.pairs > 0, !comparison.isTargetDown else { return [] }
        var table = TextTable(columns: Self.columns)
        table.rows = comparison.metrics.filter { !$0.comparison.isEmpty }.map {
            row($0.metric.label, $0.comparison, $0.metric.unit)
        }
        guard !table.rows.isEmpty else { return [] }
        return table.lines
            + ([ComparisonWords.samples(comparison)] + advice.errorRates).flatMap { sentence($0, indent: 0) }
    }

    private var hosts: [String] {
        guard comparison.pairs > 0, comparison.hosts.count > 1 else { return [] }
        var table = TextTable(columns: Self.columns)
        table.columns[0].title = "New connections"
        table.rows = comparison.hosts.map { row(PlainText.clean($0.name), $0.connectionsPerSecond, .perSecond) }
        return table.lines
    }

    private var errors: [String] {
        Arm.allCases.flatMap { arm -> [String] in
            let errors = ComparisonWords.errors(report.record.totals[arm])
            guard !errors.isEmpty else { return [] }
            return TextTable.wrapped(
                errors, title: "Errors in \(arm == .a ? "A" : "B")", indent: 18, width: Self.width, separator: "   ")
        }
    }

    private var capacity: [String] {
        guard let rate = comparison.capacity.requestsPerSecond, let a = comparison.capacity.a,
            let b = comparison.capacity.b
        else { return [] }
        let title = "At \(ComparisonWords.value(rate, .count)) requests/s"
        var table = TextTable(columns: [
            .init(title: title, alignment: .left, most: 32), .init(title: "A", most: 32), .init(title: "B", most: 32),
            .init(title: "", alignment: .left, most: 60),
        ])
        table.rows = CapacityWords(comparison.capacity, a, b).rows.map { [$0.label, $0.a, $0.b, $0.note] }
        return table.lines
    }

    private var guardRails: [String] {
        guard !comparison.isTargetDown else { return [] }
        var table = TextTable(columns: [
            .init(title: "Guard rails", alignment: .left, most: 40), .init(title: ""),
            .init(title: "", alignment: .left), .init(title: "", alignment: .left),
        ])
        table.rows = comparison.guardRails.map { rail in
            [
                ComparisonWords.name(rail.kind), ComparisonWords.value(rail, rail.value),
                ComparisonWords.limit(rail), rail.passed ? "" : "NOT MET",
            ]
        }
        return table.lines
    }

    private var checks: [String] {
        guard !report.checks.isEmpty else { return [] }
        var table = TextTable(columns: [
            .init(title: "Checks on B", alignment: .left, most: 60), .init(title: ""),
            .init(title: "", alignment: .left),
        ])
        table.rows = report.checks.map { result in
            [PlainText.clean(result.check.text), PlainText.clean(result.valueText), result.passed ? "met" : "NOT MET"]
        }
        return table.lines
    }
}

extension MetricComparison {
    /// Nothing was counted in either arm, such as TLS handshakes with plain HTTP targets.
    package var isEmpty: Bool { (a ?? 0) == 0 && (b ?? 0) == 0 && p == nil }
}
