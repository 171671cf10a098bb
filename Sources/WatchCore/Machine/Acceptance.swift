/// Connections that the processes of this machine accepted. Their sockets are among the new ones of a process, and are to be
/// told from those that it opened.
struct Acceptance {
    /// A server has few ends of its own; beyond this many, new ones are not counted.
    private static let mostEnds = 4096

    /// Accepted connections that are gone, by the end at which they were accepted, each falling by half in thirty seconds.
    private var ended: [Endpoint: Double] = [:]
    /// The ports at which processes accept, as of their latest glimpse.
    private var ports: [Int: Set<UInt16>] = [:]
    /// New sockets of processes, falling likewise.
    private var glimpsed: [Int: Double] = [:]

    mutating func noteEnded(at end: Endpoint) {
        if ended[end] == nil && ended.count >= Self.mostEnds { return }
        ended[end, default: 0] += 1
    }

    mutating func note(_ glimpse: Glimpse, of pid: Int) {
        ports[pid] = glimpse.accepts
        glimpsed[pid, default: 0] += Double(glimpse.added)
    }

    mutating func fade(_ factor: Double) {
        for end in ended.keys { ended[end, default: 0] *= factor }
        for pid in glimpsed.keys { glimpsed[pid, default: 0] *= factor }
        if ended.values.contains(where: { $0 < 0.01 }) { ended = ended.filter { $0.value >= 0.01 } }
        if glimpsed.values.contains(where: { $0 < 0.01 }) {
            glimpsed = glimpsed.filter { $0.value >= 0.01 }
            ports = ports.filter { glimpsed[$0.key] != nil }
        }
    }

    /// True where the process accepts at this end, so that the connections to it are not its own.
    func accepts(_ pid: Int, at end: Endpoint) -> Bool {
        ended[end] != nil && ports[pid]?.contains(end.port) == true
    }

    /// The part of a process's new sockets that it opened, as far as can be told: how often a socket is glimpsed at follows from
    /// all of them, and how many the process accepted is counted as they end.
    func openedPart(of pid: Int, openedByAll: Double) -> Double {
        let own = accepted(by: pid)
        guard own > 0, let seen = glimpsed[pid], seen > 0 else { return 1 }
        let all = openedByAll + ports.keys.reduce(0) { $0 + accepted(by: $1) }
        let chance = glimpsed.values.reduce(0, +) / all
        return max(0, 1 - own * chance / seen)
    }

    private func accepted(by pid: Int) -> Double {
        guard let own = ports[pid], !own.isEmpty else { return 0 }
        return ended.reduce(0) { sum, end in
            guard own.contains(end.key.port) else { return sum }
            // Each of several that accept at one port has its part.
            return sum + end.value / Double(ports.values.count { $0.contains(end.key.port) })
        }
    }
}
