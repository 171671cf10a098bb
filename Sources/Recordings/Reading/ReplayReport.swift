import PoolModel
package import Reporting
package import SessionConfig

/// The report of a recording, as the original run would have printed it.
package struct ReplayReport {
    package let recording: Recording
    package let report: ReportPlan
    /// The position in seconds at which the report begins; nil for the start of measuring.
    package let position: Double?
    package var channels = ReportChannels.standard()

    package func write() throws(CommandLineError) -> CommandStatus {
        var run = recording.header.run
        run.faults = recording.faults
        var reporter = Reporter(run, time: nil, report: report, channels: channels)
        try reporter.begin()
        do throws(CommandLineError) {
            return try write(&reporter)
        } catch {
            reporter.abandon()
            throw error
        }
    }

    private func write(_ reporter: inout Reporter) throws(CommandLineError) -> CommandStatus {
        let beginning = position.map { recording.index(at: $0) } ?? recording.measuringFrom
        var cursor = RecordingCursor()
        var first: AgentSnapshot?
        var previous: AgentSnapshot?
        var last: AgentSnapshot?
        let interval = report.interval.asSeconds
        while let snapshot = cursor.next(of: recording) {
            guard cursor.index > beginning else { continue }
            guard let before = previous else {
                (first, previous, last) = (snapshot, snapshot, snapshot)
                reporter.collect(snapshot)
                continue
            }
            last = snapshot
            let isLast = cursor.index == recording.lines.count
            if isLast {
                try reporter.lastInterval(previous: before, current: ended(snapshot, since: first))
            } else if snapshot.uptimeSeconds - before.uptimeSeconds >= interval * 0.95 {
                try reporter.interval(previous: before, current: snapshot)
                previous = snapshot
            } else {
                reporter.collect(snapshot)
            }
        }
        guard let first, let last else { preconditionFailure("a recording has a snapshot") }
        return try reporter.finish(first: first, last: ended(last, since: first))
    }

    /// The rates of a run are based on the time of its load, not including the wait for its last responses.
    private func ended(_ last: AgentSnapshot, since first: AgentSnapshot?) -> AgentSnapshot {
        guard position == nil, let first, let seconds = recording.measuredSeconds else { return last }
        var last = last
        last.uptimeSeconds = min(last.uptimeSeconds, first.uptimeSeconds + seconds)
        return last
    }

    package init(recording: Recording, report: ReportPlan, position: Double?, channels: ReportChannels = .standard()) {
        self.recording = recording
        self.report = report
        self.position = position
        self.channels = channels
    }
}
