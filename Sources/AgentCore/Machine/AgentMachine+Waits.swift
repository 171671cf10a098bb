package import PoolModel

/// How long requests in flight have waited for their hosts, as of one moment.
///
/// It takes a walk over all connections. A small table is walked for every snapshot; a large one once a second at most, so
/// that fifty thousand connections cost no more than a thousandth of a core.
struct InFlightSurvey: Sendable {
    /// The waits of one host.
    struct Host: Sendable {
        /// The oldest request in flight was put on its connection then; `never`: there is none.
        var oldest = Moment.never
        /// The same of those that wait for the server: its caller reads, and has sent its request to the end.
        var oldestUnheld = Moment.never
        /// The first of their heads came then; `never`: none has.
        var oldestBody = Moment.never
        /// Counts by `InFlightSurvey.place`, empty where none is a second old.
        fileprivate var requests: [Int32] = []
        fileprivate var inBody: [Int32] = []
    }

    static let small = 4096
    private static let interval: Nanoseconds = .seconds(1)
    private(set) var takenAt: Moment?
    private(set) var hosts: [Host] = []

    func isDue(_ connections: Int, _ now: Moment) -> Bool {
        guard connections > Self.small, let takenAt else { return true }
        return now - takenAt >= Self.interval
    }

    mutating func begin(hosts count: Int, _ now: Moment) {
        takenAt = now
        hosts = Array(repeating: Host(), count: count)
    }

    @inline(__always)
    mutating func add(_ connection: Connection, since moment: Moment, _ now: Moment) {
        let host = connection.host
        hosts[host].oldest = min(hosts[host].oldest, moment)
        if !connection.isHeld {
            hosts[host].oldestUnheld = min(hosts[host].oldestUnheld, moment)
            if connection.phase == .readingBody {
                hosts[host].oldestBody = min(hosts[host].oldestBody, connection.phaseSince)
            }
        }
        if now - moment >= .seconds(1) {
            hosts[host].count((now - moment).asSeconds, inBody: connection.phase == .readingBody)
        }
    }

    /// Ages by whole seconds up to a minute, by tens of them up to ten minutes, by minutes up to two hours.
    fileprivate static func place(of age: Double) -> Int {
        if age < 60 { return Int(age) }
        if age < 600 { return 60 + Int(age - 60) / 10 }
        return min(114 + Int(age - 600) / 60, places - 1)
    }

    fileprivate static let places = 225

    fileprivate static func leastAge(at place: Int) -> Double {
        if place < 60 { return Double(place) }
        return Double(place < 114 ? 60 + (place - 60) * 10 : 600 + (place - 114) * 60)
    }
}

extension InFlightSurvey.Host {
    fileprivate mutating func count(_ age: Double, inBody isInBody: Bool) {
        if requests.isEmpty {
            requests = Array(repeating: 0, count: InFlightSurvey.places)
            inBody = requests
        }
        let place = InFlightSurvey.place(of: age)
        requests[place] += 1
        if isInBody { inBody[place] += 1 }
    }

    var ages: [InFlightAge] {
        requests.indices.compactMap { place in
            guard requests[place] > 0 else { return nil }
            return InFlightAge(
                atLeastSeconds: InFlightSurvey.leastAge(at: place), requests: Int(requests[place]),
                inBody: Int(inBody[place]))
        }
    }
}

extension AgentMachine {
    private static let leastShown: Nanoseconds = .seconds(1)

    /// A piece of a response came for which there is no other fact: of a body, or of a head that is not complete.
    @inline(__always)
    package mutating func heard(on id: ConnectionID, now: Moment) {
        guard let slot = connections.slot(of: id) else { return }
        let host = connections[slot].host
        hosts[host].heardAt = now
        guard connections[slot].phase == .readingBody else { return }
        let pause = now - max(hosts[host].bodyHeardAt, connections[slot].phaseSince)
        if pause > hosts[host].longestBodyPause { hosts[host].longestBodyPause = pause }
        hosts[host].bodyHeardAt = now
    }

    /// The caller of the exchange stopped reading, or reads again: meanwhile the server is not to blame for silence.
    package mutating func readingHeld(_ isHeld: Bool, on id: ConnectionID, now: Moment) {
        guard let slot = connections.slot(of: id) else { return }
        connections[slot].isHeld = isHeld
        hosts[connections[slot].host].heardAt = now
        hosts[connections[slot].host].bodyHeardAt = now
    }

    mutating func surveyInFlight(_ now: Moment) {
        guard survey.isDue(connections.capacity, now) else { return }
        survey.begin(hosts: hosts.count, now)
        guard hosts.contains(where: { $0.population.active > 0 }) else { return }
        for slot in 0..<connections.capacity where connections[slot].isLive && connections[slot].phase.isActive {
            let request = connections[slot].request
            guard request != Connection.noRequest else { continue }
            survey.add(connections[slot], since: requests[request].assignedAt, now)
        }
    }

    /// Reads one host out of the last survey; a host that is newer than it has nothing that is a second old.
    func waits(of host: Int, _ now: Moment) -> HostWaits {
        var waits = HostWaits(oldestDial: oldestDial(host, now))
        guard survey.hosts.indices.contains(host), hosts[host].population.active > 0 else { return waits }
        let seen = survey.hosts[host]
        waits.ages = seen.ages
        waits.oldestActive = Self.age(since: seen.oldest, now)
        if seen.oldestUnheld != .never {
            waits.silent = Self.age(since: max(seen.oldestUnheld, hosts[host].heardAt), now)
        }
        if seen.oldestBody != .never {
            waits.bodySilent = Self.age(since: max(seen.oldestBody, hosts[host].bodyHeardAt), now)
        }
        return waits
    }

    private static func age(since moment: Moment, _ now: Moment) -> Double? {
        moment != .never && now - moment >= leastShown ? (now - moment).asSeconds : nil
    }

    private func oldestDial(_ host: Int, _ now: Moment) -> DialProgress? {
        guard let slot = hosts[host].dialing.first else { return nil }
        let seconds = Self.age(since: connections[slot].phaseSince, now)
        return seconds.map { DialProgress(state: connections[slot].phase.socketState, seconds: $0) }
    }
}

/// The waits of one host, as a snapshot shows them.
struct HostWaits {
    var ages: [InFlightAge] = []
    var oldestActive: Double?
    var silent: Double?
    var bodySilent: Double?
    var oldestDial: DialProgress?

    init(oldestDial: DialProgress?) { self.oldestDial = oldestDial }
}
