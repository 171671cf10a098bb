import PoolModel
import Recordings
import Reporting
import SessionConfig
import Sessions

/// One `pooltop run`: traffic, reports along the way, and an orderly end.
struct HeadlessRun: Sendable {
    let plan: SessionPlan
    let report: ReportPlan
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }

    /// How long requests may stay in flight after the end of the load.
    private static let grace = Duration.seconds(5)
    private static let progressInterval = Duration.milliseconds(500)

    private enum Wake: Sendable {
        case progress
        case interval
        case warmUpOver
        case trafficEnded
        case graceOver
        case signal
        case failed(String)
        /// A file that the session is written to ended early; the run continues.
        case fileFailed(String)
    }

    /// The measurements of a run: the time between two snapshots, which may be longer than the load lasted.
    private struct Measured {
        var first: AgentSnapshot
        var last: AgentSnapshot
        /// The snapshot before what was not answered was given up: what hangs is seen in it, and not in `last`.
        var givingUp: AgentSnapshot?
        /// The duration of the load, if it ended as planned; nil for the time until the last snapshot.
        var seconds: Double?

        /// Rates are based on the time of the load, not including the wait for its last responses.
        var lastOfLoad: AgentSnapshot {
            var last = last
            if let seconds { last.uptimeSeconds = min(last.uptimeSeconds, first.uptimeSeconds + seconds) }
            return last
        }
    }

    func execute() async throws -> CommandStatus {
        var reporter = Reporter(plan: plan, report: report)
        try reporter.begin()
        do {
            return try await execute(&reporter)
        } catch {
            reporter.abandon()
            throw error
        }
    }

    private func execute(_ reporter: inout Reporter) async throws -> CommandStatus {
        let signals = makeSignals()
        let (wakes, continuation) = AsyncStream.makeStream(of: Wake.self)
        let session = try await Session.make(plan)
        do {
            let files = try SessionFiles(
                session, command: "run", interval: report.interval,
                onFailure: { continuation.yield(.fileFailed($0.message)) })
            let tasks = helpers(session, signals.stream, continuation)
            defer { withExtendedLifetime(signals) { for task in tasks { task.cancel() } } }
            let measured: Measured
            do {
                measured = try await measure(session, files, wakes, continuation, &reporter)
            } catch {
                _ = await files.close(nil, measuredSeconds: nil)
                throw error
            }
            let problems = await files.close(measured.last, measuredSeconds: measured.seconds)
            let status = try reporter.finish(
                first: measured.first, last: measured.lastOfLoad, givingUp: measured.givingUp)
            reporter.sayOnce(problems.map(\.message))
            try await session.shutdown()
            return status == .done && !problems.isEmpty ? .cannotRun : status
        } catch {
            try await session.shutdown()
            throw error
        }
    }

    private func measure(
        _ session: Session, _ files: SessionFiles, _ wakes: AsyncStream<Wake>,
        _ continuation: AsyncStream<Wake>.Continuation, _ reporter: inout Reporter
    ) async throws -> Measured {
        var first = try await session.snapshot()
        var previous = first
        var isWarm = plan.load.warmUp == .zero
        if isWarm { files.begin(first) }
        var wasAskedToStop = false
        var givingUp: AgentSnapshot?
        func measure(from begun: AgentSnapshot) {
            first = begun
            files.begin(first)
            reporter.collect(first)
            previous = first
            isWarm = true
        }
        try await session.begin()
        if plan.load.warmUp > .zero { RunTimers.after(plan.load.warmUp) { continuation.yield(.warmUpOver) } }
        for await wake in wakes {
            switch wake {
            case .progress:
                let current = try await session.snapshot(socketsFor: files.socketHosts)
                if !isWarm, let begun = try await begun(session, before: current) { measure(from: begun) }
                files.take(current)
                reporter.progress(current)
            case .warmUpOver:
                if !isWarm, let begun = try await session.measuringStart(isDue: true) { measure(from: begun) }
            case .interval:
                guard isWarm else { continue }
                let current = try await session.snapshot(socketsFor: files.socketHosts)
                files.take(current)
                try reporter.interval(previous: previous, current: current)
                previous = current
            case .signal:
                if wasAskedToStop { try await giveUp(session, files, &reporter, &givingUp) }
                wasAskedToStop = true
                session.stopTraffic()
                RunTimers.after(Self.grace) { continuation.yield(.graceOver) }
            case .graceOver:
                session.stopTraffic()
                try await giveUp(session, files, &reporter, &givingUp)
            case .trafficEnded:
                // On a busy machine the workers may have measured everything before their message arrived.
                if !isWarm, let begun = try await session.measuringStart(isDue: false) { measure(from: begun) }
                let last = try await session.snapshot(socketsFor: files.socketHosts)
                if !isWarm { first = last }
                let seconds = wasAskedToStop ? nil : plan.load.duration?.asSeconds
                let measured = Measured(first: first, last: last, givingUp: givingUp, seconds: seconds)
                if isWarm { try reporter.lastInterval(previous: previous, current: measured.lastOfLoad) }
                return measured
            case .failed(let text):
                throw CommandLineError(.cannotRun, text)
            case .fileFailed(let text):
                reporter.sayOnce([text])
            }
        }
        throw CommandLineError(.cannotRun, "the run was ended")
    }

    /// The loops end the warm-up themselves. Files have that snapshot before a later one.
    private func begun(_ session: Session, before current: AgentSnapshot) async throws -> AgentSnapshot? {
        let begun = try await session.measuringStart(isDue: false)
        return begun.flatMap { $0.uptimeSeconds <= current.uptimeSeconds ? $0 : nil }
    }

    /// Ends the requests that are in flight; `first` becomes the state before the first time.
    private func giveUp(
        _ session: Session, _ files: SessionFiles, _ reporter: inout Reporter, _ first: inout AgentSnapshot?
    ) async throws {
        let current = try await session.snapshot(socketsFor: files.socketHosts)
        files.take(current)
        reporter.progress(current)
        if first == nil { first = current }
        try await session.giveUpRequests()
    }

    /// The tasks that wake up the run: timers, the end of the load, signals.
    private func helpers(
        _ session: Session, _ signals: AsyncStream<Int32>, _ wakes: AsyncStream<Wake>.Continuation
    ) -> [Task<Void, Never>] {
        var tasks = [
            RunTimers.repeating(Self.progressInterval) { wakes.yield(.progress) },
            Task { for await _ in signals { wakes.yield(.signal) } },
            Task {
                do {
                    try await session.trafficEnded()
                    wakes.yield(.trafficEnded)
                } catch {
                    wakes.yield(.failed("\(error)"))
                }
            },
        ]
        if report.format == .ndjson || plan.files.hdrLog != nil {
            let warmUp = plan.load.warmUp
            tasks.append(
                Task {
                    try? await Task.sleep(for: warmUp, clock: .suspending)
                    await RunTimers.repeating(report.interval) { wakes.yield(.interval) }.value
                })
        }
        if let duration = plan.load.totalDuration {
            tasks.append(RunTimers.after(duration + Self.grace) { wakes.yield(.graceOver) })
        }
        return tasks
    }
}
