package import KeepAliveAgent
package import NIOCore
package import PoolModel

/// Sends requests through one agent, on the agent's loop, without a channel, actor hop or task per request.
///
/// In an open loop a request is sent when it is due and its latency is measured from the plan, so that a slow server
/// cannot hide its delays (coordinated omission). Changing the rate opens no connection that the pool does not need.
///
/// The program itself may be stopped (SIGSTOP) or not get to run. Such a gap is reported with its cause, so that it is
/// not taken for the servers' doing. Requests that were due in a gap of more than a second say nothing about the server,
/// and sending them all at once would be an unintended burst: they count as planned and missed.
package final class Generator: RequestOwner {
    private let agent: LoopAgent
    private let targets: [TrafficTarget]
    private let seed: UInt64
    private var shape: LoadShape
    /// nil: every request of the plan is sent.
    private let share: PlanShare?
    // Accessed for every request, by one statement at a time and on one thread; the exclusivity check would cost more
    // than the access.
    @exclusivity(unchecked) private var starts: PlannedStarts?
    /// The requests of a closed loop.
    @exclusivity(unchecked) private var sequence: RequestSequence
    private var pacer = SendPacer()
    @exclusivity(unchecked) private var planned: [Int]
    @exclusivity(unchecked) private var succeeded: [Int]
    @exclusivity(unchecked) private var failed: [Int]
    private var concurrency = 0
    private var factor = 1.0
    private var sent = 0
    private var inFlight = 0
    private var requestLimit = Int.max
    /// Requests that count towards `requestLimit`.
    private var measured = 0
    private var isMeasuring = true
    /// As planned, which is the same for all parts of a plan.
    private var warmUpEnd = Moment.zero
    private var endsAt = Moment.never
    private var isStopped = true
    private var isFilling = false
    /// The time at which sending was suspended because the process is about to be stopped; nil if it is not.
    private var suspendedAt: Moment?
    /// Slots of the closed loop that wait because their request failed at once or got no connection.
    private var resting = RestingSlots()
    private var restTimer: Scheduled<Void>?
    /// Filling slots took the loop's time; until then it is left to the connections.
    private var loopIsLeftUntil = Moment.zero
    private var timer: Scheduled<Void>?
    private let finished: EventLoopPromise<Void>
    private var hasFinished = false
    /// The time at which the generator last ran.
    private var lastBeat = Moment.zero
    private var heartbeat: Scheduled<Void>?
    /// The thread's times at the last heartbeat.
    private var times = ThreadTimes()
    private var missed = 0
    private var gaps: [LoadGap] = []
    /// By target, with the requests sent to each.
    private var watches: [AnswerWatch]
    @exclusivity(unchecked) private var sentTo: [Int]
    private var silences: [TargetSilence] = []

    /// A heartbeat that is later by this is reported as a gap.
    private static let shortestGap: Nanoseconds = .milliseconds(250)
    /// Requests that were due in a longer gap are not sent. Shorter ones are caught up with, and show in the latency,
    /// which is measured from the plan.
    private static let longestCaughtUp: Nanoseconds = .seconds(1)
    private static let beatInterval: Nanoseconds = .milliseconds(100)
    /// The maximum number of requests sent in one turn of the loop. More would delay everything else on the loop, and
    /// at a rate that the loop cannot sustain, each turn would be longer than the one before.
    private static let maxPerTurn = 4096
    /// Requests that were due before the end are still sent for this long after it.
    private static let overtime: Nanoseconds = .milliseconds(1000)
    /// The minimum delay in a closed loop between a request that failed at once and the next, to avoid a busy loop.
    private static let shortestRest: Nanoseconds = .milliseconds(10)
    /// After filling its slots the generator leaves the loop so many times as long to others. Ten thousand requests that fail
    /// at once take longer than the shortest rest, and due timers go before sockets: no connection would ever be ready.
    private static let leftToOthers: Nanoseconds = 3

    package init(agent: LoopAgent, targets: [TrafficTarget], shape: LoadShape, seed: UInt64, share: PlanShare? = nil) {
        self.agent = agent
        self.targets = targets
        self.shape = shape
        self.seed = seed
        self.share = share
        sequence = RequestSequence(weights: targets.map(\.weight), share: share, seed: seed)
        planned = Array(repeating: 0, count: targets.count)
        (succeeded, failed, sentTo) = (planned, planned, planned)
        watches = Array(repeating: AnswerWatch(), count: targets.count)
        finished = agent.eventLoop.makePromise()
    }

    /// Starts the generator. It stops by itself after `duration` or `requests`, whichever comes first; if both are nil,
    /// it never does. With a warm-up, requests count only after `beginMeasuring`, which is called when it is over.
    package func start(duration: Duration?, requests: Int?, warmUp: Duration = .zero) {
        isStopped = false
        isMeasuring = warmUp == .zero
        warmUpEnd = agent.now + warmUp.clampedNanoseconds
        requestLimit = requests ?? .max
        endsAt = duration.map { agent.now + $0.clampedNanoseconds } ?? .never
        guard requestLimit > 0 else { return stop() }
        lastBeat = agent.now
        times = .now
        beat()
        switch shape {
        case .openLoop(let steps, let arrivals):
            let plan = ArrivalPlan(steps: steps, arrivals: arrivals, seed: seed, startedAt: agent.now)
            starts = PlannedStarts(plan, sequence, share: share)
        case .closedLoop(let count):
            concurrency = count
        }
        if isMeasuring { starts?.limit(to: requestLimit, now: warmUpEnd) }
        proceed()
    }

    private func proceed() {
        if starts != nil { return wake() }
        if endsAt != .never { schedule(at: endsAt) { $0.stop() } }
        fill()
    }

    /// The warm-up is over. The mix of a closed loop begins anew, because the parts of a shared plan have come to different
    /// places in it.
    package func beginMeasuring() {
        isMeasuring = true
        starts?.limit(to: requestLimit, now: warmUpEnd)
        sequence = RequestSequence(weights: targets.map(\.weight), share: share, seed: seed)
    }

    /// Plans no further requests; those in flight continue.
    package func stop() {
        isStopped = true
        timer?.cancel()
        restTimer?.cancel()
        heartbeat?.cancel()
        finishIfDone()
    }

    /// Sends nothing until `resume`, because the process is about to be stopped (^Z).
    package func suspend() {
        guard !isStopped, suspendedAt == nil else { return }
        suspendedAt = agent.now
        timer?.cancel()
    }

    /// Resumes the load where it was suspended. Requests that would have been due meanwhile are not made up for,
    /// because no server caused the delay.
    package func resume() {
        guard let suspendedAt else { return }
        self.suspendedAt = nil
        guard !isStopped else { return }
        lastBeat = agent.now
        let gap = lastBeat - suspendedAt
        if gap > Self.shortestGap { note(gap, since: suspendedAt, missed: 0, cause: .stopped) }
        times = .now
        if endsAt != .never { endsAt = endsAt + gap }
        starts?.passOver(gap)
        proceed()
    }

    /// Completes when planning is over and every request has ended.
    package var done: EventLoopFuture<Void> { finished.futureResult }

    /// Multiplies the configured load (rate or concurrency).
    package func setFactor(_ factor: Double) {
        self.factor = factor
        if starts != nil {
            starts?.setFactor(factor, now: agent.now)
            if !isStopped { wake() }
        } else if case .closedLoop(let count) = shape {
            concurrency = max(1, Int((Double(count) * factor).rounded()))
            if !isStopped { fill() }
        }
    }

    /// Sets the number of requests in flight (closed loop only).
    package func setConcurrency(_ count: Int) {
        guard case .closedLoop = shape else { return }
        shape = .closedLoop(count)
        concurrency = count
        if !isStopped { fill() }
    }

    // MARK: Gaps

    /// Checks at intervals, because a slow plan or a closed loop has no timer that would reveal the gap by being late.
    private func beat() {
        let interval = TimeAmount.nanoseconds(Self.beatInterval)
        heartbeat = agent.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self, !isStopped else { return }
            noteBeat(agent.now)
            times = .now
            lookForSilence(agent.now)
            beat()
        }
    }

    private func noteBeat(_ now: Moment) {
        let since = lastBeat
        lastBeat = now
        let gap = now - since
        guard gap > Self.beatInterval + Self.shortestGap, suspendedAt == nil else { return }
        let cause = ThreadTimes.now.cause(ofGap: gap.asSeconds, since: times)
        guard gap > Self.longestCaughtUp else { return note(gap, since: since, missed: 0, cause: cause) }
        let skipped = starts?.skip(before: min(now, endsAt)) ?? []
        for (index, count) in skipped.enumerated() { planned[index] += count }
        let count = skipped.reduce(0, +)
        missed += count
        note(gap, since: since, missed: count, cause: cause)
    }

    private func lookForSilence(_ now: Moment) {
        for index in targets.indices {
            guard let ended = watches[index].look(sent: sentTo[index], answered: succeeded[index], now: now) else {
                continue
            }
            if silences.count == TargetSilence.maxKept { silences.removeFirst() }
            silences.append(silence(of: index, ended))
            let notice = ProgramNotice(.silent(seconds: ended.length.asSeconds))
            agent.send(.markMade(notice, host: targets[index].template.host))
        }
    }

    private func silence(of index: Int, _ silence: (since: Moment, length: Nanoseconds)) -> TargetSilence {
        TargetSilence(
            name: targets[index].name, uptimeSeconds: (silence.since - agent.machine.startedAt).asSeconds,
            seconds: silence.length.asSeconds)
    }

    private func note(_ gap: Nanoseconds, since: Moment, missed: Int, cause: LoadGap.Cause) {
        for index in watches.indices { watches[index].passOver() }
        if gaps.count == LoadGap.maxKept { gaps.removeFirst() }
        let began = (since - agent.machine.startedAt).asSeconds
        gaps.append(LoadGap(uptimeSeconds: began, seconds: gap.asSeconds, missed: missed, cause: cause))
        agent.send(.markMade(ProgramNotice(.stopped(seconds: gap.asSeconds, cause: cause)), host: nil))
    }

    // MARK: Open loop

    private func wake() {
        let now = agent.now
        noteBeat(now)
        if let due = starts?.next { pacer.woke(for: due, now: now) }
        let wakesAt = sendDue()
        guard !isStopped else { return }
        if starts?.isOver == true { return stop() }
        let later = agent.now
        let isBehind = starts.map { $0.next <= later && $0.next < endsAt } ?? false
        if later >= endsAt, !isBehind || later >= endsAt + Self.overtime { return stop() }
        let next = isBehind ? wakesAt : min(wakesAt, endsAt)
        if next != .never { schedule(at: next) { $0.wake() } }
    }

    /// Sends requests as they become due, until the next is too far away to wait for; returns when that is.
    private func sendDue() -> Moment {
        var left = Self.maxPerTurn
        while let due = starts?.next, due != .never, left > 0, !isStopped {
            switch pacer.step(due: due, now: agent.now) {
            case .send: agent.batch { sendUntilDelayed(&left) }
            case .spin(let moment): spin(until: moment)
            case .sleep(let moment): return moment
            }
        }
        return left > 0 ? .never : agent.now + SendPacer.batchInterval
    }

    /// Sends the next request and everything else that is due by then; the clock is read for each, because sending takes
    /// time.
    private func sendUntilDelayed(_ left: inout Int) {
        repeat {
            guard let due = starts?.next, due < endsAt, let target = starts?.take() else { return stop() }
            left -= 1
            send(to: target, plannedAt: due)
        } while left > 0 && !isStopped && starts.map { pacer.isDue($0.next, now: agent.now) } == true
    }

    /// Nothing is read meanwhile, because reading an answer takes as long as the whole wait.
    private func spin(until moment: Moment) {
        while agent.now < moment {}
    }

    private func schedule(at moment: Moment, _ action: @escaping (Generator) -> Void) {
        timer?.cancel()
        timer = agent.eventLoop.assumeIsolated().scheduleTask(deadline: NIODeadline(moment)) { [weak self] in
            guard let self else { return }
            timer = nil
            action(self)
        }
    }

    // MARK: Closed loop

    /// Keeps the number in flight. A request may fail while it is being sent (a full queue, a name known not to exist).
    /// Its successor must then neither be sent recursively nor in the same turn, which would never end.
    private func fill() {
        guard !isFilling, suspendedAt == nil else { return }
        isFilling = true
        let began = agent.now
        let vacancies = concurrency - inFlight - resting.count
        var left = min(vacancies, Self.maxPerTurn)
        while left > 0, !isStopped {
            left -= 1
            guard let target = sequence.nextOwn(limit: isMeasuring ? requestLimit : .max) else {
                stop()
                break
            }
            send(to: target, plannedAt: agent.now)
        }
        let now = agent.now
        loopIsLeftUntil = max(loopIsLeftUntil, now + (now - began) * Self.leftToOthers)
        guard vacancies > Self.maxPerTurn, !isStopped else { return isFilling = false }
        // Sending a million at once would delay everything else, including stopping. A task that is due at once would not
        // do: the loop runs those before it looks at its sockets.
        agent.eventLoop.assumeIsolated().scheduleTask(deadline: NIODeadline(loopIsLeftUntil)) { [weak self] in
            guard let self else { return }
            isFilling = false
            if !isStopped { fill() }
        }
    }

    /// A slot whose request got no connection rests until its host may be dialled again, because the next request would
    /// fail the same way.
    private func restAfterFailure(_ target: Int) {
        let now = agent.now
        let dialAllowed = agent.dialAllowed(to: targets[target].template.host)
        if resting.add(until: max(now + Self.shortestRest, dialAllowed)) { armRestTimer() }
    }

    private func armRestTimer() {
        restTimer?.cancel()
        guard resting.earliest != .never else { return }
        let deadline = NIODeadline(max(resting.earliest, loopIsLeftUntil))
        restTimer = agent.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            if agent.now >= loopIsLeftUntil {
                resting.removeDue(agent.now)
                fill()
            }
            armRestTimer()
        }
    }

    private func send(to index: Int, plannedAt: Moment) {
        planned[index] += 1
        sent += 1
        sentTo[index] += 1
        inFlight += 1
        if isMeasuring { measured += 1 }
        if measured >= requestLimit { isStopped = true }
        agent.start(targets[index].template, owner: self, token: index, plannedAt: plannedAt)
    }

    package func requestEnded(_ token: Int, _ outcome: RequestOutcome) {
        inFlight -= 1
        switch outcome {
        case .succeeded: succeeded[token] += 1
        case .failed: failed[token] += 1
        case .cancelled: break
        }
        if isStopped { return finishIfDone() }
        guard starts == nil else { return }
        if case .failed(let error) = outcome, error.waitedSeconds == 0 || error.isForWantOfConnection {
            restAfterFailure(token)
        } else {
            fill()
        }
    }

    private func finishIfDone() {
        guard isStopped, inFlight == 0, !hasFinished else { return }
        hasFinished = true
        finished.succeed()
    }

    // MARK: What can be seen

    package func snapshot() -> LoadSnapshot {
        let isOpenLoop = starts != nil
        var arrivals = ""
        if case .openLoop(_, let kind) = shape { arrivals = kind.rawValue }
        var snapshot = LoadSnapshot(
            isOpenLoop: isOpenLoop, targetPerSecond: starts.map { $0.rate(at: agent.now) },
            concurrency: isOpenLoop ? nil : concurrency, arrivals: arrivals, planned: planned.reduce(0, +), sent: sent,
            missed: missed, gaps: gaps, seed: seed, paused: isStopped,
            targets: targets.indices.map { index in
                .init(
                    name: targets[index].name, url: targets[index].url, method: targets[index].methodName,
                    weight: targets[index].weight, planned: planned[index], succeeded: succeeded[index],
                    failed: failed[index], hostID: targets[index].template.host.serial)
            })
        let ongoing = targets.indices.compactMap { index in
            watches[index].silence(agent.now).map { silence(of: index, $0) }
        }
        snapshot.silences = Array((silences + ongoing).suffix(TargetSilence.maxKept))
        return snapshot
    }
}
