import PlainDocuments
import PoolModel
import SessionConfig

/// The result of one check.
struct CheckResult: Sendable, Equatable {
    var check: CheckExpression
    /// In the metric's unit; nil if there are no data.
    var value: Double?
    /// A check without data, or on an unknown figure, has not passed.
    var passed: Bool
    /// Why there is no value, or that it is an estimate; nil if it is exact.
    var note: String?

    var document: JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "expression", value: .string(check.text)), .init(key: "value", value: .number(value)),
            .init(key: "passed", value: .bool(passed)),
        ]
        if let note { members.append(.init(key: "note", value: .string(note))) }
        return .object(members)
    }

    /// The value as shown to users.
    var valueText: String {
        guard let value else { return note ?? "no data" }
        let mark = note == nil ? "" : "~"
        switch check.metric.unit {
        case .seconds: return mark + NumberFormat.duration(value)
        case .ratio: return mark + NumberFormat.percent(value)
        case .number: return mark + NumberFormat.count(value)
        }
    }

    /// Evaluates a check against the measurements of a run.
    static func of(_ check: CheckExpression, in window: MetricsWindow, plan: SessionPlan) -> CheckResult {
        of(RunDescription.Check(expression: check, pool: check.host.map(plan.poolName)), in: window)
    }

    /// The same if the pool that the check refers to is known.
    static func of(_ described: RunDescription.Check, in window: MetricsWindow) -> CheckResult {
        let check = described.expression
        let figure: Figure<Double>
        var note: String?
        if let name = check.host {
            if let host = window.host(named: described.pool ?? name) {
                figure = Self.gauge(check.metric, of: [host]) ?? Self.figure(check, of: host.figures, in: window)
            } else {
                figure = .absent
                note = "no host '\(name)'"
            }
        } else {
            figure =
                Self.gauge(check.metric, of: window.hosts) ?? Self.figure(check, of: window.totals, in: window)
        }
        guard let value = figure.value, value.isFinite else {
            return CheckResult(
                check: check, value: nil, passed: false, note: note ?? (figure.isUnknown ? "unknown" : "no data"))
        }
        return CheckResult(
            check: check, value: value, passed: check.comparison.holds(value, check.limit),
            note: figure.certainty == .estimate ? "estimate" : nil)
    }

    /// Something of the hosts as they are at the end, of which the greatest counts; nil: the metric is none of that kind.
    private static func gauge(_ metric: MetricName, of hosts: [HostWindow]) -> Figure<Double>? {
        let gauges: [Figure<Double>]
        switch metric.path {
        case "oldestInFlight": gauges = hosts.map(\.oldestActive)
        case "silence": gauges = hosts.map(\.silence)
        default: return nil
        }
        return gauges.reduce(.exact(0)) { $0.with($1) { max($0, $1) } }
    }

    private static func figure(
        _ check: CheckExpression, of figures: WindowFigures, in window: MetricsWindow
    ) -> Figure<Double> {
        guard let unit = check.perSeconds else {
            return figure(check.metric, of: figures.balanced, gained: figures, in: window)
        }
        // A rate counts only what was added in the window, not what existed when it began.
        return figure(check.metric, of: figures, gained: figures, in: window).map { count in
            window.seconds > 0 ? count / window.seconds * unit : nil
        }
    }

    private static func figure(
        _ metric: MetricName, of figures: WindowFigures, gained: WindowFigures, in window: MetricsWindow
    ) -> Figure<Double> {
        let known = figures.known
        switch metric.path {
        case "requests": return known.finished.map { Double($0) }
        case "errorRate": return known.failed.ratio(to: known.finished)
        case "failureRate": return known.failures.ratio(to: known.finished)
        case "newConnections": return gained.known.opened.map { Double($0) }
        default: break
        }
        let path = metric.path.split(separator: ".")
        let document: JSONValue
        switch path.first {
        case "dns": document = .object(["dns": MetricsDocument.dns(window)])
        case "process": document = .object(["process": MetricsDocument.process(window)])
        default: document = MetricsDocument.metrics(figures, seconds: window.seconds)
        }
        // A figure that exists once for all hosts is as certain as the least certain host.
        let certainty = (metric.isPerHost ? figures : window.totals).certainty.of(metric.groups)
        // Labels with a count of zero are not in the report.
        guard let value = document.at(path) else { return Figure(0, certainty) }
        return Figure(value.asDouble, certainty)
    }
}
