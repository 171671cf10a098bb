import PoolModel
import Wording

/// Draws the overlay on top of the view.
func drawOverlay(_ model: Model, in screen: Rect, on canvas: inout Canvas) {
    guard let overlay = model.overlay else { return }
    switch overlay {
    case .help(let scroll): HelpOverlay.draw(model, scroll: scroll, in: screen, on: &canvas)
    case .advice(let scroll): AdviceOverlay.draw(model, scroll: scroll, in: screen, on: &canvas)
    case .closeIdle(let host): Question.drawCloseIdle(model, host: host, in: screen, on: &canvas)
    case .faults(let host, let selected):
        Question.drawFaults(model, host: host, selected: selected, in: screen, on: &canvas)
    case .command(let input): CommandOverlay.draw(input, model, in: screen, on: &canvas)
    case .menu(let kind, let selected):
        MenuBox.draw(model.menu(kind), selected: selected, in: screen, on: &canvas)
    case .explain(let column): ExplainOverlay.draw(column, model, in: screen, on: &canvas)
    }
}

extension Rect {
    /// A box of this size in the middle, no larger than there is room.
    func middle(width: Int, height: Int) -> Rect {
        let (width, height) = (min(width, self.width), min(height, self.height))
        return Rect(
            x: x + (self.width - width) / 2, y: y + (self.height - height) / 2, width: width, height: height)
    }

    /// Without the frame of a box, and a blank at each side.
    var insideOfBox: Rect { Rect(x: x + 2, y: y + 1, width: width - 4, height: height - 2) }
}

extension Canvas {
    /// An empty box in the middle with a title and a note in its frame; returns its inside.
    mutating func box(width: Int, height: Int, title: String, note: String, in screen: Rect) -> Rect {
        let box = screen.middle(width: width, height: height)
        let (width, height) = (box.width, box.height)
        fill(box)
        let corners = glyphs.boxCorners
        for x in 1..<max(1, width - 1) {
            cell(Cell(glyphs.horizontal, role: .axis), in: box, x: x, y: 0)
            cell(Cell(glyphs.horizontal, role: .axis), in: box, x: x, y: height - 1)
        }
        for y in 1..<max(1, height - 1) {
            cell(Cell(glyphs.vertical, role: .axis), in: box, x: 0, y: y)
            cell(Cell(glyphs.vertical, role: .axis), in: box, x: width - 1, y: y)
        }
        for (index, place) in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)].enumerated() {
            cell(Cell(corners[index], role: .axis), in: box, x: place.0, y: place.1)
        }
        text(" " + cut(title, to: width - 6) + " ", in: box.left(width - 2), x: 2, role: .title, style: .bold)
        if displayWidth(of: title) + displayWidth(of: note) + 10 <= width {
            rightText(" " + note + " ", in: box, end: width - 2, role: .label)
        }
        return box.insideOfBox
    }
}

/// Small boxes that want an answer.
enum Question {
    /// The answers in the order of the rows.
    static let closeIdleKeys: [Key] = [.character("y"), .character("a"), .character("n")]

    static func closeIdlePlace(in screen: Rect) -> MenuPlace {
        MenuPlace(box: screen.middle(width: 56, height: 6), rows: closeIdleKeys.indices)
    }

    static func drawCloseIdle(_ model: Model, host id: Int, in screen: Rect, on canvas: inout Canvas) {
        let host = model.picture.host(id)
        let here = Numbers.count(host?.metrics.idle ?? .exact(0))
        let all = Numbers.count(model.picture.snapshot?.sum(\.idle) ?? .exact(0))
        let box = closeIdlePlace(in: screen).box
        let inside = canvas.box(
            width: box.width, height: box.height, title: "Close idle sockets?", note: "esc no", in: screen)
        canvas.spans(
            [Span("y", .text, .bold), Span("  the \(here) of \(host?.name ?? "this host")")], in: inside, x: 0, y: 0)
        canvas.spans([Span("a", .text, .bold), Span("  all \(all), of every host")], in: inside, x: 0, y: 1)
        canvas.spans([Span("n", .text, .bold), Span("  none", .label)], in: inside, x: 0, y: 2)
        canvas.text("Requests that run are left alone.", in: inside, x: 0, y: 3, role: .label)
    }

    /// In a low window the chosen one stays in sight.
    static func faultsPlace(selected: Int, in screen: Rect) -> MenuPlace {
        let count = DownstreamFault.allCases.count
        let box = screen.middle(width: 64, height: count + 4)
        let first = max(0, min(selected, count - 1) - max(0, box.insideOfBox.height - 1))
        return MenuPlace(box: box, rows: first..<count)
    }

    static func drawFaults(_ model: Model, host id: Int, selected: Int, in screen: Rect, on canvas: inout Canvas) {
        let host = model.picture.host(id)
        let name = host?.name ?? "this host"
        let faults = DownstreamFault.allCases
        let present = model.picture.faults[id] ?? []
        let place = faultsPlace(selected: selected, in: screen)
        let inside = canvas.box(
            width: place.box.width, height: place.box.height, title: "Fault in \(name)", note: "enter do it   esc no",
            in: screen)
        let first = place.rows.lowerBound
        for (index, fault) in faults.enumerated().dropFirst(first) {
            let isSelected = index == selected
            let y = index - first
            if isSelected {
                canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: inside, x: 0, y: y)
            }
            let x = canvas.spans(
                [Span("\(index + 1)", .text, .bold), Span("  \(fault.label)")], in: inside, x: 2, y: y,
                style: isSelected ? .bold : [])
            if present.contains(fault) {
                canvas.spans([Span("\(canvas.glyphs.bullet) in force", .warn, .bold)], in: inside, x: x + 2, y: y)
            }
        }
        canvas.text(
            canvas.cut(hint(host, faults[min(faults.count - 1, max(0, selected))], model), to: inside.width),
            in: inside, x: 0, y: faults.count + 1 - first, role: .label)
    }

    /// The effect that the selected fault will have here, as far as it can be known.
    private static func hint(_ host: ShownHost?, _ fault: DownstreamFault, _ model: Model) -> String {
        let mark = "marked \u{201C}\(ChangeKey.fault.rawValue) \(fault.shortLabel)\u{201D}"
        guard let host else { return mark }
        switch fault {
        case .dropIdle:
            let idle = host.metrics.idle
            return idle.value == 0
                ? "It has no idle connection now; \(mark)." : "\(Numbers.count(idle)) idle now; \(mark)."
        case .drain, .slowDown: return "Until it is back to normal (6); \(mark)."
        case .refuse: return "Connections that are open stay so; until back to normal (6); \(mark)."
        case .changeDNS: return "Seen when the record expires, or after D; \(mark)."
        case .heal:
            let present = model.picture.faults[host.id] ?? []
            return present.isEmpty ? "No fault is known to be in force; \(mark)." : "Ends what is in force; \(mark)."
        }
    }
}

/// All advice, the most pressing first.
enum AdviceOverlay {
    static func draw(_ model: Model, scroll: Int, in screen: Rect, on canvas: inout Canvas) {
        let advice = model.picture.adviceForAll()
        let width = max(40, screen.width - 8)
        let most = screen.height < 14 ? screen.height : screen.height - 4
        // Frame and text take two columns each side.
        let notes = SourceNotes.lines(model, width: width - 4, on: canvas)
        let needed =
            notes.count
            + advice.reduce(0) { rows, entry in
                var named = entry
                named.text = (model.picture.host(entry.hostID).map { $0.name + ": " } ?? "") + entry.text
                return rows + AdvicePanel.rows([named], width: width - 4, on: canvas)
            }
        let inside = canvas.box(
            width: width, height: max(6, min(most, needed + 2)), title: "Advice \(advice.count)",
            note: "esc or i closes", in: screen)
        var y = 0
        if advice.isEmpty {
            let text = model.picture.snapshot == nil ? "waiting for the first snapshot" : "nothing to say: all is well"
            canvas.text(text, in: inside, x: 0, role: .label)
            y = 1
        }
        for entry in advice.dropFirst(min(scroll, max(0, advice.count - 1))) {
            guard y < inside.height else { return }
            let name = model.picture.host(entry.hostID)?.name
            y += AdvicePanel.line(entry, name: name, in: inside.below(y), on: &canvas)
        }
        for (row, line) in notes.enumerated() {
            canvas.text(line, in: inside, x: 1, y: y + row, role: .label)
        }
    }
}

/// The limits of what the source of the figures can see.
enum SourceNotes {
    /// With a blank line before them; empty where there is nothing to say.
    static func lines(_ model: Model, width: Int, on canvas: Canvas) -> [String] {
        guard let origin = model.picture.snapshot?.origin else { return [] }
        let notes = origin.notes.map(\.sentence) + (origin.kernel.map { [$0.words] } ?? [])
        return notes.isEmpty ? [] : [""] + notes.flatMap { canvas.wrapped($0, to: width - 2) }
    }
}
