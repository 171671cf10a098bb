import Experiment
import FoundationEssentials
import PoolModel
import Recordings
import Reporting
import SessionConfig
import Sessions

/// One `pooltop compare`: sessions of traffic in which two settings alternate, and the report of their differences.
struct CompareRun: Sendable {
    let plan: ComparePlan
    let report: ReportPlan
    /// Makes the client of a session.
    var makeClient: @Sendable (SessionPlan, LoadClient) async throws -> any CompareClient = { plan, client in
        switch client {
        case .node: try await NodeSession.make(plan)
        case .pooltop, .attached: try await Session.make(plan)
        }
    }
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }
    var channels = ReportChannels.standard()

    /// The longest interval between observations within a window; a washout uses the same.
    private static let longestInterval = Duration.milliseconds(200)

    /// The interval between observations: several in each window, and enough in a washout to find the pools at rest.
    fileprivate static func interval(_ plan: ExperimentPlan) -> Duration {
        let ofWindow = plan.window / max(2, Int((plan.window / longestInterval).rounded(.up)))
        return max(.milliseconds(5), min(ofWindow, plan.longestWashout / 4))
    }

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
            let service = try plan.capacity.ownProcess.map { pid throws(CommandLineError) in try ProcessCPU(of: pid) }
            for session in 0..<plan.experiment.sessions where !Task.isCancelled && !record.isTargetDown {
                try await execute(session, into: &record) { observations.yield($0) }
            }
            record.ownProcessCPUPerSecond = service?.perSecond
            if let service, record.ownProcessCPUPerSecond == nil {
                record.problems.append("--own-cpu: process \(service.pid) has ended, so its CPU is not known")
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
        let traffic = try await makeClient(session, plan.client)
        record.clientVersion = traffic.version
        record.startedAt = record.startedAt ?? traffic.startedAt.timeIntervalSince1970
        var failure: (any Error)?
        do {
            let files = try traffic.files(
                interval: report.interval, onFailure: { onProgress(.fileFailed($0.message)) })
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
        let traffic: any CompareClient
        let files: SessionFiles
        private var scheduler: WindowScheduler
        private var arm = Arm.a
        private var windowStart: Reading?
        private var latest: WindowSample?

        /// The state at one moment.
        private struct Reading {
            var snapshot: AgentSnapshot
            /// TCP segments that this host has sent; nil if the kernel does not report them.
            var segments: Int?
        }

        init(plan: ComparePlan, session: Int, traffic: any CompareClient, files: SessionFiles) {
            self.plan = plan
            self.traffic = traffic
            self.files = files
            scheduler = WindowScheduler(plan: plan.experiment, session: session)
        }

        /// A cancelled task ends the session between two observations, with the results so far.
        mutating func run(into record: inout ExperimentRecord, onProgress: (CompareProgress) -> Void) async throws {
            let interval = CompareRun.interval(plan.experiment)
            let start = SuspendingClock.now
            do { try await Task.sleep(for: plan.warmUp, clock: .suspending) } catch { return }
            let first = try await traffic.snapshot(socketsFor: [])
            files.begin(first)
            var previous = first.withoutDurations
            var next = SuspendingClock.now
            while !scheduler.isFinished, !record.isTargetDown {
                next = beat(after: next, interval, start)
                do { try await Task.sleep(until: next, clock: .suspending) } catch { return }
                let snapshot = try await traffic.snapshot(socketsFor: files.socketHosts(inSeconds: interval.asSeconds))
                files.take(snapshot)
                let reading = Reading(snapshot: snapshot, segments: KernelCounters.tcpSegmentsSent())
                let counts = snapshot.withoutDurations
                let since = MetricsWindow(from: previous, to: counts)
                previous = counts
                record.timeline.add(since, arm: arm, isMeasured: scheduler.isMeasuring)
                onProgress(
                    .observation(scheduler.window, of: scheduler.pairs, isMeasuring: scheduler.isMeasuring, since))
                let now = Moment(nanoseconds: (SuspendingClock.now - start).clampedNanoseconds)
                let actions = scheduler.observed(WindowScheduler.Observation(since), now: now)
                perform(actions, reading, now, into: &record, onProgress)
            }
        }

        /// The time of the next observation: an interval later, and exactly at the end of a window. If the program was
        /// stopped, one observation replaces all those that were missed.
        private func beat(
            after last: SuspendingClock.Instant, _ interval: Duration, _ start: SuspendingClock.Instant
        ) -> SuspendingClock.Instant {
            var next = last
            repeat { next += interval } while next < .now
            guard let windowEnd = scheduler.windowEnd else { return next }
            let end = start + .nanoseconds(windowEnd.nanoseconds)
            return end < next + interval / 2 ? end : next
        }

        private mutating func perform(
            _ actions: [WindowScheduler.Action], _ reading: Reading, _ now: Moment,
            into record: inout ExperimentRecord, _ onProgress: (CompareProgress) -> Void
        ) {
            for action in actions {
                guard let sample = perform(action, reading, into: &record) else { continue }
                onProgress(.window(sample))
                let faults = WindowFault.all(
                    in: sample, window: plan.experiment.window, loops: plan.session.usefulLoops)
                let following = scheduler.judged(isFaulty: !faults.isEmpty, now: now)
                perform(following, reading, now, into: &record, onProgress)
            }
        }

        /// The sample, if the action ends a window.
        private mutating func perform(
            _ action: WindowScheduler.Action, _ reading: Reading, into record: inout ExperimentRecord
        ) -> WindowSample? {
            switch action {
            case .switchTo(let other):
                arm = other
                for change in plan.changes(of: other) { traffic.apply(change) }
            case .begin: windowStart = reading
            case .end(let window, let wasAtRest):
                guard let windowStart else { return nil }
                let measured = MetricsWindow(from: windowStart.snapshot, to: reading.snapshot)
                let sent = reading.segments.flatMap { end in windowStart.segments.map { end - $0 } }
                var sample = WindowSample(
                    window, measured, tcpSegments: plan.attach == nil ? sent : nil, wasAtRest: wasAtRest)
                if plan.attach != nil, let latest, latest.window.pair == window.pair, latest.seconds > 0 {
                    sample.expectedPerSecond = Double(latest.finished) / latest.seconds
                }
                latest = sample
                record.kernel = reading.snapshot.source?.kernel ?? record.kernel
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
