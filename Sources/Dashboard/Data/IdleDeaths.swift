import PoolModel

/// How long connections had been idle when they went, of the hosts that are looked at.
///
/// The agent counts closes by reason and not by age, so this is seen from the lists of sockets: one that was idle in a
/// list and is not in the next one, a tenth of a second later, has gone. One that was idle for less than half a second
/// may have been used in between and is left out. Which limits the ages lie at says whose limit ends them.
struct IdleDeaths: Sendable, Equatable {
    static let leastAge = 0.5
    /// Lists further apart say too little about what was between them.
    static let longestSpan = 0.6

    private(set) var counts = Array(repeating: 0, count: IdleBand.all.count)
    private var last: (uptime: Double, idle: [Int: Double])?

    var total: Int { counts.reduce(0, +) }

    static func == (left: IdleDeaths, right: IdleDeaths) -> Bool { left.counts == right.counts }

    /// Nil: the sockets were not listed.
    mutating func take(_ sockets: [SocketSnapshot]?, uptime: Double) {
        guard let sockets else {
            last = nil
            return
        }
        if let last, uptime > last.uptime, uptime - last.uptime <= Self.longestSpan {
            let present = Set(sockets.map(\.id))
            for (id, age) in last.idle where age >= Self.leastAge && !present.contains(id) {
                // On average it went in the middle between the two.
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

/// A stretch of idle ages: one of the limits that servers and load balancers are known for, or what lies between two.
struct IdleBand: Sendable, Equatable {
    var label: String
    /// Who closes then by default; empty between the limits.
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
