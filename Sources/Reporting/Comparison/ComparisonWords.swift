import Experiment
import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// The wording of a comparison's figures, used both in text and on the page.
enum ComparisonWords {
    static func value(_ value: Double?, _ unit: Metric.Unit) -> String {
        guard let value else { return "-" }
        switch unit {
        case .seconds: return NumberFormat.duration(value)
        case .perSecond: return rate(value)
        case .share: return percent(value)
        case .count:
            // The mean of equal integers is shown as an integer.
            let isWhole = abs(value - value.rounded()) < 1e-6 * abs(value)
            return isWhole || value >= 99.95 ? NumberFormat.count(value.rounded()) : NumberFormat.count(value)
        case .bytes: return NumberFormat.bytes(Int(value.rounded()))
        }
    }

    static func rate(_ perSecond: Double) -> String { perSecond == 0 ? "0/s" : NumberFormat.rate(perSecond) + "/s" }

    /// `60%`, `99.7%`.
    static func percent(_ share: Double) -> String {
        let text = NumberFormat.percent(share)
        return text.hasSuffix(".0%") ? text.dropLast(3) + "%" : text
    }

    /// Three significant digits.
    static func ratio(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return "-" }
        if ratio == 0 { return "0" }
        if ratio < 0.0001 { return "<0.0001" }
        if ratio >= 99.95 { return NumberFormat.count(ratio.rounded()) }
        return NumberFormat.decimals(ratio, ratio < 0.00995 ? 4 : ratio < 9.995 ? 3 : 1)
    }

    static func interval(_ interval: Interval?) -> String {
        guard let interval else { return "-" }
        if interval.low == 0, interval.high.isInfinite { return "-" }
        if interval.low == 0 { return "up to \(ratio(interval.high))" }
        if interval.high.isInfinite { return "from \(ratio(interval.low))" }
        return "\(ratio(interval.low)) - \(ratio(interval.high))"
    }

    static func p(_ p: Double?) -> String {
        guard let p else { return "-" }
        return p < 0.001 ? "<0.001" : NumberFormat.decimals(p, 3)
    }

    static func verdict(_ metric: MetricComparison, isComparable: Bool) -> String {
        guard isComparable else { return "not comparable" }
        switch metric.verdict {
        case .lower: return "lower"
        case .higher: return "higher"
        case .noDifference: return "no difference"
        case .undecided:
            return metric.pairsNeeded.map { "undecided (--pairs \(NumberFormat.count($0)))" } ?? "undecided"
        }
    }

    /// The sample size of a window's quantiles.
    static func samples(_ comparison: Comparison) -> String {
        let all = comparison.requestsPerWindow
        return "Response times of \(NumberFormat.count(all.rounded())) requests a window; its p99 rests on the slowest "
            + "\(NumberFormat.count((all / 100).rounded()))."
    }

    /// The failures in an arm's windows, the most frequent first: `server reset the connection 12`.
    static func errors(_ window: MetricsWindow?) -> [String] {
        let errors = window?.totals.metrics.errors.nonZero.map { (label: $0.key.deed, count: $0.count) } ?? []
        return errors.sorted { $0.count > $1.count }.map { "\($0.label) \(NumberFormat.count($0.count))" }
    }

    /// The effect of B on the most important figures that have a verdict: `49.5% less CPU per request`.
    static func findings(_ comparison: Comparison) -> [String] {
        let told: [(Metric, less: String, more: String, what: String)] = [
            (.cpuSecondsPerRequest, "less", "more", "CPU per request"),
            (.connectionsPerSecond, "fewer", "more", "TCP connections"),
            (.dnsQueriesPerSecond, "fewer", "more", "DNS queries"),
            (.responseP50, "shorter", "longer", "median response"),
            (.responseP99, "shorter", "longer", "p99 response"),
        ]
        return told.compactMap { metric, less, more, what in
            guard let figure = comparison[metric] else { return nil }
            switch figure.verdict {
            case .lower:
                return figure.ratio.map { $0 == 0 ? "no \(what)" : "\(percent(1 - $0)) \(less) \(what)" }
            case .higher:
                return figure.ratio.map {
                    $0 < 2 ? "\(percent($0 - 1)) \(more) \(what)" : "\(what) x \(ratio($0))"
                } ?? "\(what) where A has none"
            case .noDifference: return "no difference in \(what)"
            case .undecided: return nil
            }
        }
    }

    static func name(_ kind: GuardRail.Kind) -> String {
        switch kind {
        case .pairs: "pairs that count"
        case .setAside: "pairs set aside as disturbed"
        case .faultsInOneArm: "disturbed windows in one arm"
        case .achievedRate: "finished of planned requests"
        case .errors: "failed requests"
        case .agentCPU: "agent's thread busy"
        case .atRest: "windows begun with the pools at rest"
        case .noTrend: "p of a trend over the pairs"
        }
    }

    static func value(_ rail: GuardRail, _ value: Double?) -> String {
        guard let value else { return rail.kind == .faultsInOneArm ? "few" : "not known" }
        switch rail.kind {
        case .pairs: return NumberFormat.count(value)
        case .noTrend: return p(value)
        case .setAside, .faultsInOneArm, .achievedRate, .errors, .agentCPU, .atRest: return percent(value)
        }
    }

    static func limit(_ rail: GuardRail) -> String {
        "\(rail.isLeast ? "at least" : "at most") \(value(rail, rail.limit))"
    }

    /// The reasons why the arms are not comparable; empty if they are.
    static func objections(_ comparison: Comparison) -> [String] {
        guard comparison.pairs > 0 else { return ["no pair was measured"] }
        return comparison.guardRails.filter { !$0.passed && $0.kind != .pairs }.map {
            "\(name($0.kind)) \(value($0, $0.value)), \(limit($0))"
        }
    }

    static func dimension(_ dimension: Capacity.LoadBalancer.Dimension) -> String {
        switch dimension {
        case .newConnections: "new connections"
        case .activeConnections: "active connections"
        case .processedBytes: "bytes"
        }
    }

    /// The comparison in one line, as the page's title says it.
    static func question(_ plan: ComparePlan) -> String {
        if plan.a == ComparePlan.defaultArms.a, plan.b == ComparePlan.defaultArms.b {
            return "Keep-alive + DNS cache against neither"
        }
        if plan.a == ComparePlan.attachedArms.a, plan.b == ComparePlan.attachedArms.b {
            return "Keep-alive against none"
        }
        if plan.isAA { return PlainText.clean("A/A: \(plan.a.texts)") }
        return PlainText.clean("\(plan.b.texts) against \(plan.a.texts)")
    }

    /// A window's length as it was given, or rounded where a share of `--duration` has no short form.
    static func length(_ window: Duration) -> String {
        let exact = DurationText.format(window)
        return exact.count <= 5 ? exact : NumberFormat.duration(window / .seconds(1))
    }

    /// The load of an experiment.
    static func load(_ report: ComparisonReport) -> [String] {
        let (plan, comparison) = (report.plan, report.comparison)
        let experiment = plan.experiment
        let described = RunDescription(plan.session)
        var parts =
            plan.attach == nil
            ? [described.load, described.targets].compactMap(\.self)
            : ["attached to \(plan.attachedName)", "its own traffic"]
        var pairs = "\(comparison.pairs) \(comparison.pairs == 1 ? "pair" : "pairs") of"
        pairs += " \(length(experiment.window)) windows"
        if comparison.sessions > 1 { pairs += " from \(comparison.sessions) sessions" }
        parts.append(pairs)
        if comparison.pairsLeftOut > 0 { parts.append("\(comparison.pairsLeftOut) more left out") }
        if comparison.pairsSetAside > 0, comparison.isComparable {
            parts.append("\(comparison.pairsSetAside) set aside")
        }
        if report.elapsedSeconds > 0 {
            parts.append(
                "\(NumberFormat.duration(report.measuredSeconds)) measured in \(NumberFormat.duration(report.elapsedSeconds))"
            )
        }
        parts.append("seed \(plan.session.seed)")
        return parts.map { PlainText.clean($0) }
    }
}
