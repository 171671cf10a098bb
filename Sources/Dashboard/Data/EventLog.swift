import PoolModel

/// One line of the event list.
struct EventLine: Sendable, Equatable {
    /// Seconds since 1970 in local time.
    var localSeconds: Double
    var level: AgentNotice.Level
    var hostID: Int?
    var text: String
    /// A fault that was injected: a mark that says so.
    var isFault = false
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

    /// Changes the line that was the `number`th of all; nothing happens where it has gone.
    mutating func setText(of number: Int, to text: String) {
        let index = number - 1 - (total - lines.count)
        if lines.indices.contains(index), lines[index].text != text { lines[index].text = text }
    }
}
