package import Experiment
package import PoolModel

/// The progress of a running comparison.
package enum CompareProgress: Sendable {
    /// The window that is being measured or prepared, the number of pairs that the session will have, and the activity
    /// since the previous observation.
    case observation(PlannedWindow?, of: Int, isMeasuring: Bool, MetricsWindow)
    case window(WindowSample)
    /// A file that the session is written to ended early; the experiment continues.
    case fileFailed(String)
}

/// The measurements of an experiment.
package struct ExperimentRecord: Sendable {
    /// Seconds since 1970-01-01 UTC; nil if nothing was started.
    package var startedAt: Double?
    /// The version of the client that made the load, if it is not this program's own.
    package var clientVersion: String?
    /// CPU seconds per second of the process that `--own-cpu pid:N` names; nil without one.
    package var ownProcessCPUPerSecond: Double?
    /// The kernel's count beside that of an attached process; nil: it was not asked.
    package var kernel: KernelCount?
    var samples: [WindowSample] = []
    /// The combined windows of each arm, without the lead pairs, and with those that were set aside.
    package var totals: [Arm: MetricsWindow] = [:]
    package var timeline = WindowTimeline()
    /// The errors of the files that the sessions were written to.
    package var problems: [String] = []

    /// No request succeeded in the first pairs: it is not worth while to go on.
    package var isTargetDown: Bool { samples.count >= 4 && samples.allSatisfy { $0.finished == $0.failed } }

    package mutating func add(_ sample: WindowSample, _ measured: MetricsWindow) {
        samples.append(sample)
        guard sample.window.counts else { return }
        if totals[sample.window.arm] == nil {
            totals[sample.window.arm] = measured
        } else {
            totals[sample.window.arm]?.merge(measured)
        }
    }

    package init(
        startedAt: Double? = nil, samples: [WindowSample] = [], totals: [Arm: MetricsWindow] = [:],
        timeline: WindowTimeline = WindowTimeline(), problems: [String] = []
    ) {
        self.startedAt = startedAt
        self.samples = samples
        self.totals = totals
        self.timeline = timeline
        self.problems = problems
    }
}
