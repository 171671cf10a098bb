/// How long the server lets a connection be idle, from what became of those that were held.
///
/// Two connections that were closed at about the same age make a limit, as for the agent's learned one: a single close
/// can be a restart or an accident. It counts alone only where no other connection was seen alive much longer.
struct IdleFinding: Sendable, Equatable {
    /// The youngest age at which the server closed connections by itself; nil: it closed none, or not twice at one age.
    var limitSeconds: Double?
    /// How it closed them.
    var close: ServerClose?
    /// It sent bytes first that nobody had asked for.
    var spoke = false
    /// Connections closed by the server, at whatever age, and the ages of the youngest and the oldest.
    var closedCount = 0
    var closedAges: ClosedRange<Double>?
    /// The longest idle time after which a request was still answered; nil: none was.
    var answeredSeconds: Double?
    /// The shortest idle time after which a connection looked open and carried no request any more, with none that
    /// did so after longer; nil: there was none.
    var failedSeconds: Double?

    /// Ages that differ by no more than a quarter, or a fifth of a second, are one age.
    private static func tolerance(at age: Double) -> Double { max(age / 4, 0.2) }

    init(_ held: [ProbeObservations.Held]) {
        let closed = held.filter { $0.serverClose != nil }.sorted { $0.idleSeconds < $1.idleSeconds }
        closedCount = closed.count
        if let first = closed.first, let last = closed.last { closedAges = first.idleSeconds...last.idleSeconds }
        let answered = held.filter { $0.fate == .answered }.map(\.idleSeconds)
        answeredSeconds = answered.max()
        if let youngest = Self.limit(closed, held) {
            limitSeconds = youngest.idleSeconds
            close = youngest.serverClose
            if case .closed(_, spoke: true) = youngest.fate { spoke = true }
        }
        failedSeconds = held.filter { $0.hasFailed && $0.idleSeconds > answeredSeconds ?? 0 }.map(\.idleSeconds).min()
        // A request that crossed the server's close on the way says nothing of its own.
        if let limit = limitSeconds, let failed = failedSeconds, failed >= limit - Self.tolerance(at: limit) {
            failedSeconds = nil
        }
    }

    private static func limit(
        _ closed: [ProbeObservations.Held], _ held: [ProbeObservations.Held]
    ) -> ProbeObservations.Held? {
        for (young, old) in zip(closed, closed.dropFirst())
        where old.idleSeconds - young.idleSeconds <= tolerance(at: young.idleSeconds) {
            return young
        }
        guard closed.count == 1, let only = closed.first else { return nil }
        let longest = only.idleSeconds + tolerance(at: only.idleSeconds)
        let isContradicted = held.contains { ($0.fate == .answered || $0.fate == .open) && $0.idleSeconds > longest }
        return isContradicted ? nil : only
    }

    /// How long to wait for the rest once two closes have made a limit.
    static func graceSeconds(after limit: Double) -> Double { tolerance(at: limit) }
}

extension ProbeObservations.Held {
    var serverClose: ServerClose? {
        switch fate {
        case .closed(let close, _): close
        case .answered, .failed, .open: nil
        }
    }

    var hasFailed: Bool {
        switch fate {
        case .failed: true
        case .closed, .answered, .open: false
        }
    }
}
