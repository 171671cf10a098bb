import PoolModel

/// One line of the event list.
struct EventLine: Sendable, Equatable {
    /// Seconds since 1970 in local time; of the last time where it was said again.
    var localSeconds: Double
    var level: AgentNotice.Level
    var hostID: Int?
    var text: String
    /// A fault that was injected: a mark that says so.
    var isFault = false
    /// A diagnosis of a host that fails its users.
    var isBad = false
    /// Its text has counts of its own, which go on while it lasts: it is never counted a second time.
    var isEpisode = false
    /// How often it was said.
    var count = 1
    /// Rises from line to line.
    fileprivate(set) var number = 0

    /// Whether it says the same as another.
    fileprivate func repeats(_ other: EventLine) -> Bool {
        !isEpisode && !other.isEpisode && level == other.level && hostID == other.hostID && text == other.text
    }
}

/// The notices so far, oldest first. Above a limit, the oldest are removed.
struct EventLog: Sendable {
    static let limit = 2000
    /// A line that is said again after a longer silence is news.
    static let repeatSeconds = 60.0
    /// Hosts that fail take turns: a repetition is looked for among so many lines.
    private static let repeatReach = 16
    private(set) var lines: [EventLine] = []
    /// The number of notices ever added.
    private(set) var total = 0
    private var numbered = 0

    /// A line that was said a moment ago and is said again stays one line, with a count. Beyond a mark it is a new one,
    /// since a change may be why it is said again.
    ///
    /// - Returns: the number of the line.
    @discardableResult
    mutating func append(_ line: EventLine) -> Int {
        total += line.count
        var line = line
        if let earlier = repeated(line) {
            line.count += lines[earlier].count
            lines.remove(at: earlier)
        }
        numbered += 1
        line.number = numbered
        lines.append(line)
        // Removed in blocks, because removing them from the front one by one would move the whole list each time.
        if lines.count >= Self.limit + 256 { lines.removeFirst(lines.count - Self.limit) }
        return numbered
    }

    /// Changes the line of this number; nothing happens where it has gone.
    mutating func setText(of number: Int, to text: String, isBad: Bool = false) {
        guard let index = lines.lastIndex(where: { $0.number <= number }), lines[index].number == number else { return }
        // The worst that it was is what the line tells of.
        if isBad { lines[index].isBad = true }
        if lines[index].text != text { lines[index].text = text }
    }

    /// Another process was chosen, whose hosts have the same numbers: lines keep the names instead.
    mutating func forgetHosts(_ names: [Int: String]) {
        for index in lines.indices {
            guard let host = lines[index].hostID else { continue }
            lines[index].hostID = nil
            if let name = names[host] { lines[index].text = "\(name): \(lines[index].text)" }
        }
    }

    private func repeated(_ line: EventLine) -> Int? {
        guard line.level != .mark else { return nil }
        for index in lines.indices.suffix(Self.repeatReach).reversed() {
            let earlier = lines[index]
            if earlier.level == .mark || line.localSeconds - earlier.localSeconds > Self.repeatSeconds { return nil }
            if earlier.repeats(line) { return index }
        }
        return nil
    }
}

extension DashboardState {
    /// The newest first; those of a host, or with a text in them or in their host's name.
    func events(of host: Int? = nil, with text: String = "") -> [EventLine] {
        let wanted = text.lowercased()
        return events.lines.reversed().filter { line in
            if let host, line.hostID != host { return false }
            guard !wanted.isEmpty else { return true }
            if line.text.lowercased().contains(wanted) || line.level.rawValue.hasPrefix(wanted) { return true }
            return line.hostID.flatMap { self.host($0) }?.name.lowercased().contains(wanted) ?? false
        }
    }
}

extension Model {
    /// The events that the filter of the view lets through.
    var visibleEvents: [EventLine] { picture.events(with: eventFilter) }

    /// The line that the marker of the events is at, as its place from the newest; the newest where none was chosen.
    func selectedEvent(among lines: [EventLine]) -> Int {
        guard let chosen = eventNumber else { return 0 }
        // A line that was said again has moved to the top under another number: the one that was below it is next.
        return lines.firstIndex { $0.number <= chosen } ?? max(0, lines.count - 1)
    }

    mutating func moveEvent(by step: Int) {
        let lines = visibleEvents
        guard !lines.isEmpty else { return }
        let place = min(lines.count - 1, max(0, selectedEvent(among: lines) + step))
        // At the newest the marker stays with the newest.
        eventNumber = place == 0 ? nil : lines[place].number
    }

    /// Enter in the events: the host that the line is about.
    mutating func jumpToEventsHost() {
        let lines = visibleEvents
        guard !lines.isEmpty else { return }
        guard let host = lines[selectedEvent(among: lines)].hostID, picture.host(host) != nil else {
            say("this line is about no single host")
            return
        }
        filter = ""
        selectedHost = host
        show(.inspect)
    }

    /// The text that `/` changes in the view at hand.
    var typedFilter: String {
        get {
            switch view {
            case .fleet: fleetFilter
            case .processes: processFilter
            case .events: eventFilter
            case .overview, .inspect, .generator: filter
            }
        }
        set {
            switch view {
            case .fleet: fleetFilter = newValue
            case .processes: processFilter = newValue
            case .events:
                eventFilter = newValue
                eventNumber = nil
            case .overview, .inspect, .generator: filter = newValue
            }
        }
    }
}
