/// Joins the two changes of state that together tell who opened a connection: `connect` (closed → SYN_SENT) has the
/// process but no local port yet, and the next change has the port but happens in the time of any process.
package struct TraceJoin: Sendable {
    /// Sockets whose connection is being opened, by their address in the kernel.
    private var opening: [UInt64: Int] = [:]
    /// Sockets whose second change was read before the first, because each CPU has a buffer of its own.
    private var answered: [UInt64: SocketPair] = [:]

    /// A socket that was never answered keeps its place. The table is emptied when it is as large.
    private static let limit = 65_536

    package init() {}

    /// The changes of one reading of all buffers, in any order. The openings come with the local port.
    package mutating func take(_ events: [TraceEvent]) -> [TracedChange] {
        events.sorted { $0.time < $1.time }.compactMap { take($0) }
    }

    private mutating func take(_ event: TraceEvent) -> TracedChange? {
        var change = event.change
        if change.new == .synSent {
            guard let pair = answered.removeValue(forKey: event.socket) else {
                if opening.count >= Self.limit { opening.removeAll() }
                opening[event.socket] = change.pid
                return nil
            }
            change.pair = pair
            return change
        }
        guard change.old == .synSent else { return change }
        guard let pid = opening.removeValue(forKey: event.socket) else {
            if answered.count >= Self.limit { answered.removeAll() }
            answered[event.socket] = change.pair
            return nil
        }
        return TracedChange(pair: change.pair, old: .closed, new: .synSent, pid: pid)
    }
}
