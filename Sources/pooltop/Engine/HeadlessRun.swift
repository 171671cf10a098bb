import AgentCore

/// One `pooltop run`: traffic, reports along the way, an orderly end.
struct HeadlessRun: Sendable {
    let plan: SessionPlan
    let report: ReportPlan
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }

    /// How long requests in flight may go on after the load's end.
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
    }

    func carryOut() async throws -> CommandStatus {
        var reporter = Reporter(plan: plan, report: report)
        try reporter.begin()
        do {
            return try await carryOut(&reporter)
        } catch {
            reporter.abandon()
            throw error
        }
    }

    private func carryOut(_ reporter: inout Reporter) async throws -> CommandStatus {
        let signals = makeSignals()
        let session = try await Session.make(plan)
        do {
            let status = try await measure(session, signals, &reporter)
            try await session.shutdown()
            return status
        } catch {
            try await session.shutdown()
            throw error
        }
    }

    private func measure(
        _ session: Session, _ signals: EndSignals, _ reporter: inout Reporter
    ) async throws -> CommandStatus {
        let (wakes, continuation) = AsyncStream.makeStream(of: Wake.self)
        var first = try await session.snapshot()
        var previous = first
        try await session.begin()
        let tasks = helpers(session, signals.stream, continuation)
        defer { withExtendedLifetime(signals) { for task in tasks { task.cancel() } } }
        var isWarm = plan.load.warmUp == .zero
        var wasAskedToStop = false
        for await wake in wakes {
            switch wake {
            case .progress:
                reporter.progress(try await session.snapshot())
            case .warmUpOver:
                guard !isWarm, let begun = try await session.measuringStart(isDue: true) else { continue }
                first = begun
                reporter.collect(first)
                previous = first
                isWarm = true
            case .interval:
                guard isWarm else { continue }
                let current = try await session.snapshot()
                try reporter.interval(previous: previous, current: current)
                previous = current
            case .signal:
                if wasAskedToStop { try await session.giveUpRequests() }
                wasAskedToStop = true
                session.stopTraffic()
                after(Self.grace) { continuation.yield(.graceOver) }
            case .graceOver:
                session.stopTraffic()
                try await session.giveUpRequests()
            case .trafficEnded:
                // On a busy machine the lanes may have measured all there was before their word of it came.
                if !isWarm, let begun = try await session.measuringStart(isDue: false) {
                    first = begun
                    reporter.collect(first)
                    previous = first
                    isWarm = true
                }
                var last = try await session.snapshot()
                if !isWarm { first = last }
                // Rates are over the time of the load, not over the wait for its last answers.
                if let duration = plan.load.duration, !wasAskedToStop {
                    last.uptimeSeconds = min(last.uptimeSeconds, first.uptimeSeconds + duration.asSeconds)
                }
                if isWarm { try reporter.lastInterval(previous: previous, current: last) }
                return try reporter.finish(first: first, last: last)
            case .failed(let text):
                throw CommandLineError(.cannotRun, text)
            }
        }
        return .cannotRun
    }

    /// What wakes the run: clocks, the end of the load, signals.
    private func helpers(
        _ session: Session, _ signals: AsyncStream<Int32>, _ wakes: AsyncStream<Wake>.Continuation
    ) -> [Task<Void, Never>] {
        var tasks = [
            repeating(Self.progressInterval) { wakes.yield(.progress) },
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
        if report.format == .ndjson {
            let warmUp = plan.load.warmUp
            tasks.append(
                Task {
                    try? await Task.sleep(for: warmUp)
                    await repeating(report.interval) { wakes.yield(.interval) }.value
                })
        }
        if plan.load.warmUp > .zero { tasks.append(after(plan.load.warmUp) { wakes.yield(.warmUpOver) }) }
        if let duration = plan.load.totalDuration {
            tasks.append(after(duration + Self.grace) { wakes.yield(.graceOver) })
        }
        return tasks
    }

    @discardableResult
    private func after(_ delay: Duration, _ deed: @escaping @Sendable () -> Void) -> Task<Void, Never> {
        Task {
            do { try await Task.sleep(for: delay) } catch { return }
            deed()
        }
    }

    private func repeating(_ interval: Duration, _ deed: @escaping @Sendable () -> Void) -> Task<Void, Never> {
        Task {
            var next = ContinuousClock.now + interval
            while true {
                do { try await Task.sleep(until: next) } catch { return }
                deed()
                next += interval
            }
        }
    }
}
