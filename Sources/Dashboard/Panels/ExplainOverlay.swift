import Wording

/// `?` on a column: what it says, and how its value for the selected host comes about.
enum ExplainOverlay {
    static func draw(_ column: HostColumn, _ model: Model, in screen: Rect, on canvas: inout Canvas) {
        let width = min(screen.width, 74)
        let host = model.picture.host(model.selection)
        let title = column == .bar ? "act, idle, wait" : column.row.title
        var lines = canvas.wrapped(column.meaning, to: width - 4)
        let meaning = lines.count
        if let host {
            lines += column.explanation(host, model.picture).flatMap { canvas.wrapped($0, to: width - 4) }
        } else {
            lines.append("no host is selected")
        }
        let keys = "\(canvas.glyphs.leftRight) column   \(canvas.glyphs.upDown) host   ? all keys"
        let inside = canvas.box(
            width: width, height: lines.count + 4, title: title + (host.map { " of \($0.name)" } ?? ""),
            note: "esc closes", in: screen)
        for (y, line) in lines.enumerated() {
            canvas.text(
                line, in: inside, x: 0, y: y, role: y < meaning ? .label : .text, style: y < meaning ? [] : .bold)
        }
        canvas.text(canvas.cut(keys, to: inside.width), in: inside, x: 0, y: inside.height - 1, role: .label)
    }
}

extension Model {
    /// `?`: the column that was pointed at, or all keys.
    mutating func askForHelp() {
        if view == .overview, let column = pointedColumn, columns.onScreen.contains(column) {
            overlay = .explain(column)
        } else {
            overlay = .help(scroll: 0)
        }
    }

    mutating func press(_ key: Key, explaining column: HostColumn) -> [UIEffect] {
        switch key {
        case .escape, .backspace, .enter: overlay = nil
        case .left: explain(column, by: -1)
        case .right: explain(column, by: 1)
        case .up, .character("k"): moveSelection(by: -1)
        case .down, .character("j"): moveSelection(by: 1)
        case .character("?"), .character("h"), .function(1): overlay = .help(scroll: 0)
        case .character, .ctrl, .function, .pageUp, .pageDown, .home, .end, .tab, .shiftTab: break
        }
        return []
    }

    private mutating func explain(_ column: HostColumn, by step: Int) {
        let all = columns.onScreen
        guard let place = all.firstIndex(of: column), !all.isEmpty else { return }
        let next = all[(place + step + all.count) % all.count]
        pointedColumn = next
        overlay = .explain(next)
    }
}
