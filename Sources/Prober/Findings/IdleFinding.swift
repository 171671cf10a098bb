/// The server's idle limit, derived from the connections that were held idle.
///
/// Two connections closed at about the same age establish a limit, as in the agent's learning: a single close can be a
/// restart or an accident. A single close counts only if no other connection was alive at a much higher age.
struct IdleFinding: Sendable, Equatable {
    /// The lowest age at which the server closed connections; nil if it closed none, or no two at the same age.
    var limitSeconds: Double?
    /// How it closed them.
    var close: ServerClose?
    /// It sent unsolicited bytes first.
    var spoke = false
    /// The number of connections closed by the server at any age, and the lowest and highest of the ages.
    var closedCount = 0
    var closedAges: ClosedRange<Double>?
    /// The longest idle time after which a request still got a response; nil if none did.
    var answeredSeconds: Double?
    /// The shortest idle time after which a connection looked open but no longer worked, and none worked after a longer
    /// time; nil if there was none.
    var failedSeconds: Double?

    /// Ages that differ by at most a quarter, or a fifth of a second, count as equal.
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
        // A request that crossed the server's close in transit is not separate evidence.
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

    /// How long to wait for the others once two closes have established a limit.
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
