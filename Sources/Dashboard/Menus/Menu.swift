import Wording

/// A list over the picture from which one thing is chosen.
enum MenuKind: Sendable, Equatable {
    case sort, columns, setup, copy
}

/// The rows of a menu, as they are drawn.
struct Menu {
    struct Row {
        /// A sign before the text, such as the box of a column that is shown.
        var sign = ""
        var text: String
        /// At the right of the text, such as the present value.
        var value = ""
    }
    var title: String
    var note: String
    var rows: [Row]
    /// Below the rows, where there is room.
    var footer: [String] = []
}

enum MenuBox {
    static func draw(_ menu: Menu, selected: Int, in screen: Rect, on canvas: inout Canvas) {
        let signs = menu.rows.map { displayWidth(of: $0.sign) }.max() ?? 0
        let texts = menu.rows.map { displayWidth(of: $0.text) }.max() ?? 0
        let values = menu.rows.map { displayWidth(of: $0.value) }.max() ?? 0
        let width = min(screen.width, max(60, min(110, signs + texts + values + 11)))
        let footer = menu.footer.flatMap { canvas.wrapped($0, to: width - 4) }
        let wanted = menu.rows.count + (footer.isEmpty ? 0 : footer.count + 1)
        let inside = canvas.box(
            width: width, height: min(screen.height, wanted + 2), title: menu.title, note: menu.note, in: screen)
        let hasFooter = inside.height >= wanted
        let shown = hasFooter ? menu.rows.count : inside.height
        let range = TableRows.range(count: menu.rows.count, rows: shown, selected: selected)
        for (y, index) in range.enumerated() {
            let row = menu.rows[index]
            let isSelected = index == selected
            if isSelected {
                canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: inside, x: 0, y: y)
            }
            let style: CellStyle = isSelected ? .bold : []
            var x = canvas.text(row.sign, in: inside, x: 2, y: y, style: style)
            x = signs > 0 ? 2 + signs + 1 : x
            canvas.text(canvas.cut(row.text, to: inside.width - x), in: inside, x: x, y: y, style: style)
            let valueAt = x + texts + 3
            canvas.text(
                canvas.cut(row.value, to: inside.width - valueAt), in: inside, x: valueAt, y: y, role: .label)
        }
        guard hasFooter else { return }
        for (y, line) in footer.enumerated() {
            canvas.text(line, in: inside, x: 0, y: menu.rows.count + 1 + y, role: .label)
        }
    }
}

extension Model {
    func menu(_ kind: MenuKind) -> Menu {
        switch kind {
        case .sort: sortMenu
        case .columns: columnMenu
        case .setup: setupMenu
        case .copy: copyMenu
        }
    }

    /// The keys that all menus have; what else there is goes to the menu itself.
    mutating func press(_ key: Key, in kind: MenuKind, selected: Int) -> [UIEffect] {
        let last = max(0, menu(kind).rows.count - 1)
        let now = min(selected, last)
        switch key {
        case .escape, .backspace: overlay = nil
        case .up, .character("k"): overlay = .menu(kind, selected: max(0, now - 1))
        case .down, .character("j"): overlay = .menu(kind, selected: min(last, now + 1))
        case .home, .pageUp, .character("g"): overlay = .menu(kind, selected: 0)
        case .end, .pageDown, .character("G"): overlay = .menu(kind, selected: last)
        case .character, .ctrl, .function, .left, .right, .enter, .tab, .shiftTab:
            switch kind {
            case .sort: return pressInSortMenu(key, now)
            case .columns: return pressInColumnMenu(key, now)
            case .setup: return pressInSetupMenu(key, now)
            case .copy: return pressInCopyMenu(key, now)
            }
        }
        return []
    }

    /// The number of a row that a digit chooses, from 0; nil: the key is no digit.
    static func row(of key: Key, count: Int) -> Int? {
        guard case .character(let scalar) = key, let number = Int(String(scalar)), (1...max(1, count)).contains(number)
        else { return nil }
        return number - 1
    }
}
