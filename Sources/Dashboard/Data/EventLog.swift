import PoolModel

/// One line of the event list.
struct EventLine: Sendable, Equatable {
    /// Seconds since 1970 in local time.
    var localSeconds: Double
    var level: AgentNotice.Level
    var hostID: Int?
    var text: String
}

/// The notices so far, oldest first. Above a limit, the oldest are removed.
struct EventLog: Sendable {
    static let limit = 2000
    private(set) var lines: [EventLine] = []
    /// The number of notices ever added.
    private(set) var total = 0

    mutating func append(_ line: EventLine) {
        total += 1
        lines.append(line)
        // Removed in blocks, because removing them from the front one by one would move the whole list each time.
        if lines.count >= Self.limit + 256 { lines.removeFirst(lines.count - Self.limit) }
    }
}
