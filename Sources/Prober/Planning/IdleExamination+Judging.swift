/// Whether the crowd has shown enough.
extension IdleExamination {
    enum Judgement: Sendable, Equatable {
        case goOn, enough
        /// Idle time may not be why they ended: one connection alone has to tell.
        case doubtful
    }

    /// Limits below this are rare, and a server that ends surplus connections looks as if it had one.
    private static let shortLimit = 1.0
    /// More connections may end for the same reason within this time.
    private static let moreTime = 0.7
    /// A server's timers, and ours, are this exact.
    private static let precision = 0.05

    /// The watched connections of the crowd that the server has ended, by age.
    var crowdCloses: [Held] {
        held.filter { $0.part == .crowd && $0.isEndedByServer }
    }

    func judgeCrowd(at now: Double, isLate: Bool) -> Judgement {
        // When the wait is over, those that are left get their last request.
        if isLate { return areAllOver ? .enough : .goOn }
        let closes = crowdCloses
        guard let youngest = closes.first?.idleSeconds, let oldest = closes.last?.idleSeconds else {
            return areAllOver ? .enough : .goOn
        }
        if youngest < Self.shortLimit {
            let first = closes.map(\.endSeconds).min() ?? 0
            return areAllOver || now >= first + Self.moreTime ? .doubtful : .goOn
        }
        guard isBusyOlder(than: youngest, now) else { return .goOn }
        // Others may have been ended at the same moment.
        let last = closes.map(\.endSeconds).max() ?? 0
        guard now >= last + IdleFinding.sweepSeconds || areAllOver else { return .goOn }
        // Connections that began at different times and end at the same age were ended for their age.
        if Self.haveOneAge(closes) { return .enough }
        // Any that is younger than the youngest that was ended may still lower that age.
        guard !mayBecomeYoungest(youngest, now, in: .crowd), closes.count > 1 || areAllOver else { return .goOn }
        if areMostlyForAnother(closes) { return .doubtful }
        if IdleFinding.agreeingAge(closes) != nil {
            return now >= oldest + IdleFinding.tolerance(at: youngest) || areAllOver ? .enough : .goOn
        }
        // No two ages agree. Either the server sweeps, or it ended them for another reason and keeps the rest.
        return areAllOver || !outlives(oldest, now) ? .enough : .doubtful
    }

    /// The moments at which the judgement may change although nothing happens.
    var crowdMoments: [Double] {
        guard let youngest = crowdCloses.first?.idleSeconds else { return [] }
        let first = crowdCloses.map(\.endSeconds).min() ?? 0
        let last = crowdCloses.map(\.endSeconds).max() ?? 0
        var moments = [
            first + Self.moreTime, last + IdleFinding.sweepSeconds, youngest + IdleFinding.tolerance(at: youngest),
        ]
        if let oldest = crowdCloses.last?.idleSeconds {
            moments.append(oldest + IdleFinding.tolerance(at: youngest))
        }
        for connection in connections.values where connection.part == .crowd && !connection.isOver {
            guard let start = connection.idleFrom else { continue }
            moments += [start + youngest + Self.precision, start + busyAge(for: youngest)]
        }
        return moments
    }

    private var crowd: [Connection] { connections.values.filter { $0.part == .crowd && $0.role != .busy } }
    private var areAllOver: Bool { crowd.allSatisfy(\.isOver) }

    /// Equal ages of connections that began together say nothing of a server that sweeps.
    private static func haveOneAge(_ closes: [Held]) -> Bool {
        guard let youngest = closes.first?.idleSeconds else { return false }
        let starts = closes.filter { $0.idleSeconds <= youngest + 0.1 }.map(\.idleFromSeconds)
        guard let first = starts.min(), let last = starts.max() else { return false }
        return starts.count > 3 && last - first > 0.5
    }

    private func mayBecomeYoungest(_ youngest: Double, _ now: Double, in part: Held.Part) -> Bool {
        connections.values.contains { connection in
            connection.part == part && connection.role != .busy && !connection.isOver
                && now < (connection.idleFrom ?? now) + youngest + Self.precision
        }
    }

    /// As with the crowd, those that are left may only be older.
    func isEnoughAfter(at now: Double) -> Bool {
        let closes = held.filter { $0.part == .after && $0.isEndedByServer }
        guard closes.count > 1, let youngest = closes.first?.idleSeconds else { return false }
        return Self.haveOneAge(closes) || !mayBecomeYoungest(youngest, now, in: .after)
    }

    /// Most of them ended when another connection had just become idle, or right after their own response.
    private func areMostlyForAnother(_ closes: [Held]) -> Bool {
        // One more connection is the end of one other: a sweep ends many at a moment at which one may have come.
        var starts = connections.values.compactMap(\.idleFrom).sorted()
        let forAnother = closes.sorted { $0.endSeconds < $1.endSeconds }.count { close in
            let cause = starts.firstIndex {
                $0 > close.idleFromSeconds + 0.001 && (0...0.1).contains(close.endSeconds - $0)
            }
            guard let cause else { return false }
            starts.remove(at: cause)
            return true
        }
        return closes.count > 1 && 3 * forAnother >= 2 * closes.count
    }

    /// Another connection of the crowd is, or was when it got its request, older than this by more than chance.
    private func outlives(_ age: Double, _ now: Double) -> Bool {
        let longest = age + IdleFinding.tolerance(at: age)
        return crowd.contains { connection in
            if let held = connection.held { return held.fate == .answered && held.idleSeconds > longest }
            guard !connection.isOver, let start = connection.idleFrom else { return false }
            return now - start > longest
        }
    }

    // MARK: The busy connection

    private func busyAge(for age: Double) -> Double { age + IdleFinding.lifetimeTolerance(at: age) }

    /// It has ended, or has lived long enough to show that age alone ends nothing.
    private func isBusyOlder(than age: Double, _ now: Double) -> Bool {
        connections.values.allSatisfy { connection in
            connection.role != .busy || connection.isOver
                || connection.idleFrom.map { now >= $0 + busyAge(for: age) } == true
        }
    }

    // MARK: One alone

    /// The age that one connection alone has to pass for the crowd's to be doubted.
    var doubtfulAge: Double {
        let closes = crowdCloses
        guard let youngest = closes.first?.idleSeconds, let oldest = closes.last?.idleSeconds else { return 0 }
        return youngest < Self.shortLimit ? youngest : oldest
    }

    func aloneOutlivesCrowd(at now: Double) -> Bool {
        let longest = doubtfulAge + IdleFinding.tolerance(at: doubtfulAge)
        return connections.values.contains { connection in
            guard connection.part == .alone else { return false }
            if let held = connection.held { return held.idleSeconds > longest }
            return connection.idleFrom.map { now - $0 > longest } ?? false
        }
    }

    var isCrowded: Bool { gathering.map { $0.kept < $0.opened } ?? false }

    /// More than the server was seen to keep at the same time.
    var gatheringSize: Int { min(32, max(4, mostAtOnce) + 4) }

    /// The most connections that were idle at the same time and for longer than it takes the server to end a surplus.
    private var mostAtOnce: Int {
        let spans = connections.values.filter { $0.part == .crowd }.compactMap { connection in
            connection.idleFrom.map { ($0, connection.held?.endSeconds ?? .infinity) }
        }
        return spans.map { start, _ in spans.count { $0.0 <= start && $0.1 > start + 0.1 } }.max() ?? 0
    }
}
