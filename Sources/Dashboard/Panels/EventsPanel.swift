import PoolModel

/// The list of events, the newest first.
enum EventsPanel {
    static func draw(_ model: Model, in rect: Rect, isView: Bool, on canvas: inout Canvas) {
        let log = model.picture.events
        let position = isView && model.eventScroll > 0 ? "\(model.eventScroll) newer above   " : ""
        let all = Numbers.count(log.total)
        let note = isView ? "\(position)\(all) in all" : "[l] hide  [3] all \(all) events"
        canvas.title("Events", note: [Span(note, .label)], in: rect)
        let body = rect.below(1)
        guard !log.lines.isEmpty else {
            canvas.text("nothing has happened yet", in: body, x: 1, role: .label)
            return
        }
        var y = 0
        for line in log.lines.reversed().dropFirst(isView ? model.eventScroll : 0) {
            guard y < body.height else { return }
            y += draw(line, model, in: body.below(y), wraps: isView, on: &canvas)
        }
    }

    /// Returns the rows it took.
    private static func draw(
        _ line: EventLine, _ model: Model, in rect: Rect, wraps: Bool, on canvas: inout Canvas
    ) -> Int {
        let isWide = rect.width >= 60
        var x = canvas.text(Numbers.timeOfDay(line.localSeconds), in: rect, x: 1, role: .label)
        x += isWide ? 2 : 1
        let (word, role) = line.isFault ? ("FAULT", .mark) : level(line.level)
        canvas.text(isWide ? word : String(word.prefix(1)), in: rect, x: x, role: role, style: .bold)
        x += isWide ? 6 : 2
        let name = line.hostID.flatMap { model.picture.host($0)?.name }
        let text = name.map { named(line.text, $0) } ?? line.text
        let style: CellStyle = line.level == .mark ? .bold : []
        let lines = wraps ? canvas.wrapped(text, to: rect.width - x - 1) : [canvas.cut(text, to: rect.width - x - 1)]
        for (row, part) in lines.enumerated() { canvas.text(part, in: rect, x: x, y: row, style: style) }
        return max(1, lines.count)
    }

    /// The host's name comes first, unless the text has it already.
    private static func named(_ text: String, _ name: String) -> String {
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
