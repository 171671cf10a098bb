import Experiment
import PlainDocuments
import PoolModel
package import SessionConfig

/// A finished comparison, ready to be written as text, JSON or a page.
struct ComparisonReport {
    static let schema = "pooltop.comparison/1"

    var plan: ComparePlan
    var record: ExperimentRecord
    var comparison: Comparison
    /// Evaluated for arm B.
    var checks: [CheckResult]

    init(plan: ComparePlan, record: ExperimentRecord) {
        self.plan = plan
        self.record = record
        var generator = SplitMix64(seed: plan.session.seed)
        var capacity = plan.capacity
        capacity.ownProcessCPUPerSecond = record.ownProcessCPUPerSecond
        comparison = Comparison(
            record.samples, plan: plan.experiment, capacity: capacity, loops: plan.session.usefulLoops,
            generator: &generator)
        let judged = plan.session(of: .b)
        checks = plan.session.checks.map { check in
            guard let window = record.totals[.b] else {
                return CheckResult(check: check, value: nil, passed: false, note: "no data")
            }
            return CheckResult.of(check, in: window, plan: judged)
        }
    }

    /// The time of all windows that were measured, without lead pairs.
    var measuredSeconds: Double { record.samples.reduce(0) { $0 + ($1.window.counts ? $1.seconds : 0) } }

    /// The time from the first observation to the last, over all sessions.
    var elapsedSeconds: Double { record.timeline.points.last?.time ?? 0 }

    var status: CommandStatus { checks.allSatisfy(\.passed) ? .done : .checkNotMet }
}

/// Reports one comparison: a progress line that is overwritten while it runs, then the report.
package struct ComparisonReporter {
    private let plan: ComparePlan
    private let report: ReportPlan
    private let channels: ReportChannels
    /// nil before `begin` and after the end.
    private var output: ReportOutput?
    private var page: ReportFile?
    private var notes: StatusLine

    package init(plan: ComparePlan, report: ReportPlan, channels: ReportChannels) {
        self.plan = plan
        self.report = report
        self.channels = channels
        notes = StatusLine(channels, report)
    }

    /// Opens the outputs first, so that an experiment does not start if its report cannot be written.
    package mutating func begin() throws(CommandLineError) {
        output = try ReportOutput(path: report.outputFile, channels: channels)
        do {
            if let path = plan.reportFile { page = try ReportFile(path: path, option: "--report") }
        } catch {
            abandon()
            throw error
        }
    }

    package mutating func progress(_ progress: CompareProgress) throws(CommandLineError) {
        switch progress {
        case .observation(let window, let pairs, let isMeasuring, let since):
            guard let window else { return }
            guard notes.drawsLine else { return }
            notes.draw(progressText(window, of: pairs, isMeasuring: isMeasuring, since))
        case .window(let sample):
            if report.format == .ndjson { try write(ComparisonDocument.window(sample, plan).line + "\n") }
        case .fileFailed(let text): notes.say(text)
        }
    }

    package mutating func finish(_ record: ExperimentRecord) throws(CommandLineError) -> CommandStatus {
        notes.end()
        let result = ComparisonReport(plan: plan, record: record)
        switch report.format {
        case .text: try write(ComparisonText(report: result).text)
        case .json: try write(ComparisonDocument.document(result).pretty + "\n")
        case .ndjson: try write(ComparisonDocument.document(result).line + "\n")
        }
        try output?.finish()
        output = nil
        try page?.write(ComparisonPage(report: result).html)
        try page?.finish()
        page = nil
        notes.sayUnmet(result.checks, report)
        for problem in record.problems { notes.say(problem) }
        return result.status
    }

    /// Removes an incomplete file. Has no effect after `finish`.
    package mutating func abandon() {
        notes.end()
        output?.abandon()
        page?.abandon()
        (output, page) = (nil, nil)
    }

    private func progressText(_ window: PlannedWindow, of pairs: Int, isMeasuring: Bool, _ since: MetricsWindow)
        -> String
    {
        let experiment = plan.experiment
        var parts: [String] = []
        if experiment.sessions > 1 { parts.append("session \(window.session + 1) of \(experiment.sessions)") }
        parts.append("pair \(window.pair + 1) of \(pairs)")
        parts.append("\(window.arm == .a ? "A" : "B") \(isMeasuring ? "measuring" : "settling")")
        func rate(_ count: Int) -> String {
            NumberFormat.rate(since.seconds > 0 ? Double(count) / since.seconds : nil) + "/s"
        }
        let metrics = since.totals.metrics
        parts += [
            "requests \(rate(metrics.requests.finished))", "new connections \(rate(metrics.connections.opened))",
            "DNS \(rate(since.dns.queries))", "failed \(NumberFormat.count(metrics.requests.failed))",
        ]
        return TLSWeakness(plan.session.tls).mark + parts.joined(separator: "  ")
    }

    private func write(_ text: String) throws(CommandLineError) {
        guard let output else { preconditionFailure("begun before it is written to") }
        try output.write(text)
    }
}
