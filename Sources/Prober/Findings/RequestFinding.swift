/// The number of requests that the server accepts on one connection, derived from runs of requests.
struct RequestFinding: Sendable, Equatable {
    /// The number of complete responses before the server closed the connection; nil if no limit was found.
    var limit: Int?
    /// The last response carried `Connection: close`, so a client cannot run into the limit.
    var isAnnounced = false
    /// How the server closed the connection; nil if it left that to the client.
    var close: ServerClose?
    /// Another run ended at the same number.
    var isConfirmed = false
    /// The most responses on one connection; zero if there was no run.
    var most = 0
    /// Runs that ended earlier than another and not at the limit.
    var strayEnds: [Int] = []

    init(_ runs: [ProbeObservations.Run]) {
        most = runs.map(\.responses).max() ?? 0
        let ends = runs.filter(\.isEnded).sorted { $0.responses < $1.responses }
        guard let last = ends.last, last.responses == most else {
            strayEnds = ends.map(\.responses)
            return
        }
        // Servers behind one address may differ. The lowest number that occurred twice, or else the lowest, is safe.
        let counts = ends.map(\.responses)
        let twice = counts.first { count in counts.count { $0 == count } > 1 }
        guard let run = ends.first(where: { $0.responses == twice ?? counts[0] }) else { return }
        limit = run.responses
        isAnnounced = ends.allSatisfy { $0.end == .announced }
        close = ends.compactMap(\.close).first
        isConfirmed = twice != nil
        strayEnds = counts.filter { $0 != run.responses }
    }

    /// True if another run would provide no more information.
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
    /// The server has closed the connection between two exchanges.
    fileprivate var isEnded: Bool {
        switch end {
        case .announced, .closed: true
        case .bound, .cutShort, .failed: false
        }
    }
}
