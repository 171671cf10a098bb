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
    /// The server did not close the connection and answered nothing more on it.
    var isDead = false
    /// The most responses on one connection; zero if there was no run.
    var most = 0
    /// Runs that ended earlier than another and not at the limit.
    var strayEnds: [Int] = []

    /// Runs that ended at the age at which every connection of the server ends tell nothing of numbers.
    init(_ runs: [ProbeObservations.Run], lifetimeSeconds: Double? = nil) {
        most = runs.map(\.responses).max() ?? 0
        let ends = runs.filter { $0.isEnded && !$0.hasEnded(at: lifetimeSeconds) }
            .sorted { $0.responses < $1.responses }
        let counts = ends.map(\.responses)
        guard let last = ends.last, last.responses == most else {
            strayEnds = counts
            findDeadEnd(runs)
            return
        }
        // Servers behind one address may differ. The lowest number that occurred twice, or else the lowest, is safe.
        let twice = counts.first { count in counts.count { $0 == count } > 1 }
        // Closes that nobody announced and that came at any number are accidents.
        if twice == nil, ends.count > 1, !ends.contains(where: { $0.end == .announced }) {
            strayEnds = counts
            return
        }
        guard let run = ends.first(where: { $0.responses == twice ?? counts[0] }) else { return }
        limit = run.responses
        isAnnounced = ends.allSatisfy { $0.end == .announced }
        // A reset may be the answer to a request that was sent after FIN.
        close = ends.filter { $0.end != .closed(.reset) }.compactMap(\.close).first
        isConfirmed = twice != nil
        strayEnds = counts.filter { $0 != run.responses }
    }

    /// Single responses are lost for many reasons, but not three times at the same number.
    private mutating func findDeadEnd(_ runs: [ProbeObservations.Run]) {
        let failed = runs.filter(\.hasFailed).map(\.responses)
        guard strayEnds.isEmpty, failed.count == runs.count, failed.count >= Self.deadRuns, Set(failed).count == 1
        else {
            return
        }
        (limit, isDead, isConfirmed) = (most, true, true)
    }

    private static let deadRuns = 3

    /// True if another run would provide no more information.
    static func isSettled(by runs: [ProbeObservations.Run]) -> Bool {
        guard let last = runs.last else { return false }
        switch last.end {
        case .bound, .cutShort: return true
        case .announced, .closed: return RequestFinding(runs).isConfirmed
        case .failed: return RequestFinding(runs).isDead
        }
    }
}

extension ProbeObservations.Run {
    /// The server has closed the connection between two exchanges.
    var isEnded: Bool {
        switch end {
        case .announced, .closed: true
        case .bound, .cutShort, .failed: false
        }
    }

    fileprivate var hasFailed: Bool {
        switch end {
        case .failed: true
        case .announced, .closed, .bound, .cutShort: false
        }
    }

    fileprivate func hasEnded(at lifetimeSeconds: Double?) -> Bool {
        lifetimeSeconds.map { abs(seconds - $0) < IdleFinding.lifetimeTolerance(at: $0) } ?? false
    }
}
