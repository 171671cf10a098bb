import Wording

/// The line after `:` in the last row, what it may go on with above it, and why it was not taken.
enum CommandOverlay {
    private static let mostOffers = 8

    static func draw(_ input: CommandInput, _ model: Model, in screen: Rect, on canvas: inout Canvas) {
        guard screen.height > 0 else { return }
        drawLine(input, in: screen.rows(screen.height - 1, 1), on: &canvas)
        guard screen.width >= 40, screen.height >= 5 else {
            if let problem = input.problem, screen.height > 1 {
                let row = screen.rows(screen.height - 2, 1)
                canvas.fill(row)
                canvas.text(canvas.cut(problem, to: row.width), in: row, x: 0, role: .bad, style: .bold)
            }
            return
        }
        let typed = input.cycle.map { string($0.before) } ?? input.beforeCursor
        let offers = input.cycle?.offers ?? CommandCompletion.offers(for: typed, model).offers
        let row = CommandCompletion.row(input.text)
        let width = min(screen.width, 90)
        let problem = canvas.wrapped(input.problem ?? "", to: width - 4)
        let usage = row.map { "\($0.name) \($0.usage)".trimmed + "   " + $0.help }
        let room = screen.height - 4 - problem.count - (usage == nil ? 0 : 1)
        let shown = max(0, min(offers.count, mostOffers, room))
        let rows = shown + problem.count + (usage == nil ? 0 : 1)
        guard rows > 0 else { return }
        let area = Rect(x: screen.x, y: screen.y, width: width, height: screen.height - 1)
        let inside = canvas.bottomBox(rows: rows, title: "Command", note: note(offers.count, shown), in: area)
        var y = 0
        for line in problem {
            canvas.text(line, in: inside, x: 0, y: y, role: .bad, style: .bold)
            y += 1
        }
        if let usage {
            canvas.text(canvas.cut(usage, to: inside.width), in: inside, x: 0, y: y, role: .label)
            y += 1
        }
        drawOffers(offers, shown: shown, chosen: input.cycle?.chosen, in: inside.below(y), on: &canvas)
    }

    private static func note(_ all: Int, _ shown: Int) -> String {
        let more = all > shown ? "\(all - shown) more   " : ""
        return more + (all > 0 ? "tab complete   " : "") + "esc closes"
    }

    private static func drawOffers(
        _ offers: [Completion], shown: Int, chosen: Int?, in rect: Rect, on canvas: inout Canvas
    ) {
        let range = TableRows.range(count: offers.count, rows: shown, selected: chosen)
        let longest = offers[range].map { displayWidth(of: $0.text) }.max() ?? 0
        let nameWidth = min(longest, max(8, rect.width / 2))
        for (y, index) in range.enumerated() {
            let isChosen = index == chosen
            if isChosen { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: y) }
            canvas.text(
                canvas.cut(offers[index].text, to: nameWidth), in: rect, x: 2, y: y, style: isChosen ? .bold : [])
            canvas.text(
                canvas.cut(offers[index].help, to: rect.width - nameWidth - 5), in: rect, x: nameWidth + 4, y: y,
                role: .label)
        }
    }

    /// The cursor is reversed; of a line that is too long its end is shown.
    private static func drawLine(_ input: CommandInput, in row: Rect, on canvas: inout Canvas) {
        canvas.fill(row)
        let room = max(1, row.width - 2)
        let first = max(0, input.cursor - room + 1)
        canvas.text(":", in: row, x: 0, role: .mark, style: .bold)
        let shown = string(input.scalars.dropFirst(first))
        canvas.text(shown, in: row, x: 1, style: .bold)
        let before = string(input.scalars[first..<input.cursor])
        let under = input.cursor < input.scalars.count ? input.scalars[input.cursor] : " "
        canvas.text(
            String(under), in: row, x: 1 + displayWidth(of: before), role: .selected, style: [.reverse, .bold])
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}

extension CommandInput {
    /// The part that is completed.
    var beforeCursor: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[..<cursor])
        return String(view)
    }
}

extension Canvas {
    /// A box at the bottom left with so many rows inside; returns its inside.
    mutating func bottomBox(rows: Int, title: String, note: String, in area: Rect) -> Rect {
        let height = min(rows + 2, area.height)
        let place = Rect(x: area.x, y: area.y + area.height - height, width: area.width, height: height)
        return box(width: place.width, height: height, title: title, note: note, in: place)
    }
}
