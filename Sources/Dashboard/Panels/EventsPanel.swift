import Diagnosis
import PoolModel
import Wording

/// The list of events, the newest first.
enum EventsPanel {
    static func draw(_ model: Model, in rect: Rect, isView: Bool, on canvas: inout Canvas) {
        let log = model.picture.events
        guard isView else {
            let note = [Span("[l] hide  [3] \(allOf(log.total))", .label)]
            canvas.title("Events", note: note, in: rect)
            drawList(model.picture.events(), model, in: rect.below(1), empty: "nothing has happened yet", on: &canvas)
            return
        }
        let lines = model.visibleEvents
        let selected = model.selectedEvent(among: lines)
        let body = rect.below(1)
        let first = firstLine(lines, selected: selected, model, in: body, on: canvas)
        canvas.title("Events", note: note(model, first: first, shown: lines.count), in: rect)
        let empty =
            log.lines.isEmpty
            ? "nothing has happened yet"
            : "no event has \u{201C}\(model.eventFilter)\u{201D} in it   esc clears the filter"
        drawList(
            Array(lines.dropFirst(first)), model, in: body, selected: selected - first, empty: empty, on: &canvas)
    }

    /// `all 6 events`, `1 event`.
    private static func allOf(_ count: Int) -> String {
        count > 1 ? "all \(Numbers.count(count)) events" : count == 1 ? "1 event" : "no events"
    }

    /// The lines about one host, without a heading.
    static func drawHost(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        let lines = model.picture.events(of: host.id)
        canvas.title(
            "Events of this host \(Numbers.grouped(lines.count))", note: [Span("[l] hide  [3] all", .label)], in: rect)
        drawList(lines, model, in: rect.below(1), empty: "nothing has happened to this host yet", on: &canvas)
    }

    private static func note(_ model: Model, first: Int, shown: Int) -> [Span] {
        var spans: [Span] = []
        let isFiltered = !model.eventFilter.isEmpty || model.isTypingFilter
        if isFiltered {
            let text = model.eventFilter + (model.isTypingFilter ? "_" : "")
            spans += [Span("filter ", .label), Span(text, .mark, .bold), Span("   ", .label)]
        }
        let position = first > 0 ? "\(Numbers.grouped(first)) newer above   " : ""
        let all = Numbers.count(model.picture.events.total)
        return spans + [
            Span(position + (isFiltered ? "\(Numbers.grouped(shown)) lines of \(all)" : "\(all) in all"), .label)
        ]
    }

    /// The first line on the screen, so that the selected one is on it too.
    private static func firstLine(
        _ lines: [EventLine], selected: Int, _ model: Model, in rect: Rect, on canvas: Canvas
    ) -> Int {
        var first = selected
        var rows = 0
        while first >= 0, lines.indices.contains(first) {
            rows += wrapped(lines[first], model, width: rect.width, on: canvas).count
            if rows > rect.height { break }
            first -= 1
        }
        return min(selected, first + 1)
    }

    private static func drawList(
        _ lines: [EventLine], _ model: Model, in rect: Rect, selected: Int? = nil, empty: String,
        on canvas: inout Canvas
    ) {
        guard !lines.isEmpty else {
            canvas.text(empty, in: rect, x: 1, role: .label)
            return
        }
        let names = selected == nil ? cutNames(model, to: rect.width / 3, canvas.glyphs) : [:]
        var y = 0
        for (index, line) in lines.enumerated() {
            guard y < rect.height else { return }
            if index == selected {
                canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: y)
            }
            y += draw(line, model, in: rect.below(y), wraps: selected != nil, names, on: &canvas)
        }
    }

    /// Returns the rows it took.
    private static func draw(
        _ line: EventLine, _ model: Model, in rect: Rect, wraps: Bool, _ names: [Int: String], on canvas: inout Canvas
    ) -> Int {
        let isWide = rect.width >= 60
        var x = canvas.text(Numbers.timeOfDay(line.localSeconds), in: rect, x: 1, role: .label)
        x += isWide ? 2 : 1
        let (word, role) = line.isFault ? ("FAULT", .mark) : line.isBad ? (Level.bad.word, .bad) : level(line.level)
        canvas.text(isWide ? word : String(word.prefix(1)), in: rect, x: x, role: role, style: .bold)
        x = textColumn(rect.width)
        let style: CellStyle = line.level == .mark ? .bold : []
        let lines =
            wraps
            ? wrapped(line, model, width: rect.width, on: canvas)
            : [canvas.cut(text(line, model, canvas.glyphs, names), to: rect.width - x - 1)]
        for (row, part) in lines.enumerated() { canvas.text(part, in: rect, x: x, y: row, style: style) }
        return max(1, lines.count)
    }

    /// Behind the time and the level.
    private static func textColumn(_ width: Int) -> Int { width >= 60 ? 17 : 12 }

    private static func wrapped(_ line: EventLine, _ model: Model, width: Int, on canvas: Canvas) -> [String] {
        let lines = canvas.wrapped(text(line, model, canvas.glyphs), to: width - textColumn(width) - 1)
        return lines.isEmpty ? [""] : lines
    }

    /// The names of all hosts by id, if one of them is so long that what happened to it would not be seen.
    private static func cutNames(_ model: Model, to width: Int, _ glyphs: Glyphs) -> [Int: String] {
        let hosts = model.picture.snapshot?.hosts ?? []
        return hosts.contains { displayWidth(of: $0.name) > width } ? hosts.shortNames(to: width, glyphs) : [:]
    }

    /// `names`: the names that stand for those of the hosts; empty: each has its own.
    private static func text(
        _ line: EventLine, _ model: Model, _ glyphs: Glyphs, _ names: [Int: String] = [:]
    ) -> String {
        let host = line.hostID.flatMap { model.picture.host($0) }
        var text = host.map { named(line.text, $0) } ?? line.text
        if let host, let short = names[host.id], short != host.name {
            text = text.replacing(host.name, with: short, maxReplacements: 1)
        }
        return line.count > 1 ? "\(text) (\(glyphs.times)\(Numbers.count(line.count)))" : text
    }

    /// The host's name comes first, unless the text has it already.
    private static func named(_ text: String, _ host: ShownHost) -> String {
        let name = host.name
        // Where several targets share the host, the text has the name of one of them, and the line names all.
        if !host.ownName.isEmpty, text.hasPrefix(host.ownName + ": ") {
            return name + text.dropFirst(host.ownName.count)
        }
        let hasName = text.split(separator: " ").contains { $0 == name || $0 == name + ":" }
        return hasName ? text : name + ": " + text
    }

    private static func level(_ level: AgentNotice.Level) -> (String, Role) {
        switch level {
        case .info: ("INFO", .label)
        case .warn: ("WARN", .warn)
        case .mark: ("MARK", .mark)
        }
    }
}
