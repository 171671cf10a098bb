import Experiment
import Foundation
import PoolModel
import Recordings
import Reporting
import SessionConfig
import Sessions

/// One `pooltop compare`: sessions of traffic in which two settings alternate, and the report of their differences.
struct CompareRun: Sendable {
    let plan: ComparePlan
    let report: ReportPlan
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }
    var channels = ReportChannels.standard()

    /// The longest interval between observations within a window; a washout uses the same.
    private static let longestInterval = Duration.milliseconds(200)

    func execute() async throws -> CommandStatus {
        var reporter = ComparisonReporter(plan: plan, report: report, channels: channels)
        try reporter.begin()
        do {
            let measured = try await measured(&reporter)
            let status = try reporter.finish(measured)
            return status == .done && !measured.problems.isEmpty ? .cannotRun : status
        } catch {
            reporter.abandon()
            throw error
        }
    }

    /// The measurements up to the end, or up to a signal.
    private func measured(_ reporter: inout ComparisonReporter) async throws -> ExperimentRecord {
        let signals = makeSignals()
        let (progress, observations) = AsyncStream.makeStream(of: CompareProgress.self)
        let work = Task { [self] in
            defer { observations.finish() }
            var record = ExperimentRecord()
            for session in 0..<plan.experiment.sessions where !Task.isCancelled {
                try await execute(session, into: &record) { observations.yield($0) }
            }
            return record
        }
        let stop = Task { [stream = signals.stream] in for await _ in stream { work.cancel() } }
        defer {
            withExtendedLifetime(signals) { stop.cancel() }
            work.cancel()
        }
        for await event in progress { try reporter.progress(event) }
        return try await work.value
    }

    private func execute(
        _ number: Int, into record: inout ExperimentRecord, onProgress: @escaping @Sendable (CompareProgress) -> Void
    ) async throws {
        var session = plan.session
        // Each session gets its own seed, as if the program had been restarted.
        session.seed &+= UInt64(number)
        let traffic = try await Session.make(session)
        record.startedAt = record.startedAt ?? traffic.startedAt.timeIntervalSince1970
        var failure: (any Error)?
        do {
            let files = try SessionFiles(
                traffic, command: "compare", interval: report.interval,
                onFailure: { onProgress(.fileFailed($0.message)) })
            do {
                try await traffic.begin()
                var running = ExperimentSession(plan: plan, session: number, traffic: traffic, files: files)
                try await running.run(into: &record, onProgress: onProgress)
            } catch {
                failure = error
            }
            record.problems += await files.close(nil, measuredSeconds: nil).map(\.message)
        } catch {
            failure = error
        }
        traffic.stopTraffic()
        try await traffic.shutdown()
        if let failure { throw failure }
    }

    /// One session from its first observation to its last.
    private struct ExperimentSession {
        let plan: ComparePlan
        let traffic: Session
        let files: SessionFiles
        private var scheduler: WindowScheduler
        private var arm = Arm.a
        private var windowStart: Reading?

        /// The state at one moment.
        private struct Reading {
            var snapshot: AgentSnapshot
            /// TCP segments that this host has sent; nil if the kernel does not report them.
            var segments: Int?
        }

        init(plan: ComparePlan, session: Int, traffic: Session, files: SessionFiles) {
            self.plan = plan
            self.traffic = traffic
            self.files = files
            scheduler = WindowScheduler(plan: plan.experiment, session: session)
        }

        /// A cancelled task ends the session between two observations, with the results so far.
        mutating func run(into record: inout ExperimentRecord, onProgress: (CompareProgress) -> Void) async throws {
            let window = plan.experiment.window
            let interval = window / max(2, Int((window / CompareRun.longestInterval).rounded(.up)))
            let start = SuspendingClock.now
            do { try await Task.sleep(for: plan.warmUp, clock: .suspending) } catch { return }
            let first = try await traffic.snapshot()
            files.begin(first)
            var previous = first.withoutDurations
            var next = SuspendingClock.now
            while !scheduler.isFinished {
                // If the program was stopped, one observation replaces all those that were missed.
                repeat { next += interval } while next < .now
                do { try await Task.sleep(until: next, clock: .suspending) } catch { return }
                let snapshot = try await traffic.snapshot(socketsFor: files.socketHosts(inSeconds: interval.asSeconds))
                files.take(snapshot)
                let reading = Reading(snapshot: snapshot, segments: KernelCounters.tcpSegmentsSent())
                let counts = snapshot.withoutDurations
                let since = MetricsWindow(from: previous, to: counts)
                previous = counts
                record.timeline.add(since, arm: arm, isMeasured: scheduler.isMeasuring)
                onProgress(.observation(scheduler.window, isMeasuring: scheduler.isMeasuring, since))
                let now = Moment(nanoseconds: (SuspendingClock.now - start).clampedNanoseconds)
                for action in scheduler.observed(WindowScheduler.Observation(since), now: now) {
                    guard let sample = perform(action, reading, into: &record) else { continue }
                    onProgress(.window(sample))
                }
            }
        }

        /// The sample, if the action ends a window.
        private mutating func perform(
            _ action: WindowScheduler.Action, _ reading: Reading, into record: inout ExperimentRecord
        ) -> WindowSample? {
            switch action {
            case .switchTo(let other):
                arm = other
                for scoped in plan.changes(of: other) {
                    traffic.apply(scoped.change, host: scoped.host.flatMap { traffic.host(named: $0) })
                }
            case .begin: windowStart = reading
            case .end(let window, let wasAtRest):
                guard let windowStart else { return nil }
                let measured = MetricsWindow(from: windowStart.snapshot, to: reading.snapshot)
                let sent = reading.segments.flatMap { end in windowStart.segments.map { end - $0 } }
                let sample = WindowSample(window, measured, tcpSegments: sent, wasAtRest: wasAtRest)
                record.add(sample, measured)
                return sample
            case .finished: break
            }
            return nil
        }
    }
}

extension AgentSnapshot {
    /// Without durations, which observations do not use, a difference is cheap to compute.
    fileprivate var withoutDurations: AgentSnapshot {
        var copy = self
        for index in copy.hosts.indices { copy.hosts[index].metrics.latency = LatencySet() }
        return copy
    }
}

extension WindowScheduler.Observation {
    init(_ window: MetricsWindow) {
        let metrics = window.totals.metrics
        self.init(
            open: metrics.connections.open,
            exchanges: metrics.requests.onNewConnection + metrics.requests.onReusedConnection,
            reused: metrics.requests.onReusedConnection)
    }
}
