import AgentCore
import Experiment

/// A finished comparison, ready to be written as text, as JSON or as a page.
struct ComparisonReport {
    static let schema = "pooltop.comparison/1"

    var plan: ComparePlan
    var record: ExperimentRecord
    var comparison: Comparison
    /// Judged on arm B.
    var checks: [CheckResult]

    init(plan: ComparePlan, record: ExperimentRecord) {
        self.plan = plan
        self.record = record
        var generator = SplitMix64(seed: plan.session.seed)
        comparison = Comparison(
            record.samples, plan: plan.experiment, capacity: plan.capacity, loops: plan.session.usefulLoops,
            generator: &generator)
        let judged = plan.session(of: .b)
        checks = plan.session.checks.map { check in
            guard let window = record.totals[.b] else {
                return CheckResult(check: check, value: nil, passed: false, note: "no data")
            }
            return CheckResult.of(check, in: window, plan: judged)
        }
    }

    var status: CommandStatus { checks.allSatisfy(\.passed) ? .done : .checkNotMet }
}

/// Reports one comparison: a line that is written over while it goes on, then the report.
struct ComparisonReporter {
    private let plan: ComparePlan
    private let report: ReportPlan
    private let channels: ReportChannels
    private var file: ReportFile?
    private var page: ReportFile?
    private var line: OverwrittenLine?
    private var said: Set<String> = []

    init(plan: ComparePlan, report: ReportPlan, channels: ReportChannels) {
        self.plan = plan
        self.report = report
        self.channels = channels
    }

    /// Opens the outputs, so that an experiment whose report could not be written is not begun.
    mutating func begin() throws(CommandLineError) {
        if let path = report.outputFile { file = try ReportFile(path: path) }
        do {
            if let path = plan.reportFile { page = try ReportFile(path: path, option: "--report") }
        } catch {
            abandon()
            throw error
        }
        let isShared = report.format == .ndjson && report.outputFile == nil && channels.outputIsTerminal
        if !report.isQuiet, channels.errorIsTerminal, !isShared { line = OverwrittenLine() }
    }

    mutating func progress(_ progress: CompareProgress) throws(CommandLineError) {
        switch progress {
        case .look(let window, let isMeasuring, let since):
            guard let window else { return }
            let text = progressText(window, isMeasuring: isMeasuring, since)
            if let text = line?.draw(text, columns: channels.columns()) { channels.writeError(text) }
        case .window(let sample):
            if report.format == .ndjson { try write(ComparisonDocument.window(sample).line + "\n") }
        case .fileFailed(let text): say(text)
        }
    }

    mutating func finish(_ record: ExperimentRecord) throws(CommandLineError) -> CommandStatus {
        clearProgress()
        let result = ComparisonReport(plan: plan, record: record)
        switch report.format {
        case .text: try write(ComparisonText(report: result).text)
        case .json: try write(ComparisonDocument.document(result).pretty + "\n")
        case .ndjson: try write(ComparisonDocument.document(result).line + "\n")
        }
        try file?.finish()
        file = nil
        try page?.write(ComparisonPage(report: result).html)
        try page?.finish()
        page = nil
        for problem in record.problems { say(problem) }
        return result.status
    }

    /// Says what a person has to know beside the report, each sentence once.
    private mutating func say(_ text: String) {
        guard said.insert(text).inserted else { return }
        if let clearing = line?.clear() { channels.writeError(clearing) }
        channels.writeError("pooltop: \(PlainText.clean(text, limit: 1000))\n")
    }

    /// Leaves no half-written file. Does nothing after `finish`.
    mutating func abandon() {
        clearProgress()
        file?.abandon()
        page?.abandon()
        (file, page) = (nil, nil)
    }

    private func progressText(_ window: PlannedWindow, isMeasuring: Bool, _ since: MetricsWindow) -> String {
        let experiment = plan.experiment
        let windows = experiment.windows(ofSession: window.session)
        var parts: [String] = []
        if experiment.sessions > 1 { parts.append("session \(window.session + 1) of \(experiment.sessions)") }
        parts.append("pair \(window.pair + 1) of \(windows.count / 2)")
        parts.append("\(window.arm == .a ? "A" : "B") \(isMeasuring ? "measuring" : "settling")")
        func rate(_ count: Int) -> String {
            Figures.rate(since.seconds > 0 ? Double(count) / since.seconds : nil) + "/s"
        }
        let metrics = since.totals.metrics
        parts += [
            "requests \(rate(metrics.requests.finished))", "new connections \(rate(metrics.connections.opened))",
            "DNS \(rate(since.dns.queries))", "failed \(Figures.count(metrics.requests.failed))",
        ]
        return (plan.session.tls.insecure ? "INSECURE  " : "") + parts.joined(separator: "  ")
    }

    private mutating func clearProgress() {
        if let text = line?.clear() { channels.writeError(text) }
        line = nil
    }

    private func write(_ text: String) throws(CommandLineError) {
        if let file { try file.write(text) } else { try channels.writeOutput(text) }
    }
}
