import FleetCore
import PoolModel
import Wording

/// The keys of the view, over the live picture: made from the key table.
enum HelpOverlay {
    /// One line of the help.
    private enum Line {
        case heading(String)
        case key(String, String, disabled: String?)
        case blank

        var keyWidth: Int {
            switch self {
            case .key(let shown, _, _): shown.utf8.count
            case .heading, .blank: 0
            }
        }
    }

    static func draw(_ model: Model, scroll: Int, in screen: Rect, on canvas: inout Canvas) {
        let isDouble = screen.width >= 72
        let columns = isDouble ? balanced(model) : [lines(model, KeyRow.Group.allCases)]
        let longest = columns.map(\.count).max() ?? 0
        let width = boxWidth(screen.width)
        let notes = wrappedNotes(model, on: canvas, boxWidth: width)
        let inside = canvas.box(
            width: width, height: longest + notes.count + 5,
            title: "Help: \(model.view.name)", note: "esc or ? closes", in: screen)
        // The blank line at the top goes first where rows are short.
        let isShort = longest + notes.count + 5 > screen.height
        let body = isShort ? inside : inside.rows(1, inside.height - 1)
        let shown = body.height
        let first = min(scroll, max(0, longest + notes.count + 1 - shown))
        for (index, column) in columns.enumerated() {
            let half = isDouble ? (body.width - 2) / 2 : body.width
            let part = Rect(x: body.x + index * (half + 2), y: body.y, width: half, height: body.height)
            let keyWidth = (half < 40 ? 1 : 2) + (column.map(\.keyWidth).max() ?? 0)
            for (row, line) in column.dropFirst(first).enumerated() {
                draw(line, keyWidth: keyWidth, in: part.rows(row, 1), on: &canvas)
            }
        }
        for (index, note) in notes.enumerated() {
            let row = longest + 1 + index - first
            guard row >= 0 else { continue }
            note.draw(in: body, y: row, on: &canvas)
        }
        if longest + notes.count + 1 - first > shown {
            let frame = Rect(x: inside.x, y: inside.y, width: inside.width, height: inside.height + 1)
            canvas.rightText(
                " \(canvas.glyphs.upDown) more ", in: frame, end: frame.width, y: inside.height, role: .label)
        }
    }

    /// How far the help can be scrolled at the model's size.
    static func scrollLimit(_ model: Model) -> Int {
        let columns = model.width >= 72 ? balanced(model) : [lines(model, KeyRow.Group.allCases)]
        let canvas = Canvas(width: 0, height: 0, glyphs: model.glyphs)
        let notes = wrappedNotes(model, on: canvas, boxWidth: boxWidth(model.width))
        let all = (columns.map(\.count).max() ?? 0) + notes.count + 1
        return max(0, all - max(1, model.height - 2))
    }

    private static func boxWidth(_ width: Int) -> Int { min(width, width >= 72 ? 108 : 60) }

    /// The meaning of signs and figures, then of each column.
    private static func wrappedNotes(_ model: Model, on canvas: Canvas, boxWidth: Int) -> [HelpNote] {
        notes(model, canvas.glyphs).flatMap { canvas.wrapped($0, to: boxWidth - 4) }.map { HelpNote(text: $0) }
            + HelpNote.columns(model, width: boxWidth - 4, on: canvas)
    }

    private static func balanced(_ model: Model) -> [[Line]] {
        [lines(model, [.views, .move, .table]), lines(model, [.replay, .agent, .screen])]
    }

    private static func lines(_ model: Model, _ groups: [KeyRow.Group]) -> [Line] {
        var lines: [Line] = []
        for group in groups {
            let rows = model.keyRows.filter { $0.group == group }
            guard !rows.isEmpty else { continue }
            if !lines.isEmpty { lines.append(.blank) }
            lines.append(.heading(group.rawValue))
            lines += rows.map { .key($0.shown, $0.label, disabled: $0.neverBecause(model)) }
        }
        return lines
    }

    private static func draw(_ line: Line, keyWidth: Int, in rect: Rect, on canvas: inout Canvas) {
        switch line {
        case .blank: break
        case .heading(let text): canvas.text(text, in: rect, x: 0, role: .title, style: [.bold, .underline])
        case .key(let shown, let label, let disabled):
            canvas.text(canvas.cut(shown, to: keyWidth - 1), in: rect, x: 0, style: disabled == nil ? .bold : [])
            guard let disabled else {
                canvas.text(canvas.cut(label, to: rect.width - keyWidth), in: rect, x: keyWidth)
                return
            }
            canvas.text(
                canvas.cut("not possible: \(disabled)", to: rect.width - keyWidth), in: rect, x: keyWidth, role: .label)
        }
    }

    private static func notes(_ model: Model, _ glyphs: Glyphs) -> [String] {
        let mark = glyphs.mark
        let figures =
            "Rates, percentiles and shares: over the last \(RecentFigures.seconds) s, "
            + "after a change since that change; counts are as they are now."
        let capacity = model.picture.capacity
        let own = DurationWord.spaced(capacity.ownCPUSecondsPerRequest)
        let cores = capacity.cores == 1 ? "1 core" : "\(Numbers.fixed(capacity.cores, 1)) cores"
        let share = Numbers.fixed(capacity.utilisation * 100, 0) + "%"
        switch model.view {
        case .fleet:
            let window = Numbers.duration(model.picture.fleet?.fleet.windowSeconds)
            return [
                "Worst first: little reuse, then many new connections.  \u{2013} not known from these metrics.",
                "Rates: over the last \(window).  \(mark) a label that means a deploy has a new value.",
            ]
        case .processes:
            return [
                "~ estimated.  \u{2013} not known from outside.  Enter shows one process and its descendants.",
                "Rates: over the last \(RecentFigures.seconds) s.",
            ]
        case .overview where model.isWatch:
            return [
                "Fill: new connections.  Line: requests.  \(glyphs.gap) no data.  ~ estimated.  \u{2013} not known from outside.",
                "Containers = CPU/s of the process / (\(cores) \(glyphs.times) \(share)), from 10 on rounded up.",
                figures,
            ]
        case .overview:
            return [
                "\(mark) you changed something.  Fill: new connections.  Line: requests.  \(glyphs.gap) no data.",
                "Containers = requests/s \(glyphs.times) (\(own) + agent's CPU per request) / (\(cores) \(glyphs.times) \(share)), from 10 on rounded up.",
                figures,
            ]
        case .inspect: return [figures, "Totals count from the start, or from R R."]
        case .events: return ["The newest line is at the top.  MARK: you changed something."]
        case .generator: return ["Planned: requests whose time has come.  Done: complete responses.", figures]
        }
    }
}

extension Model {
    /// The last line that an overlay can be scrolled to.
    var overlayScrollLimit: Int {
        switch overlay {
        case .help: HelpOverlay.scrollLimit(self)
        case .advice: max(0, picture.adviceForAll().count - 1)
        case .closeIdle, .faults, .command, .menu, .explain, nil: 0
        }
    }
}
