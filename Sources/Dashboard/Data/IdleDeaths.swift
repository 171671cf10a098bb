import PoolModel

/// How long connections had been idle when they were closed, for the hosts that are inspected.
///
/// The agent counts closes by reason and not by age, so this is derived from the lists of sockets: a connection that
/// was idle in one list and is missing from the next, a tenth of a second later, was closed. If it was idle for less
/// than half a second, it may have been used in between and is left out. The ages at which closes cluster show whose
/// limit caused them.
struct IdleDeaths: Sendable, Equatable {
    static let minimumAge = 0.5
    /// Lists that are further apart say too little about what happened between them.
    static let longestSpan = 0.6

    private(set) var counts = Array(repeating: 0, count: IdleBand.all.count)
    private var last: (uptime: Double, idle: [Int: Double])?

    var total: Int { counts.reduce(0, +) }

    static func == (left: IdleDeaths, right: IdleDeaths) -> Bool { left.counts == right.counts }

    /// nil if the sockets were not listed.
    mutating func take(_ sockets: [SocketSnapshot]?, uptime: Double) {
        guard let sockets else {
            last = nil
            return
        }
        if let last, uptime > last.uptime, uptime - last.uptime <= Self.longestSpan {
            let present = Set(sockets.map(\.id))
            for (id, age) in last.idle where age >= Self.minimumAge && !present.contains(id) {
                // On average the close was halfway between the two lists.
                counts[IdleBand.index(of: age + (uptime - last.uptime) / 2)] += 1
            }
        }
        var idle: [Int: Double] = [:]
        for socket in sockets {
            if let age = socket.idleSeconds { idle[socket.id] = age }
        }
        last = (uptime, idle)
    }
}

/// A range of idle ages: around a common limit of servers and load balancers, or between two of those.
struct IdleBand: Sendable, Equatable {
    var label: String
    /// The software with this default limit; empty between the limits.
    var known = ""
    var upTo: Double

    static let all = [
        IdleBand(label: "under 1 s", upTo: 1),
        IdleBand(label: "1-5 s", upTo: 4.7),
        IdleBand(label: "5 s", known: "Node", upTo: 5.5),
        IdleBand(label: "5-15 s", upTo: 14.5),
        IdleBand(label: "15 s", known: "limit", upTo: 15.6),
        IdleBand(label: "15-60 s", upTo: 58),
        IdleBand(label: "60 s", known: "ALB", upTo: 62),
        IdleBand(label: "60-75 s", upTo: 73.5),
        IdleBand(label: "75 s", known: "nginx", upTo: 77.5),
        IdleBand(label: "75-350 s", upTo: 345),
        IdleBand(label: "350 s", known: "NLB", upTo: 356),
        IdleBand(label: "over 350 s", upTo: .infinity),
    ]

    static func index(of age: Double) -> Int { all.firstIndex { age < $0.upTo } ?? all.count - 1 }
}
