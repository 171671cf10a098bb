package import PoolModel

/// When to ask for what. Never at fixed intervals, because a service that works in step with them would look always idle
/// or always busy.
struct Schedule {
    private static let least = Nanoseconds.milliseconds(100)
    /// While connections are divided by shares, more of them are to be seen.
    private static let leastWhileSharing = Nanoseconds.milliseconds(25)
    private static let enoughForOwners = 60.0
    private static let leastBetweenGlimpses = Nanoseconds.milliseconds(5)
    private static let freshness = Nanoseconds.milliseconds(100)
    /// Snapshots that follow each other faster do not have a dump each.
    private static let shortestFreshness = Nanoseconds.milliseconds(200)
    private static let soon = Nanoseconds.seconds(2)
    /// Reading the files of all processes is dear. It is done often while that finds owners, and rarely otherwise.
    private static let allOwnersInterval: (least: Nanoseconds, most: Nanoseconds) = (.milliseconds(250), .seconds(4))

    var processesDue: Moment
    var dumpDue: Moment
    var activeOpensDue: Moment
    var timeWaitsDue: Moment
    private var allOwnersDue: Moment
    private var allOwnersInterval = Self.allOwnersInterval.least
    private var ownersCost: Double?
    private var ownersDue: Moment
    private var isReadingAll = false
    /// True if a dump had new connections whose owner was not found.
    var hasMissed = true
    /// When a connection was last given to one of several owners.
    var sharedAt: Moment?
    var glimpseDue: Moment
    /// The sockets that were seen with their owner, of the end that has fewest: the shares are as good as they are many.
    var leastSeen = 0.0
    private var glimpseMean = Self.leastBetweenGlimpses
    /// The mean time between dumps that their cost allows.
    private var mean = Nanoseconds(0)
    private var dumpCost: Double?
    private let startedAt: Moment
    private var snapshotAt: Moment?
    /// A dump that is to be fresh when the next snapshot is expected.
    private var dumpForSnapshot: Moment?
    /// Sockets in the latest dump.
    var listed = 0
    /// Sockets in TIME_WAIT in all.
    var timeWaits = 0

    init(startedAt: Moment) {
        self.startedAt = startedAt
        processesDue = startedAt
        dumpDue = startedAt
        activeOpensDue = startedAt
        timeWaitsDue = startedAt
        glimpseDue = startedAt
        allOwnersDue = startedAt
        ownersDue = startedAt
    }

    /// True where a dump takes so long that the figures are late.
    var isSlowed: Bool { mean > .seconds(1) && listed > 10_000 }

    /// A dump may take 0.15 % of a core, and up to 4 % where dumps would be more than two seconds apart otherwise.
    mutating func dumpTook(_ cpu: Nanoseconds) {
        let cost = Double(max(0, cpu))
        dumpCost = dumpCost.map { $0 + (cost - $0) / 8 } ?? cost
        let cpu = dumpCost ?? cost
        mean = max(min(.seconds(cpu / 0.0015 / 1e9), Self.soon), .seconds(cpu / 0.04 / 1e9))
    }

    /// Reading the files of a few processes may take 0.15 % of a core, and is done every third of a second at
    /// least, so that connections of a second are found before they end. What all processes cost has its own interval.
    mutating func ownersTook(_ cpu: Nanoseconds, of processes: Int, _ now: Moment) {
        guard (1...Self.few).contains(processes) else { return }
        let cost = Double(max(0, cpu))
        ownersCost = ownersCost.map { $0 + (cost - $0) / 8 } ?? cost
        ownersDue = now + min(.seconds((ownersCost ?? cost) / 0.0015 / 1e9), .milliseconds(330))
    }

    func mayReadOwners(_ now: Moment) -> Bool { now >= ownersDue }

    /// A reading of more processes than this is one of all.
    private static let few = 16

    /// Glimpses may take 0.6 % of a core until the owners are known, 0.12 % until their shares are precise, and little then.
    mutating func glimpseTook(_ cpu: Nanoseconds) {
        let part = leastSeen < Self.enoughForOwners ? 0.006 : leastSeen < WatchMachine.precise ? 0.0012 : 0.0005
        let mean = min(Nanoseconds.seconds(Double(max(0, cpu)) / part / 1e9), Self.soon)
        glimpseMean += (max(mean, Self.leastBetweenGlimpses) - glimpseMean) / 8
    }

    mutating func glimpseAgain(_ now: Moment, _ random: inout SplitMix64) {
        let factor = min(max(Exponential.draw(random.unit()), 0.02), 6)
        glimpseDue = now + .seconds(glimpseMean.asSeconds * factor)
    }

    mutating func dumpAgain(_ now: Moment, _ random: inout SplitMix64) {
        let factor = min(max(Exponential.draw(random.unit()), 0.02), 3)
        let mean = max(mean, isSharing(now) ? Self.leastWhileSharing : Self.least)
        dumpDue = now + .seconds(mean.asSeconds * factor)
        if let due = dumpForSnapshot, due > now { dumpDue = min(dumpDue, due) }
    }

    /// Counts of connections that are kept change with dumps only. A rate between two snapshots is right where each has a dump
    /// shortly before it, at times that differ.
    mutating func noteSnapshot(_ now: Moment, _ random: inout SplitMix64) {
        defer { snapshotAt = now }
        dumpForSnapshot = nil
        guard let before = snapshotAt else { return }
        let early = Nanoseconds.seconds(Self.freshness.asSeconds * random.unit())
        let due: Moment
        if now - before >= Self.shortestFreshness {
            guard now - before >= mean else { return }
            due = now + (now - before - early)
        } else {
            // Rates are made from the first snapshot of each second, however many it has.
            guard mean <= .seconds(1) else { return }
            let second = Int64((now - startedAt + Self.freshness).asSeconds) + 1
            due = startedAt + (.seconds(Double(second)) - early)
        }
        dumpForSnapshot = due
        dumpDue = min(dumpDue, due)
    }

    func isSharing(_ now: Moment) -> Bool { sharedAt.map { now - $0 < .seconds(2) } ?? false }

    mutating func resync(_ now: Moment) {
        // Messages that were not lost are read first.
        let at = now + .milliseconds(100)
        if dumpDue > at || dumpDue < now { dumpDue = at }
        activeOpensDue = now
    }

    mutating func mayReadAllOwners(_ now: Moment) -> Bool {
        isReadingAll = hasMissed && now >= allOwnersDue
        guard isReadingAll else { return false }
        allOwnersDue = now + allOwnersInterval
        return true
    }

    /// Tells how many owners were found that were not known before.
    mutating func ownersRead(found: Int) {
        if found > 0 {
            allOwnersInterval = Self.allOwnersInterval.least
        } else if isReadingAll {
            allOwnersInterval = min(2 * allOwnersInterval, Self.allOwnersInterval.most)
            hasMissed = false
        }
    }

    mutating func timeWaitsAgain(_ now: Moment) {
        // A minute long nothing changes for each of them, and a dump of a thousand takes about a millisecond.
        timeWaitsDue = now + Nanoseconds.seconds(min(30, max(2, Double(timeWaits) / 1000)))
    }
}

extension WatchMachine {
    /// The questions that are due. Facts that answer them are to follow at once.
    package mutating func questions(now: Moment) -> [Question] {
        var asked = closings.takeQuestions().map { Question.whoClosed($0) }
        if now >= schedule.processesDue {
            asked.append(.processes)
            schedule.processesDue = now + .seconds(1)
            // The first dump waits for the processes, whose files are to be read with it.
            if !hasReadProcesses && dumps == 0 && schedule.dumpDue == startedAt {
                schedule.dumpDue = startedAt + 1
                return asked
            }
        }
        if now >= schedule.dumpDue {
            asked.append(.dump(ownersOf: candidates(now)))
            schedule.dumpAgain(now, &random)
            if now >= schedule.activeOpensDue {
                asked.append(.activeOpens)
                schedule.activeOpensDue = now + .seconds(kernel.resyncs == .none ? 1 : 0)
            }
        }
        if now >= schedule.glimpseDue {
            if dumps > 0 && schedule.isSharing(now) { asked.append(.glimpse(of: glimpseCandidates(now))) }
            schedule.glimpseAgain(now, &random)
        }
        if now >= schedule.timeWaitsDue && dumps > 0 {
            asked.append(.timeWaits)
            schedule.timeWaitsAgain(now)
        }
        return asked
    }

    /// When to call `questions` next.
    package var nextDeadline: Moment {
        if !closings.questions.isEmpty { return startedAt }
        var others = min(schedule.processesDue, schedule.dumpDue)
        if schedule.isSharing(schedule.glimpseDue) { others = min(others, schedule.glimpseDue) }
        return dumps > 0 ? min(others, schedule.timeWaitsDue) : others
    }

    /// Tells the CPU time of the latest dump.
    package mutating func dumpTook(cpu: Nanoseconds) { schedule.dumpTook(cpu) }

    /// Tells the CPU time that it took to find the owners of the latest dump's sockets among so many processes.
    package mutating func ownersTook(cpu: Nanoseconds, of processes: Int) {
        schedule.ownersTook(cpu, of: processes, lastDumpAt)
    }

    /// The processes whose files are worth reading with the next dump.
    private mutating func candidates(_ now: Moment) -> Set<Int> {
        var candidates = Set<Int>()
        if schedule.mayReadAllOwners(now) {
            for process in processes.values where process.facts.isReadable { candidates.insert(process.facts.pid) }
            return candidates
        }
        // Where only those that are known were read, their shares would grow by that alone.
        guard isChurning || !unowned.isEmpty, schedule.mayReadOwners(now) else { return candidates }
        candidates = busyOwners()
        addStrangers(Self.mostCandidates, to: &candidates, now)
        return candidates
    }

    /// The processes that figures are about, and those that opened connections lately.
    func busyOwners() -> Set<Int> {
        var candidates = Set<Int>()
        for owner in owners where owner.isUsed && !owner.hasEnded && owner.facts?.isReadable != false {
            guard let pid = owner.pid else { continue }
            if (owner.isChosen && settings.scope != .all)
                || owner.ledgers.contains(where: { ledgers[$0].recentlyOpened > 0.05 })
            {
                candidates.insert(pid)
            }
        }
        return candidates
    }

    /// While connections come and go unseen, some other processes are read too, in turn: a short connection is found
    /// only where its owner happens to be read at that moment.
    mutating func addStrangers(_ most: Int, to candidates: inout Set<Int>, _ now: Moment) {
        let most = min(Self.mostCandidates, candidates.count + most)
        guard schedule.isSharing(now), candidates.count < most else { return }
        let readable = processes.values.compactMap { $0.facts.isReadable ? $0.facts.pid : nil }.sorted()
        guard !readable.isEmpty else { return }
        let start = readable.firstIndex { $0 > lastStranger } ?? 0
        for step in readable.indices where candidates.count < most {
            lastStranger = readable[(start + step) % readable.count]
            candidates.insert(lastStranger)
        }
    }

    /// Files of so few processes are read with every dump.
    private static var mostCandidates: Int { 12 }
}
