import HTTP1
import PoolModel

/// Carries out an `IdleExamination`: opens connections, leaves them idle, asks them, and records what happens to each.
struct IdleHold: Sendable {
    let prober: Prober

    struct Outcome: Sendable {
        var held: [ProbeObservations.Held] = []
        var busy: ProbeObservations.Run?
        var gathering: ProbeObservations.Gathering?
        var runs = RequestRuns.Outcome()
        var seconds: Double = 0
        var lookups: [ProbeObservations.Lookup] = []
    }

    private enum Event: Sendable {
        case opened(Int, IdleExamination.Role, Prober.Attempt)
        case held(Int, ProbeObservations.Held)
        case busy(Int, ProbeObservations.Run)
        case counted(RequestRuns.Outcome)
        case awake
    }

    /// The time limit for the response on a connection that was idle or reused: ten times the slowest so far, but at
    /// least two seconds.
    let answerLimit: Duration

    init(prober: Prober, slowestFirstByteSeconds: Double) {
        self.prober = prober
        let patience = Duration.seconds(max(2, 10 * slowestFirstByteSeconds))
        answerLimit = prober.requestLimit.map { min($0, patience) } ?? patience
    }

    func hold(_ kept: [ProbeConnection]) async -> Outcome {
        let start = ContinuousClock.now
        prober.report(.holding(until: start + prober.maxWait))
        var ages: [Double] = []
        for connection in kept { ages.append(await connection.idleSeconds()) }
        var holding = Holding(
            hold: self, start: start,
            examination: IdleExamination(
                maxWait: prober.maxWait.asSeconds, countsRequests: prober.requestBound > 0, idleSeconds: ages),
            connections: Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0, $1) }))
        await withTaskGroup(of: Event.self) { group in
            for (number, connection) in kept.enumerated() {
                group.addTask { [self] in .held(number, await follow(connection, for: prober.maxWait)) }
            }
            holding.goOn(&group)
            for await event in group {
                holding.take(event, &group)
                holding.goOn(&group)
            }
        }
        holding.counting?.cancel()
        var outcome = holding.outcome
        (outcome.held, outcome.busy) = (holding.examination.held, holding.examination.busy)
        outcome.gathering = holding.examination.gathering
        // The last responses may arrive later, but that time is not idle time.
        outcome.seconds = min((ContinuousClock.now - start).asSeconds, prober.maxWait.asSeconds)
        return outcome
    }

    // MARK: One examination

    /// The state of one examination. Tasks report to it, and only it tells them what to do.
    private struct Holding {
        let hold: IdleHold
        let start: ContinuousClock.Instant
        var examination: IdleExamination
        var connections: [Int: ProbeConnection]
        var outcome = Outcome()
        var counting: Task<RequestRuns.Outcome, Never>?
        private var alarm = Double.infinity

        init(
            hold: IdleHold, start: ContinuousClock.Instant, examination: IdleExamination,
            connections: [Int: ProbeConnection]
        ) {
            (self.hold, self.start, self.examination, self.connections) = (hold, start, examination, connections)
        }

        private var now: Double { (ContinuousClock.now - start).asSeconds }

        mutating func take(_ event: Event, _ group: inout TaskGroup<Event>) {
            switch event {
            case .opened(let number, let role, let attempt): opened(number, role, attempt, &group)
            case .held(let number, let held):
                connections[number] = nil
                examination.ended(number, held)
            case .busy(let number, let run):
                connections[number] = nil
                examination.ended(number, run)
            case .counted(let runs):
                outcome.runs = runs
                counting = nil
                examination.counted()
            case .awake: alarm = .infinity
            }
        }

        private mutating func opened(
            _ number: Int, _ role: IdleExamination.Role, _ attempt: Prober.Attempt, _ group: inout TaskGroup<Event>
        ) {
            if let lookup = attempt.lookup { outcome.lookups.append(lookup) }
            guard let connection = attempt.connection, attempt.isReusable, examination.opened(number, at: now) else {
                attempt.connection?.close()
                return examination.ended(number, nil)
            }
            connections[number] = connection
            let left = Duration.seconds(max(0, examination.maxWait - now))
            let hold = hold
            switch role {
            case .watched: group.addTask { .held(number, await hold.follow(connection, for: left)) }
            case .asked(let age): group.addTask { .held(number, await hold.follow(connection, for: .seconds(age))) }
            case .busy: group.addTask { .busy(number, await hold.keepBusy(connection)) }
            }
        }

        /// Carries out what is due, and wakes up when the next is.
        mutating func goOn(_ group: inout TaskGroup<Event>) {
            // The tasks that are left end at once.
            guard !Task.isCancelled else { return group.cancelAll() }
            for order in examination.advance(to: now) { carryOut(order, &group) }
            guard let next = examination.wakeUp(after: now), next < alarm else { return }
            alarm = next
            let instant = start + .seconds(next)
            group.addTask {
                do { try await Task.sleep(until: instant) } catch {
                    // All has ended before that.
                }
                return .awake
            }
        }

        private mutating func carryOut(_ order: IdleExamination.Order, _ group: inout TaskGroup<Event>) {
            switch order {
            case .open(let number, let role):
                group.addTask { [prober = hold.prober] in .opened(number, role, await prober.open(number)) }
            case .closeAll: for connection in connections.values { connection.close() }
            case .countRequests:
                let runs = RequestRuns(prober: hold.prober, answerLimit: hold.answerLimit)
                let end = start + hold.prober.maxWait
                let task = Task { await runs.run(until: end) }
                counting = task
                group.addTask {
                    await withTaskCancellationHandler {
                        .counted(await task.value)
                    } onCancel: {
                        task.cancel()
                    }
                }
            case .endCounting: counting?.cancel()
            case .finish: group.cancelAll()
            }
        }
    }

    // MARK: One connection

    /// Leaves a connection idle for this long, and then sends a request on it.
    private func follow(_ connection: ProbeConnection, for age: Duration) async -> ProbeObservations.Held {
        defer { connection.close() }
        func held(_ seconds: Double, _ fate: ProbeObservations.Held.Fate) -> ProbeObservations.Held {
            ProbeObservations.Held(address: connection.address, idleSeconds: seconds, fate: fate)
        }
        if let end = await connection.end(within: age) {
            return held(end.idleSeconds, end.close.map { .closed($0, spoke: end.spoke) } ?? .spoke)
        }
        let idle = await connection.idleSeconds()
        if Task.isCancelled { return held(idle, .open) }
        switch await connection.exchange(ProbeRequest(prober.request), limit: answerLimit) {
        case .success: return held(idle, .answered)
        case .failure(let failure):
            if failure.cause == .cancelled { return held(idle, .open) }
            return held(idle, failure.sawByte ? .answered : .failed(failure.cause))
        }
    }

    /// Sends requests at the ages of `BusyPace` until the connection ends, or is closed by us.
    private func keepBusy(_ connection: ProbeConnection) async -> ProbeObservations.Run {
        defer { connection.close() }
        let start = ContinuousClock.now
        var last = start
        var responses = 1
        func run(_ end: ProbeObservations.Run.End, _ close: ServerClose? = nil) -> ProbeObservations.Run {
            let now = ContinuousClock.now
            return .init(
                responses: responses, end: end, close: close, seconds: (now - start).asSeconds,
                idleSeconds: (now - last).asSeconds)
        }
        var age = 0.0
        while !Task.isCancelled {
            age = BusyPace.next(after: age)
            let wait = start + .seconds(age) - .now
            if wait > .zero, let end = await connection.end(within: wait) {
                return end.close.map { run(.closed($0), $0) } ?? run(.failed(.framingError))
            }
            switch await connection.exchange(ProbeRequest(prober.request), limit: answerLimit) {
            case .success(let response):
                responses += 1
                last = .now
                if response.persistence != .reusable { return run(.announced) }
            case .failure(let failure): return run(RequestRuns.end(after: failure), failure.close)
            }
        }
        return run(.cutShort)
    }
}
