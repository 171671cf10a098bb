import PoolModel

/// Holds connections idle and records what happens to each.
///
/// The watched ones are left alone until the server closes them, and get another request when the wait is over. For
/// each age in `ages` one more connection gets another request at that age. This finds limits that cause no close, for
/// example when a firewall forgets a connection. All of them wait at the same time, so a limit of 60 s is found in 60
/// s.
struct IdleHold: Sendable {
    let prober: Prober

    struct Outcome: Sendable {
        var held: [ProbeObservations.Held] = []
        var seconds: Double = 0
        var lookups: [ProbeObservations.Lookup] = []
    }

    private enum Step: Sendable {
        case watched(ProbeObservations.Held)
        /// nil if the connection could not be opened.
        case asked(ProbeObservations.Held?, ProbeObservations.Lookup?)
        case graceOver
    }

    /// Just below the common limits of servers: 5, 10, 15, 20, 30, 60, 75, 120, 350, 650 s.
    static let ages: [Duration] = [1, 2, 4, 9, 14, 19, 29, 44, 59, 89, 119, 179, 299, 349, 599, 899, 1799, 3599].map {
        .seconds($0)
    }

    /// The time limit for the response on a connection that was idle: ten times the slowest so far, but at least two
    /// seconds.
    let answerLimit: Duration

    init(prober: Prober, slowestFirstByteSeconds: Double) {
        self.prober = prober
        let patience = Duration.seconds(max(2, 10 * slowestFirstByteSeconds))
        answerLimit = prober.requestLimit.map { min($0, patience) } ?? patience
    }

    func hold(_ watched: [ProbeConnection]) async -> Outcome {
        var outcome = Outcome()
        let start = ContinuousClock.now
        prober.report(.holding(until: start + prober.maxWait))
        await withTaskGroup(of: Step.self) { group in
            for connection in watched {
                group.addTask { .watched(await follow(connection, for: prober.maxWait)) }
            }
            for (number, age) in Self.ages.enumerated() where age < prober.maxWait {
                group.addTask { await ask(number, after: age) }
            }
            var left = watched.count
            var isEnding = false
            for await step in group {
                switch step {
                case .watched(let held):
                    outcome.held.append(held)
                    left -= 1
                case .asked(let held, let lookup):
                    if let held { outcome.held.append(held) }
                    if let lookup { outcome.lookups.append(lookup) }
                case .graceOver: group.cancelAll()
                }
                if left == 0 { group.cancelAll() }
                let idle = IdleFinding(outcome.held)
                guard !isEnding, idle.closedCount > 1, let limit = idle.limitSeconds else { continue }
                isEnding = true
                group.addTask {
                    do { try await Task.sleep(for: .seconds(IdleFinding.graceSeconds(after: limit))) } catch {
                        // The others have ended before the grace period has.
                    }
                    return .graceOver
                }
            }
        }
        outcome.held.sort { $0.idleSeconds < $1.idleSeconds }
        // The last responses may arrive later, but that time is not idle time.
        outcome.seconds = min((ContinuousClock.now - start).asSeconds, prober.maxWait.asSeconds)
        return outcome
    }

    private func ask(_ number: Int, after age: Duration) async -> Step {
        let attempt = await prober.open(number)
        guard let connection = attempt.connection else { return .asked(nil, attempt.lookup) }
        guard attempt.isReusable else {
            connection.close()
            return .asked(nil, attempt.lookup)
        }
        return .asked(await follow(connection, for: age), attempt.lookup)
    }

    /// Leaves a connection idle for this long, and then sends a request on it.
    private func follow(_ connection: ProbeConnection, for age: Duration) async -> ProbeObservations.Held {
        defer { connection.close() }
        func held(_ seconds: Double, _ fate: ProbeObservations.Held.Fate) -> ProbeObservations.Held {
            ProbeObservations.Held(address: connection.address, idleSeconds: seconds, fate: fate)
        }
        if let end = await connection.end(within: age) {
            return held(end.idleSeconds, .closed(end.close, spoke: end.spoke))
        }
        let idle = await connection.idleSeconds()
        if Task.isCancelled { return held(idle, .open) }
        switch await connection.exchange(prober.request, limit: answerLimit) {
        case .success: return held(idle, .answered)
        case .failure(let failure):
            if failure.cause == .cancelled { return held(idle, .open) }
            return held(idle, failure.sawByte ? .answered : .failed(failure.cause))
        }
    }
}
