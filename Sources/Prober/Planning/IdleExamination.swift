/// Decides which connections are held idle, when each is opened and asked, and when enough is known.
///
/// It performs no I/O and reads no clock: times are in seconds since the examination began, and the caller tells what
/// became of each connection. `IdleHold` is the caller with sockets; tests have one with a shadow server.
///
/// ```
/// crowd ─► done                        their ages at the end agree, or differ as those of a server that sweeps
///   └► alone ─► done                   ended at the crowd's age, the limit is one of idle time
///        └► gathering ─► after ─► done it lives longer: how many does the server keep, and for how long then?
/// ```
///
/// The connections of the crowd do not start together. A server that looks for idle connections every few seconds ends
/// all that are old enough at one moment; connections that began together would all meet it in the same phase, and the
/// age that they had then could be that period above the limit.
struct IdleExamination: Sendable {
    typealias Held = ProbeObservations.Held
    typealias Run = ProbeObservations.Run

    enum Role: Sendable, Equatable {
        /// It is left alone until the server ends it.
        case watched
        /// It gets another request when it has been idle for this long, which finds limits that cause no close.
        case asked(after: Double)
        /// It gets one request after another (`BusyPace`).
        case busy
    }

    enum Order: Sendable, Equatable {
        case open(Int, Role)
        /// Close each connection that is held.
        case closeAll
        case countRequests
        case endCounting
        /// Nothing more is to be found out.
        case finish
    }

    /// A pause ends when the server has had a moment to notice that connections were closed, and no requests are counted.
    enum Step: Sendable, Equatable {
        case beginning, crowd
        case pausing(since: Double, then: Next)
        case alone(until: Double), gathering(settledAt: Double?), after, done
    }

    enum Next: Sendable, Equatable { case alone, gathering, counting, after, done }

    struct Connection: Sendable {
        var role: Role
        var part: Held.Part
        /// nil while it is being opened.
        var idleFrom: Double?
        /// nil until it has ended.
        var held: Held?
        var isOver = false
    }

    /// The longest time for the whole examination.
    let maxWait: Double
    let countsRequests: Bool
    var step = Step.beginning
    var connections: [Int: Connection] = [:]
    private(set) var busy: Run?
    private(set) var gathering: ProbeObservations.Gathering?
    private var nextNumber = 0
    private var isCounting = false
    private var isEndingCount = false
    private var stagger = Stagger()

    /// Requests are counted on a fast server by then; a slow one must not prolong the probe.
    static let countingGrace = 2.0
    /// The server notices within this time that connections were closed.
    private static let pause = 0.3
    /// The server ends supernumerary connections within this time.
    static let settlingTime = 0.5

    /// `idleSeconds`: the ages of the connections that are idle already, numbered from zero.
    init(maxWait: Double, countsRequests: Bool, idleSeconds: [Double] = []) {
        self.maxWait = maxWait
        self.countsRequests = countsRequests
        for age in idleSeconds {
            connections[nextNumber] = Connection(role: .watched, part: .crowd, idleFrom: -age)
            nextNumber += 1
        }
    }

    /// The connections that have ended, by age. One that was closed by us to go on counts as open until then.
    var held: [Held] {
        connections.sorted { $0.key < $1.key }.compactMap(\.value.held).sorted { $0.idleSeconds < $1.idleSeconds }
    }

    /// When `advance` has something to do although nothing has happened; nil if never.
    func wakeUp(after now: Double) -> Double? {
        var moments = [maxWait]
        switch step {
        case .beginning, .done: return nil
        case .crowd:
            if let next = stagger.next { moments.append(next) }
            moments += crowdMoments
        case .pausing(let since, _): moments += [since + Self.pause, since + Self.countingGrace]
        case .alone(let end): moments.append(end)
        case .gathering(let settledAt): if let settledAt { moments.append(settledAt) }
        case .after:
            if let next = stagger.next { moments.append(next) }
            moments.append(now + 0.5)
        }
        return moments.filter { $0 > now }.min()
    }

    // MARK: What has happened

    /// The connection has completed its first exchange. False if it is no longer wanted.
    mutating func opened(_ number: Int, at now: Double) -> Bool {
        guard connections[number]?.part == part, connections[number]?.isOver == false else { return false }
        connections[number]?.idleFrom = now
        return true
    }

    /// The connection has ended; nil if it could not be opened or was of no use.
    mutating func ended(_ number: Int, _ held: Held?) {
        guard var connection = connections[number], connection.held == nil else { return }
        connection.isOver = true
        if var held {
            held.part = connection.part
            held.idleFromSeconds = connection.idleFrom ?? 0
            connection.held = held
        }
        connections[number] = connection
    }

    /// The busy connection has ended, or was closed by us (`cutShort`).
    mutating func ended(_ number: Int, _ run: Run) {
        connections[number]?.isOver = true
        busy = run
    }

    mutating func counted() { isCounting = false }

    // MARK: What to do

    mutating func advance(to now: Double) -> [Order] {
        var orders: [Order] = []
        // Several steps may end at the same moment.
        while let more = takeStep(now) { orders += more }
        return orders
    }

    /// nil if the present step goes on.
    private mutating func takeStep(_ now: Double) -> [Order]? {
        let isLate = now >= maxWait
        switch step {
        case .beginning: return begin()
        case .crowd:
            switch judgeCrowd(at: now, isLate: isLate) {
            case .enough: return pause(now, then: .done)
            case .doubtful: return pause(now, then: .alone)
            case .goOn: return openMore(now)
            }
        case .pausing(let since, let next):
            // Counting may go on for a moment, but nothing else may be held while one connection is alone.
            guard !isCounting else { return now >= since + Self.countingGrace ? endCounting() : nil }
            guard now >= since + Self.pause || next == .done else { return nil }
            return isLate ? finish() : begin(next, now)
        case .alone(let end):
            guard isLate || now >= end || areOver(.alone) else { return nil }
            return pause(now, then: isLate || !aloneOutlivesCrowd(at: now) ? .done : .gathering)
        case .gathering(let settledAt):
            guard !isLate else { return pause(now, then: .done) }
            return gather(now, settledAt)
        case .after:
            if let more = openMoreAfter(now) { return more }
            guard areOver(.after) || !isLate && isEnoughAfter(at: now) else { return nil }
            return pause(now, then: .done)
        case .done: return nil
        }
    }

    private mutating func begin() -> [Order] {
        step = .crowd
        var orders: [Order] = [open(.busy, .crowd)]
        for age in Self.ages where age < maxWait { orders.append(open(.asked(after: age), .crowd)) }
        return orders + (countsRequests ? startCounting() : [])
    }

    /// Just below the common limits of servers: 5, 10, 15, 20, 30, 60, 75, 120, 350, 650 s.
    static let ages: [Double] = [1, 2, 4, 9, 14, 19, 29, 44, 59, 89, 119, 179, 299, 349, 599, 899, 1799, 3599]

    private mutating func openMore(_ now: Double) -> [Order]? {
        guard let next = stagger.next, now >= next else { return nil }
        // Where the server has ended some, younger ones add nothing but time.
        guard crowdCloses.isEmpty else {
            stagger.stop()
            return nil
        }
        stagger.advance()
        return [open(.watched, .crowd)]
    }

    /// Fewer than the server keeps, so that none has to go for another.
    private mutating func openMoreAfter(_ now: Double) -> [Order]? {
        guard let next = stagger.next, now >= next else { return nil }
        let those = connections.values.filter { $0.part == .after }
        let most = isCrowded ? max(1, (gathering?.kept ?? 1) / 2) : Int.max
        guard those.count < most, !those.contains(where: { $0.held?.isEndedByServer == true }) else {
            stagger.stop()
            return nil
        }
        stagger.advance()
        return [open(.watched, .after)]
    }

    private mutating func begin(_ next: Next, _ now: Double) -> [Order] {
        switch next {
        case .alone:
            step = .alone(until: min(maxWait, now + max(1, 2 * doubtfulAge + 0.5)))
            return [open(.watched, .alone)]
        case .gathering:
            step = .gathering(settledAt: nil)
            return (0..<gatheringSize).map { _ in open(.watched, .gathering) }
        case .counting:
            step = .pausing(since: now, then: .after)
            return startCounting()
        case .after:
            step = .after
            stagger = Stagger(from: now)
            return [open(.watched, .after)]
        case .done: return finish()
        }
    }

    private mutating func gather(_ now: Double, _ settledAt: Double?) -> [Order]? {
        let all = connections.values.filter { $0.part == .gathering }
        guard let settledAt else {
            guard all.allSatisfy({ $0.idleFrom != nil || $0.isOver }) else { return nil }
            step = .gathering(settledAt: now + Self.settlingTime)
            return []
        }
        guard now >= settledAt else { return nil }
        // One that was ended with its first answer, before it was idle at all, is not kept either.
        gathering = .init(opened: all.count, kept: all.count { $0.idleFrom != nil && !$0.isOver })
        // Where each connection is counted as one too many, a run of requests on one more says nothing.
        return pause(now, then: isCrowded && countsRequests ? .counting : .after)
    }

    private mutating func pause(_ now: Double, then next: Next) -> [Order] {
        step = .pausing(since: now, then: next)
        return [.closeAll]
    }

    private mutating func startCounting() -> [Order] {
        (isCounting, isEndingCount) = (true, false)
        return [.countRequests]
    }

    /// nil if the order has been given, and only its end is waited for.
    private mutating func endCounting() -> [Order]? {
        guard !isEndingCount else { return nil }
        isEndingCount = true
        return [.endCounting]
    }

    private mutating func finish() -> [Order] {
        step = .done
        return [.finish]
    }

    private mutating func open(_ role: Role, _ part: Held.Part) -> Order {
        defer { nextNumber += 1 }
        connections[nextNumber] = Connection(role: role, part: part)
        return .open(nextNumber, role)
    }

    /// The part whose connections are wanted now.
    private var part: Held.Part? {
        switch step {
        case .crowd: .crowd
        case .alone: .alone
        case .gathering: .gathering
        case .after: .after
        case .beginning, .pausing, .done: nil
        }
    }

    private func areOver(_ part: Held.Part) -> Bool {
        connections.values.allSatisfy { $0.part != part || $0.isOver }
    }
}
