import PoolModel
import Recordings
import Reporting
import SessionConfig

/// Something of another process that is looked at: its snapshots, and how it is called in reports and recordings.
protocol Observed: Sendable {
    var run: RunDescription { get }
    var snapshots: any SnapshotSource { get }
    /// Changes that were asked for beforehand: each is a task that waits for its time. `tell` gets what is said against them.
    func changes(tell: @escaping @Sendable (String) -> Void) -> [Task<Void, Never>]
    /// The file of the recording; nil: none is wanted.
    var recording: String? { get }
    /// Where metrics are served; nil: nowhere.
    var metrics: MetricsAddress? { get }
    /// The command, as recordings name it.
    var command: String { get }
    var startedAt: Double { get }
}

extension Observed {
    /// Opens the file that was asked for.
    func files(
        interval: Duration, onFailure: @escaping @Sendable (CommandLineError) -> Void
    ) throws(CommandLineError) -> SessionFiles {
        let header = RecordingHeader(run: run, command: command, source: command, startedAt: startedAt)
        return try SessionFiles(
            FilesPlan(recording: recording), header: header, interval: interval,
            publish: try MetricsPublisher.start(metrics), onFailure: onFailure)
    }

    func changes(tell: @escaping @Sendable (String) -> Void) -> [Task<Void, Never>] { [] }
}

/// A look at another process without a screen: what is seen until the time is over, and its report.
struct ObservedRun: Sendable {
    let duration: Duration?
    let report: ReportPlan
    /// Begins to look; gets what to tell beside the report.
    let begin: @Sendable (@escaping @Sendable (String) -> Void) async throws -> any Observed
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }
    var channels = ReportChannels.standard()

    private static let progressInterval = Duration.milliseconds(500)

    private enum Wake: Sendable {
        case progress
        case interval
        /// The time is over, or a signal came.
        case end
        /// Something to tell beside the report, which goes on.
        case told(String)
        /// The same of the recording, which is not whole then.
        case fileFailed(String)
    }

    func execute() async throws -> CommandStatus {
        let signals = makeSignals()
        let (wakes, continuation) = AsyncStream.makeStream(of: Wake.self)
        let observed = try await begin { continuation.yield(.told($0)) }
        var reporter = Reporter(
            observed.run, time: PlannedTime(total: duration), report: report, channels: channels)
        do {
            try reporter.begin()
            let files = try observed.files(
                interval: report.interval, onFailure: { continuation.yield(.fileFailed($0.message)) })
            defer { withExtendedLifetime(signals) {} }
            let status = try await measure(observed.snapshots, files, wakes, &reporter) {
                helpers(signals.stream, continuation) + observed.changes { continuation.yield(.told($0)) }
            }
            try await observed.snapshots.shutdown()
            return status
        } catch {
            reporter.abandon()
            try await observed.snapshots.shutdown()
            throw error
        }
    }

    private func measure(
        _ source: any SnapshotSource, _ files: SessionFiles, _ wakes: AsyncStream<Wake>, _ reporter: inout Reporter,
        starting helpers: () -> [Task<Void, Never>]
    ) async throws -> CommandStatus {
        do {
            let (first, last) = try await observe(source, files, wakes, &reporter, starting: helpers)
            let problems = await files.close(last, measuredSeconds: nil)
            let status = try reporter.finish(first: first, last: last)
            reporter.sayOnce(problems.map(\.message))
            return status == .done && !problems.isEmpty ? .cannotRun : status
        } catch {
            _ = await files.close(nil, measuredSeconds: nil)
            throw error
        }
    }

    /// The snapshots at the beginning and at the end. The time counts from the first.
    private func observe(
        _ source: any SnapshotSource, _ files: SessionFiles, _ wakes: AsyncStream<Wake>, _ reporter: inout Reporter,
        starting helpers: () -> [Task<Void, Never>]
    ) async throws -> (first: AgentSnapshot, last: AgentSnapshot) {
        let first = try await source.snapshot(socketsFor: files.socketHosts)
        let tasks = helpers()
        defer { for task in tasks { task.cancel() } }
        files.begin(first)
        reporter.progress(first)
        var previous = first
        for await wake in wakes {
            switch wake {
            case .progress:
                let current = try await source.snapshot(socketsFor: files.socketHosts)
                files.take(current)
                reporter.progress(current)
            case .interval:
                let current = try await source.snapshot(socketsFor: files.socketHosts)
                files.take(current)
                try reporter.interval(previous: previous, current: current)
                previous = current
            case .end:
                let last = try await source.snapshot(socketsFor: files.socketHosts)
                try reporter.lastInterval(previous: previous, current: last)
                return (first, last)
            case .told(let text), .fileFailed(let text):
                reporter.sayOnce([text])
            }
        }
        throw CommandLineError(.cannotRun, "looking was ended")
    }

    /// The tasks that wake up the run: timers and signals.
    private func helpers(
        _ signals: AsyncStream<Int32>, _ wakes: AsyncStream<Wake>.Continuation
    ) -> [Task<Void, Never>] {
        var tasks = [
            RunTimers.repeating(Self.progressInterval) { wakes.yield(.progress) },
            Task { for await _ in signals { wakes.yield(.end) } },
        ]
        if report.format == .ndjson {
            tasks.append(RunTimers.repeating(report.interval) { wakes.yield(.interval) })
        }
        if let duration { tasks.append(RunTimers.after(duration) { wakes.yield(.end) }) }
        return tasks
    }
}
