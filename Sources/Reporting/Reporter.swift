import PlainDocuments
package import PoolModel
package import SessionConfig

/// Reports one headless run, from its start to its summary.
///
/// Call `begin` once before the load, `progress` with every snapshot, `interval` once per `ReportPlan.interval` of
/// measured time, and then `finish`, or `abandon` if the run failed.
package struct Reporter {
    private let run: RunDescription
    private let report: ReportPlan
    private let channels: ReportChannels
    /// nil before `begin` and after the end.
    private var output: ReportOutput?
    private var line: ProgressLine?
    private var notes: StatusLine
    /// The notices since the last line of `ndjson`.
    private var events: [AgentNotice] = []

    package init(plan: SessionPlan, report: ReportPlan, channels: ReportChannels = .standard()) {
        self.init(RunDescription(plan), time: PlannedTime(plan.load), report: report, channels: channels)
    }

    /// - Parameters:
    ///   - run: the description of the run.
    ///   - time: how long the run is to last, for the progress line; nil for no line.
    ///   - report: the form of the report.
    ///   - channels: the destination of the report.
    package init(
        _ run: RunDescription, time: PlannedTime?, report: ReportPlan, channels: ReportChannels = .standard()
    ) {
        self.run = run
        self.report = report
        self.channels = channels
        line = time.map { ProgressLine(interval: report.interval, time: $0, tlsWeakness: run.tlsWeakness) }
        notes = StatusLine(channels, report)
    }

    /// Opens the output first, so that a run does not start if its report cannot be written.
    package mutating func begin() throws(CommandLineError) {
        output = try ReportOutput(path: report.outputFile, channels: channels)
    }

    /// Stores a snapshot's notices for the next line of `ndjson`. Every snapshot of a run must be passed to this
    /// method, to `progress` or to `interval`, because notices are handed out only once.
    package mutating func collect(_ snapshot: AgentSnapshot) {
        guard report.format == .ndjson else { return }
        events += snapshot.events.prefix(max(0, SnapshotLine.maxEvents - events.count))
    }

    /// Draws the progress line if there is one and it is due.
    package mutating func progress(_ current: AgentSnapshot) {
        collect(current)
        if notes.drawsLine, let text = line?.update(current) { notes.draw(text) }
    }

    /// Writes the activity since the previous interval as a line of `ndjson`; the other formats write nothing.
    package mutating func interval(previous: AgentSnapshot, current: AgentSnapshot) throws(CommandLineError) {
        guard report.format == .ndjson else { return }
        collect(current)
        let line = SnapshotLine(
            previous: previous, current: current, events: events, tlsWeakness: run.tlsWeakness)
        events = []
        try write(line.document.line + "\n")
    }

    /// Writes the remainder after the last full interval, so that the lines of `ndjson` add up to the summary.
    package mutating func lastInterval(previous: AgentSnapshot, current: AgentSnapshot) throws(CommandLineError) {
        let gained = MetricsWindow(from: previous, to: current)
        let requests = gained.totals.metrics.requests
        guard gained.seconds > 0 || requests.started + requests.finished > 0 else { return }
        try interval(previous: previous, current: current)
    }

    /// Writes the summary of the time between two snapshots: the one at the end of the warm-up, and the last.
    ///
    /// - Parameters:
    ///   - first: the snapshot at the end of the warm-up.
    ///   - last: the snapshot at the end of the run.
    ///   - givingUp: the snapshot before the last requests were given up; nil if all had ended.
    /// - Returns: whether all checks passed.
    /// - Throws: why the output failed.
    package mutating func finish(
        first: AgentSnapshot, last: AgentSnapshot, givingUp: AgentSnapshot? = nil
    ) throws(CommandLineError) -> CommandStatus {
        notes.end()
        let summary = Summary(run, first: first, last: last, givingUp: givingUp)
        switch report.format {
        case .text: try write(TextSummary(summary: summary).text)
        case .json: try write(summary.document.pretty + "\n")
        case .ndjson: try write(summary.document.line + "\n")
        }
        try output?.finish()
        output = nil
        notes.sayUnmet(summary.checks, report)
        return summary.status
    }

    /// Removes the progress line and an incomplete file. Has no effect after `finish`.
    package mutating func abandon() {
        notes.end()
        output?.abandon()
        output = nil
    }

    /// Prints messages beside the report, each only once. The progress line returns with its next update.
    package mutating func sayOnce(_ texts: [String]) {
        for text in texts { notes.say(text) }
    }

    private func write(_ text: String) throws(CommandLineError) {
        guard let output else { preconditionFailure("begun before it is written to") }
        try output.write(text)
    }
}
