import PoolModel

/// What became of one check.
struct CheckResult: Sendable, Equatable {
    var check: CheckExpression
    /// In the metric's unit; nil where there are no data.
    var value: Double?
    /// Without data a check is not met.
    var passed: Bool
    /// Why there is no value; nil where there is one.
    var note: String?

    var document: JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "expression", value: .string(check.text)), .init(key: "value", value: .number(value)),
            .init(key: "passed", value: .bool(passed)),
        ]
        if let note { members.append(.init(key: "note", value: .string(note))) }
        return .object(members)
    }

    /// The value for a person.
    var valueText: String {
        guard let value else { return note ?? "no data" }
        switch check.metric.unit {
        case .seconds: return Figures.duration(value)
        case .ratio: return Figures.percent(value)
        case .number: return Figures.count(value)
        }
    }

    /// Evaluates a check on what a run measured.
    static func of(_ check: CheckExpression, in window: MetricsWindow, plan: SessionPlan) -> CheckResult {
        of(RunDescription.Check(expression: check, pool: check.host.map(plan.poolName)), in: window)
    }

    /// The same where it is known which pool the check is about.
    static func of(_ described: RunDescription.Check, in window: MetricsWindow) -> CheckResult {
        let check = described.expression
        let value: Double?
        var note: String?
        if let name = check.host {
            if let host = window.host(named: described.pool ?? name) {
                value = figure(check, of: host.figures, in: window)
            } else {
                value = nil
                note = "no host '\(name)'"
            }
        } else {
            value = figure(check, of: window.totals, in: window)
        }
        guard let value, value.isFinite else {
            return CheckResult(check: check, value: nil, passed: false, note: note ?? "no data")
        }
        return CheckResult(
            check: check, value: value, passed: check.comparison.holds(value, check.limit), note: nil)
    }

    private static func figure(_ check: CheckExpression, of figures: WindowFigures, in window: MetricsWindow) -> Double?
    {
        guard let unit = check.perSeconds else {
            return figure(check.metric, of: figures.balanced, gained: figures, in: window)
        }
        // A rate is made of what came up in the window, not of what was there when it began.
        guard window.seconds > 0 else { return nil }
        return figure(check.metric, of: figures, gained: figures, in: window).map { $0 / window.seconds * unit }
    }

    private static func figure(
        _ metric: MetricName, of figures: WindowFigures, gained: WindowFigures, in window: MetricsWindow
    ) -> Double? {
        let requests = figures.metrics.requests
        switch metric.path {
        case "requests": return Double(requests.finished)
        case "errorRate": return requests.finished == 0 ? nil : Double(requests.failed) / Double(requests.finished)
        case "newConnections": return Double(gained.metrics.connections.opened)
        default: break
        }
        let path = metric.path.split(separator: ".")
        let document: JSONValue
        switch path.first {
        case "dns": document = .object(["dns": MetricsDocument.dns(window.dns, cacheEnabled: window.dnsCacheEnabled)])
        case "process": document = .object(["process": MetricsDocument.process(window)])
        default: document = MetricsDocument.metrics(figures, seconds: window.seconds)
        }
        // Labels with a count of zero are left out of the report.
        guard let value = document.at(path) else { return 0 }
        return value.asDouble
    }
}
