/// The server's idle limit, derived from the connections that were held idle.
///
/// Two connections closed at about the same age establish a limit, as in the agent's learning: a single close can be a
/// restart or an accident. A single close counts only if no other connection was alive at a much higher age. The
/// youngest age counts, because servers that sweep close others later.
///
/// Two other rules of a server look like an idle limit: one that keeps only some idle connections ends the surplus at any
/// age, and one that ends connections at an age ends idle ones too.
struct IdleFinding: Sendable, Equatable {
    /// The lowest age at which the server closed idle connections; nil if it closed none, or no two at the same age, or
    /// not for being idle.
    var limitSeconds: Double?
    /// The age at which it ends connections, busy or not; nil if busy ones live longer or that was not seen.
    var lifetimeSeconds: Double?
    /// How many idle connections it keeps at the same time; nil if it kept all that were opened.
    var maxConnections: Int?
    /// How it closed them.
    var close: ServerClose?
    /// It sent unsolicited bytes first.
    var spoke = false
    /// The number of connections closed by the server at any age, and the lowest and highest of the ages.
    var closedCount = 0
    var closedAges: ClosedRange<Double>?
    /// Idle connections were ended at ages up to this much above `limitSeconds`, as by a server that looks for them only
    /// now and then.
    var spreadSeconds: Double?
    /// The longest idle time after which a request still got a response; nil if none did.
    var answeredSeconds: Double?
    /// The shortest idle time after which a connection looked open but no longer worked, and none worked after a longer
    /// time; nil if there was none.
    var failedSeconds: Double?

    /// Ages that differ by at most a quarter, or a fifth of a second, count as equal.
    static func tolerance(at age: Double) -> Double { max(age / 4, 0.2) }

    /// A busy connection that lives longer than an idle one by this shows that its age does not matter.
    static func lifetimeTolerance(at age: Double) -> Double { max(age / 50, 0.3) }

    init(
        _ held: [ProbeObservations.Held], busy: ProbeObservations.Run? = nil,
        gathering: ProbeObservations.Gathering? = nil
    ) {
        if let gathering, gathering.kept < gathering.opened { maxConnections = gathering.kept }
        let evidence = Self.evidence(held)
        let closed = evidence.filter(\.isEndedByServer).sorted { $0.idleSeconds < $1.idleSeconds }
        closedCount = closed.count
        if let first = closed.first, let last = closed.last { closedAges = first.idleSeconds...last.idleSeconds }
        let answered = held.filter { $0.fate == .answered }.map(\.idleSeconds)
        answeredSeconds = answered.max()
        if let youngest = Self.limit(closed, evidence) {
            limitSeconds = youngest.idleSeconds
            close = youngest.serverClose
            spoke = youngest.spoke
            spreadSeconds = closed.last.map { $0.idleSeconds - youngest.idleSeconds }
        }
        failedSeconds = held.filter { $0.hasFailed && $0.idleSeconds > answeredSeconds ?? 0 }.map(\.idleSeconds).min()
        // A request that crossed the server's close in transit is not separate evidence.
        if let limit = limitSeconds, let failed = failedSeconds, failed >= limit - Self.tolerance(at: limit) {
            failedSeconds = nil
        }
        if maxConnections == nil, let busy, let limit = limitSeconds, let last = closedAges?.upperBound,
            busy.isEnded, busy.idleSeconds < 0.4 * limit, busy.seconds >= limit - Self.lifetimeTolerance(at: limit),
            busy.seconds <= last + Self.lifetimeTolerance(at: last)
        {
            lifetimeSeconds = min(limit, busy.seconds)
            limitSeconds = nil
        }
    }

    /// The connections whose ages count. Where one alone lived longer than the crowd, the crowd ended for another reason.
    private static func evidence(_ held: [ProbeObservations.Held]) -> [ProbeObservations.Held] {
        let crowd = held.filter { $0.part == .crowd }
        let closes = crowd.filter(\.isEndedByServer).map(\.idleSeconds).sorted()
        guard let youngest = closes.first, outlives(held, youngest) else {
            return crowd + held.filter { $0.part == .alone }
        }
        return held.filter { $0.part == .alone || $0.part == .after }
    }

    /// One connection alone lived for longer than this by more than chance.
    static func outlives(_ held: [ProbeObservations.Held], _ age: Double) -> Bool {
        held.contains { $0.part == .alone && $0.idleSeconds > age + tolerance(at: age) }
    }

    /// The youngest of two that ended at about the same age.
    static func agreeingAge(_ closed: [ProbeObservations.Held]) -> ProbeObservations.Held? {
        zip(closed, closed.dropFirst()).first { young, old in
            old.idleSeconds - young.idleSeconds <= tolerance(at: young.idleSeconds)
        }?.0
    }

    /// The youngest that one sweep of the server ended: together with older ones, and no older one outlived that moment.
    private static func sweptAge(
        _ closed: [ProbeObservations.Held], _ held: [ProbeObservations.Held]
    ) -> ProbeObservations.Held? {
        closed.first { young in
            let moment = young.endSeconds
            let isTogether = closed.contains { old in
                old.idleSeconds > young.idleSeconds + 0.05 && abs(old.endSeconds - moment) < sweepSeconds
            }
            return isTogether
                && !held.contains { other in
                    other.endSeconds > moment + sweepSeconds
                        && moment - other.idleFromSeconds > young.idleSeconds + 0.05
                }
        }
    }

    /// One sweep of a server takes no longer than this.
    static let sweepSeconds = 0.25

    private static func limit(
        _ closed: [ProbeObservations.Held], _ held: [ProbeObservations.Held]
    ) -> ProbeObservations.Held? {
        let candidates = [agreeingAge(closed), sweptAge(closed, held)].compactMap { $0 }
        if let young = candidates.min(by: { $0.idleSeconds < $1.idleSeconds }) { return young }
        guard let only = closed.first else { return nil }
        let longest = only.idleSeconds + tolerance(at: only.idleSeconds)
        let isContradicted = held.contains { ($0.fate == .answered || $0.fate == .open) && $0.idleSeconds > longest }
        return isContradicted ? nil : only
    }
}

extension ProbeObservations.Held {
    /// nil if the server has not closed it.
    var serverClose: ServerClose? {
        switch fate {
        case .closed(let close, _): close
        case .spoke, .answered, .failed, .open: nil
        }
    }

    /// It cannot be used from then on, and the server has said so.
    var isEndedByServer: Bool {
        switch fate {
        case .closed, .spoke: true
        case .answered, .failed, .open: false
        }
    }

    var spoke: Bool {
        switch fate {
        case .closed(_, let spoke): spoke
        case .spoke: true
        case .answered, .failed, .open: false
        }
    }

    var hasFailed: Bool {
        switch fate {
        case .failed: true
        case .closed, .spoke, .answered, .open: false
        }
    }
}
