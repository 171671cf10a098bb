import FleetCore
import PlainDocuments
import PoolModel
import SessionConfig

/// A fleet as text for people, the worst first, and what the checks say of it.
struct FleetReport {
    let fleet: Fleet
    let plan: FleetPlan

    /// A condition, and the instances that do not meet it.
    struct Check {
        var expression: CheckExpression
        var failing: [(instance: String, value: Double?)]
        var isMet: Bool
    }

    /// The figures that a check on a fleet may be about.
    static let figures = [
        "reuseRatio", "requests", "newConnections", "failureRate", "p50", "p95", "p99", "requests.queued",
    ]

    /// The percentiles of the text, and those that checks are about. Each costs Prometheus as much as all other figures.
    static func percentiles(_ checks: [CheckExpression]) -> Set<FleetMeasure.Percentile> {
        Set(
            [.p99]
                + checks.compactMap { check in
                    FleetMeasure.Percentile.allCases.first { "\(check.metric.path)".hasSuffix("p\($0.rawValue)") }
                })
    }

    /// - Throws: that a fleet has no such figure.
    static func refuse(_ checks: [CheckExpression]) throws(CommandLineError) {
        for check in checks where figure(check, FleetFigures(), windowSeconds: 60) == nil {
            throw Source.option("--check").error(
                "a fleet has no figure of '\(check.text)'",
                allowed: "reuse, requests/s, newConnections/s, failureRate, p50, p95, p99, requests.queued")
        }
        for check in checks where check.host != nil {
            throw Source.option("--check").error("'\(check.text)': checks on a fleet are about its instances")
        }
    }

    /// nil: there is no such figure; inside it nil: it is not known.
    private static func figure(
        _ check: CheckExpression, _ figures: FleetFigures, windowSeconds: Double
    ) -> Double?? {
        func rate(_ figure: Figure<Double>) -> Double? {
            figure.value.map { $0 * (check.perSeconds ?? windowSeconds) }
        }
        switch check.metric.path {
        case "reuse", "reuseRatio", "connections.reuseRatio": return .some(figures.reuse.value)
        case "requests": return .some(rate(figures.requestsPerSecond))
        case "newConnections", "connections.opened": return .some(rate(figures.openedPerSecond))
        case "failureRate", "errorRate":
            return .some(
                figures.failedPerSecond.with(figures.requestsPerSecond) { $1 > 0 ? $0 / $1 : nil }.value)
        case "requests.queued": return .some(figures.queued.value)
        case "p50", "latency.response.p50": return .some(figures.responseTime(.p50).value)
        case "p95", "latency.response.p95": return .some(figures.responseTime(.p95).value)
        case "p99", "latency.response.p99": return .some(figures.responseTime(.p99).value)
        default: return nil
        }
    }

    /// Every instance has to meet a check. One that is gone, and a figure that is not known, do not.
    var checks: [Check] {
        plan.checks.map { expression in
            let failing = fleet.instances.compactMap { instance -> (instance: String, value: Double?)? in
                let value =
                    instance.isGone
                    ? nil
                    : Self.figure(expression, instance.figures, windowSeconds: fleet.windowSeconds) ?? nil
                if let value, expression.comparison.holds(value, expression.limit) { return nil }
                return (PlainText.clean(instance.id.instance), value)
            }
            return Check(expression: expression, failing: failing, isMet: failing.isEmpty && !fleet.instances.isEmpty)
        }
    }

    var isMet: Bool { checks.allSatisfy(\.isMet) }

    // MARK: The document

    var document: FleetDocument {
        var document = FleetDocument(fleet, name: plan.url.authority)
        guard !plan.checks.isEmpty else { return document }
        document.checks = checks.map { check in
            FleetDocument.Check(
                expression: check.expression.text, passed: check.isMet,
                failing: check.failing.map { .init(instance: $0.instance, value: $0.value) })
        }
        return document
    }

    // MARK: Text

    var text: String {
        let head =
            "fleet at \(PlainText.clean(plan.url.authority)), rates over \(NumberFormat.duration(fleet.windowSeconds))"
        var blocks = [[head] + fleet.problems.map { "  \($0.sentence)" }, instances.lines]
        if !fleet.groups.isEmpty { blocks.append(groups.lines) }
        blocks += [plan.checks.isEmpty ? [] : checks.map(Self.line)]
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "OPEN"), .init(title: "REQ/S"), .init(title: "NEW/S"), .init(title: "REUSE"),
        .init(title: "CLOSED BY SERVER"), .init(title: "QUEUE"), .init(title: "P99"), .init(title: "FAILED/S"),
    ]

    private var instances: TextTable {
        var table = TextTable(
            columns: [
                .init(title: "INSTANCE", alignment: .left, most: 40), .init(title: "JOB", alignment: .left),
                .init(title: "SEEN", alignment: .left), .init(title: "HOSTS"),
            ] + Self.columns)
        table.rows = fleet.instances.map { instance in
            let seen = NumberFormat.duration(instance.lastSeenSeconds)
            return [
                PlainText.clean(instance.id.instance), PlainText.clean(instance.id.job),
                instance.isGone ? "gone for \(seen)" : "\(seen) ago", instance.hostCount.map { "\($0)" } ?? "-",
            ] + Self.cells(instance.figures)
        }
        if fleet.instances.count > 1 { table.rows.append(["all", "", "", ""] + Self.cells(fleet.totals)) }
        return table
    }

    private var groups: TextTable {
        var table = TextTable(
            columns: [
                .init(title: PlainText.clean(plan.groupLabel ?? "GROUP"), alignment: .left, most: 40),
                .init(title: "INSTANCES"),
            ] + Self.columns)
        table.rows = fleet.groups.map {
            [$0.value.map { PlainText.clean($0) } ?? "(none)", "\($0.instances)"] + Self.cells($0.figures)
        }
        return table
    }

    private static func cells(_ figures: FleetFigures) -> [String] {
        func shown(_ figure: Figure<Double>, _ text: (Double) -> String) -> String {
            figure.value.map { (figure.certainty == .estimate ? "~" : "") + text($0) } ?? "-"
        }
        return [
            shown(figures.open) { NumberFormat.count($0) }, shown(figures.requestsPerSecond) { NumberFormat.rate($0) },
            shown(figures.openedPerSecond) { NumberFormat.rate($0) }, shown(figures.reuse) { NumberFormat.percent($0) },
            shown(figures.remoteShare) { NumberFormat.percent($0) }, shown(figures.queued) { NumberFormat.count($0) },
            shown(figures.responseTime(.p99)) { NumberFormat.duration($0) },
            shown(figures.failedPerSecond) { NumberFormat.rate($0) },
        ]
    }

    private static func line(_ check: Check) -> String {
        guard !check.isMet else { return "met      \(check.expression.text)" }
        let names = check.failing.prefix(10).map { failing in
            "\(failing.instance) (\(failing.value.map { NumberFormat.count($0) } ?? "not known"))"
        }
        let more = check.failing.count > names.count ? " and \(check.failing.count - names.count) more" : ""
        return "NOT MET  \(check.expression.text): "
            + (names.isEmpty ? "no instance" : names.joined(separator: ", ") + more)
    }
}
