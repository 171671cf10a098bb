/// How many requests the server takes on one connection, from runs of them.
struct RequestFinding: Sendable, Equatable {
    /// Complete responses of a connection until the server ended it; nil: no limit was found.
    var limit: Int?
    /// The last response said `Connection: close`, so that a client cannot run into it.
    var isAnnounced = false
    /// How the server ended the connection; nil: it left that to the client.
    var close: ServerClose?
    /// Another run ended at the same number.
    var isConfirmed = false
    /// The most responses that one connection has carried; zero where no run was made.
    var most = 0
    /// Runs that ended earlier than another and were not the limit.
    var strayEnds: [Int] = []

    init(_ runs: [ProbeObservations.Run]) {
        most = runs.map(\.responses).max() ?? 0
        let ends = runs.filter(\.isEnded).sorted { $0.responses < $1.responses }
        guard let last = ends.last, last.responses == most else {
            strayEnds = ends.map(\.responses)
            return
        }
        // Servers behind one address may differ: the least number that came twice, else the least, is what can be relied on.
        let counts = ends.map(\.responses)
        let twice = counts.first { count in counts.count { $0 == count } > 1 }
        guard let run = ends.first(where: { $0.responses == twice ?? counts[0] }) else { return }
        limit = run.responses
        isAnnounced = ends.allSatisfy { $0.end == .announced }
        close = ends.compactMap(\.close).first
        isConfirmed = twice != nil
        strayEnds = counts.filter { $0 != run.responses }
    }

    /// True where another run would say no more.
    static func isSettled(by runs: [ProbeObservations.Run]) -> Bool {
        guard let last = runs.last else { return false }
        switch last.end {
        case .bound, .cutShort: return true
        case .announced, .closed: return RequestFinding(runs).isConfirmed
        case .failed: return false
        }
    }
}

extension ProbeObservations.Run {
    /// The server has ended it between two exchanges.
    fileprivate var isEnded: Bool {
        switch end {
        case .announced, .closed: true
        case .bound, .cutShort, .failed: false
        }
    }
}
