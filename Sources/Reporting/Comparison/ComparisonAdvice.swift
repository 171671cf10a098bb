import Experiment
import PlainDocuments
import PoolModel
import SessionConfig

/// Why a comparison has no verdicts, and what to change so that it has.
struct ComparisonAdvice {
    let report: ComparisonReport

    private var comparison: Comparison { report.comparison }

    /// One line in place of figures if nothing answered.
    var targetDown: String? {
        guard comparison.isTargetDown else { return nil }
        let samples = report.record.samples
        let failed = samples.reduce(0) { $0 + $1.failed }
        guard failed > 0 else { return "no request ended in \(samples.count) windows, so nothing is compared" }
        return "all \(NumberFormat.count(failed)) requests failed, so nothing is compared"
    }

    /// The reasons why the arms are not comparable, and the remedies.
    var objections: [String] { ComparisonWords.objections(comparison) + faults + remedies }

    /// `2 pairs set aside`, and why, as sentences.
    var setAside: [String] {
        guard comparison.pairsSetAside > 0, comparison.isComparable else { return [] }
        let pairs = comparison.pairsSetAside
        return [
            "\(pairs) disturbed \(pairs == 1 ? "pair was" : "pairs were") set aside: \(faults.joined(separator: ", "))."
        ]
    }

    private var faults: [String] {
        comparison.faults.map { fault in
            let arms = [("A", fault.a), ("B", fault.b)].filter { $0.1 > 0 }
            return "\(Self.name(fault.fault)) in "
                + arms.map { "\(Self.windows($0.1)) of \($0.0)" }.joined(separator: " and ")
        }
    }

    private static func windows(_ count: Int) -> String { count == 1 ? "1 window" : "\(count) windows" }

    static func name(_ fault: WindowFault) -> String {
        switch fault {
        case .length: "longer or shorter than planned"
        case .achievedRate: "more than 1% off the planned requests"
        case .errors: "more than 1% failed"
        case .agentCPU: "agent's thread over 90% busy"
        case .atRest: "pools not at rest"
        case .unsteadyTraffic: "a quarter more or fewer requests than in the other window"
        }
    }

    // MARK: Remedies

    private var remedies: [String] {
        let failed = comparison.guardRails.filter { !$0.passed }.map(\.kind)
        let faults = comparison.faults.map(\.fault)
        var remedies: [String] = []
        if failed.contains(.agentCPU) || faults.contains(.agentCPU) {
            remedies.append(lowerLoad)
        } else if failed.contains(.achievedRate) || faults.contains(.achievedRate) {
            remedies.append(moreSockets ?? lowerLoad)
        }
        if failed.contains(.errors) || faults.contains(.errors) {
            remedies.append("the errors below say what to mend first")
        }
        if faults.contains(.atRest) || failed.contains(.atRest) {
            let longer = report.plan.experiment.longestWashout * 2
            remedies.append("--washout \(ComparisonWords.length(longer)) gives the pools more time")
        }
        if failed.contains(.noTrend) { remedies.append("--warm-up 20s leaves out what still changes at the beginning") }
        if faults.contains(.unsteadyTraffic) {
            let longer = ComparisonWords.length(report.plan.experiment.window * 5)
            remedies.append("the traffic is not steady: --window \(longer) averages more of it, or try at another hour")
        }
        if faults.contains(.length) { remedies.append("the machine was held up: try when it has less to do") }
        return remedies
    }

    private var lowerLoad: String {
        if report.plan.client == .attached { return "try at an hour when the process has less to do" }
        switch report.plan.session.load.shape {
        case .rate(let perSecond, _):
            let lower = max(1, (0.6 * perSecond).rounded(.down))
            return "--rate \(Int(lower))/s, 60% of this load, may be sustained"
        case .concurrency(let count): return "--concurrency \(max(1, count * 6 / 10)) is 60% of this load"
        case .steps: return "try 60% of this load"
        }
    }

    /// The connections that the load needs at the measured service time, with half as many again, if a host had as many
    /// as it may have.
    private var moreSockets: String? {
        let limit = report.plan.maxSocketsPerHost
        let windows = Arm.allCases.compactMap { report.record.totals[$0] }.filter { $0.seconds > 0 }
        let needed = windows.flatMap { window in
            window.hosts.compactMap { host -> Int? in
                let metrics = host.figures.metrics
                guard metrics.connections.peakOpen >= limit, let service = metrics.latency.service.meanSeconds else {
                    return nil
                }
                let rate = Double(host.figures.planned ?? metrics.requests.finished) / window.seconds
                return Int((1.5 * rate * service).rounded(.up))
            }
        }
        guard let most = needed.max() else { return nil }
        return "all connections were in use: --max-sockets \(max(most, limit + limit / 2))"
    }

    // MARK: Few pairs, few sessions

    /// The number of pairs or sessions that would tell more.
    var cautions: [String] {
        var cautions: [String] = []
        let needed = comparison.pairsNeeded
        if comparison.pairs < needed {
            let pairs = comparison.pairs == 1 ? "1 pair is" : "\(comparison.pairs) pairs are"
            let main = comparison.pairs < ExperimentPlan.minimumPairs ? "any figure" : "the headline figures"
            cautions.append(
                "\(pairs) too few for a verdict on \(main), however large the effect: \(needed) would do "
                    + "(--pairs \(max(needed + 1, ExperimentPlan().pairs))).")
        }
        let least = ExperimentPlan.minimumSessions
        if comparison.hasTooFewSessions {
            cautions.append(
                "\(comparison.sessions) sessions cannot tell how much sessions differ, so there are no verdicts: "
                    + "--sessions \(least) gives them, --sessions 1 judges one session by itself.")
        }
        if comparison.sessions == 1 {
            cautions.append("One session: another may differ by more than these intervals. --sessions 5 takes that in.")
        }
        return cautions
    }

    /// How often the verdicts may be wrong.
    var errorRates: [String] {
        let headline = comparison.metrics.filter { $0.metric.isHeadline && !$0.comparison.isEmpty }
        guard comparison.isComparable, !comparison.hasTooFewSessions, !headline.isEmpty else { return [] }
        let names = headline.map(\.metric.label).joined(separator: ", ")
        var sentences = [
            "Headline figures (\(names)): p is corrected for their number (Holm); with equal arms one of them gets a "
                + "false verdict in at most 5% of comparisons."
        ]
        let expected = comparison.expectedFalseVerdicts
        if expected > 0 {
            let figures = NumberFormat.count((expected / MetricComparison.significance).rounded())
            sentences.append(
                "The other \(figures) are not corrected: of them up to \(NumberFormat.decimals(expected, 1)) may differ "
                    + "by chance.")
        }
        return sentences
    }
}
