import PoolModel

@testable import Prober

/// A server that exists in numbers only: it ends connections by rules that a test chooses, in virtual time.
struct ShadowServer {
    /// Idle connections are ended at this age; nil: never.
    var idleLimit: Double?
    /// It looks for them at these intervals, the first time at `phase`; nil: each has a timer of its own.
    var sweep: (period: Double, phase: Double)?
    /// Connections are ended at this age, idle or not.
    var lifetime: Double?
    /// It keeps this many idle ones, and ends the one that has been idle for longest, or the one that came last.
    var maxIdle: Int?
    var endsNewest = false
    /// The time that an answer takes.
    var answerTime = 0.001
    /// Connections that were idle for longer are dead without a word.
    var forgets: Double?
    /// Restarts end each connection at these moments.
    var restarts: [Double] = []

    /// The moment at which a connection that became idle at `since` is ended for its age.
    func end(openedAt: Double, idleSince since: Double) -> Double {
        var ends = restarts.filter { $0 >= since }
        if let lifetime { ends.append(openedAt + lifetime) }
        if let idleLimit {
            var moment = since + idleLimit
            if let sweep {
                let beats = ((moment - sweep.phase) / sweep.period).rounded(.up)
                moment = sweep.phase + max(0, beats) * sweep.period
            }
            ends.append(moment)
        }
        return ends.min() ?? .infinity
    }
}

/// Carries out an `IdleExamination` against a shadow server, as `IdleHold` does with sockets.
struct ShadowHold {
    private struct Connection {
        var role: IdleExamination.Role
        var openedAt: Double
        var idleSince: Double
        var endsAt: Double
        var next: Double
        var pace = 0.0
        var responses = 1
    }

    private enum Moment {
        case opened(Int, IdleExamination.Role), ended(Int), asked(Int), counted, awake
    }

    let server: ShadowServer
    /// How long counting requests takes.
    var countingTime = 0.2
    private(set) var now = 0.0
    private(set) var examination: IdleExamination
    private(set) var mostOpen = 0
    private(set) var opened = 0
    private var connections: [Int: Connection] = [:]
    private var opening: [(at: Double, number: Int, role: IdleExamination.Role)] = []
    private var countedAt: Double?
    private var isDone = false

    init(_ server: ShadowServer, maxWait: Double = 70, samples: Int = 5, countingTime: Double = 0.2) {
        self.server = server
        self.countingTime = countingTime
        // The samples were opened one after the other, and have been idle since.
        let ages = (0..<samples).map { Double(samples - $0) * (server.answerTime + 0.001) }
        examination = IdleExamination(maxWait: maxWait, countsRequests: true, idleSeconds: ages)
        for (number, age) in ages.enumerated() {
            admit(number, .watched, openedAt: -age - server.answerTime, idleSince: -age)
        }
    }

    var finding: IdleFinding {
        IdleFinding(examination.held, busy: examination.busy, gathering: examination.gathering)
    }

    /// Plays until the examination is over; false if it hangs.
    mutating func run() -> Bool {
        carryOut(examination.advance(to: now))
        for _ in 0..<20_000 {
            if isDone { return true }
            guard let (time, moment) = nextMoment else { return false }
            now = max(now, time)
            happen(moment)
            carryOut(examination.advance(to: now))
        }
        return false
    }

    private var nextMoment: (Double, Moment)? {
        var moments: [(Double, Moment)] = opening.map { ($0.at, .opened($0.number, $0.role)) }
        for (number, connection) in connections.sorted(by: { $0.key < $1.key }) {
            moments.append(
                connection.endsAt <= connection.next
                    ? (connection.endsAt, .ended(number)) : (connection.next, .asked(number)))
        }
        if let countedAt { moments.append((countedAt, .counted)) }
        if let wakeUp = examination.wakeUp(after: now) { moments.append((wakeUp, .awake)) }
        return moments.min { $0.0 < $1.0 }
    }

    private mutating func happen(_ moment: Moment) {
        switch moment {
        case .opened(let number, let role):
            opening.removeAll { $0.number == number }
            guard examination.opened(number, at: now) else { return examination.ended(number, nil) }
            admit(number, role, openedAt: now - server.answerTime, idleSince: now)
        case .ended(let number): leave(number, .closed(.fin, spoke: false))
        case .asked(let number): ask(number)
        case .counted:
            countedAt = nil
            examination.counted()
        case .awake: break
        }
    }

    private mutating func admit(
        _ number: Int, _ role: IdleExamination.Role, openedAt: Double, idleSince: Double
    ) {
        opened += 1
        var next = examination.maxWait
        if case .asked(let age) = role { next = idleSince + age }
        if role == .busy { next = idleSince + BusyPace.next(after: 0) }
        connections[number] = Connection(
            role: role, openedAt: openedAt, idleSince: idleSince,
            endsAt: server.end(openedAt: openedAt, idleSince: idleSince), next: next, pace: BusyPace.next(after: 0))
        mostOpen = max(mostOpen, connections.count)
        endSurplus(idleSince)
    }

    private mutating func endSurplus(_ moment: Double) {
        let idle = connections.filter { $0.value.endsAt > max(moment, now) + 0.002 }
        guard let most = server.maxIdle, idle.count > most else { return }
        let byAge = idle.sorted { ($0.value.idleSince, $0.key) < ($1.value.idleSince, $1.key) }
        guard let number = server.endsNewest ? byAge.last?.key : byAge.first?.key else { return }
        connections[number]?.endsAt = max(moment, now) + 0.001
    }

    private mutating func ask(_ number: Int) {
        guard var connection = connections[number] else { return }
        if let forgets = server.forgets, now - connection.idleSince > forgets {
            return leave(number, .failed(.requestTimeout))
        }
        guard connection.role == .busy else {
            return leave(number, .answered)
        }
        connection.responses += 1
        connection.idleSince = now
        connection.endsAt = server.end(openedAt: connection.openedAt, idleSince: now)
        connection.pace = BusyPace.next(after: connection.pace)
        connection.next = connection.openedAt + connection.pace
        connections[number] = connection
    }

    private mutating func leave(_ number: Int, _ fate: ProbeObservations.Held.Fate) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        if connection.role == .busy {
            let end: ProbeObservations.Run.End = fate == .open ? .cutShort : .closed(.fin)
            return examination.ended(
                number,
                .init(
                    responses: connection.responses, end: end, seconds: now - connection.openedAt,
                    idleSeconds: now - connection.idleSince))
        }
        examination.ended(
            number, .init(address: "shadow", idleSeconds: now - connection.idleSince, fate: fate))
    }

    private mutating func carryOut(_ orders: [IdleExamination.Order]) {
        for order in orders {
            switch order {
            case .open(let number, let role): opening.append((now + server.answerTime, number, role))
            case .closeAll: for number in connections.keys.sorted() { leave(number, .open) }
            case .countRequests: countedAt = now + countingTime
            case .endCounting: countedAt = now
            case .finish: isDone = true
            }
        }
    }
}
