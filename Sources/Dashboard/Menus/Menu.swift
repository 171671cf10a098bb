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

/// Where a menu is on the screen, to draw it and to find the row under the mouse.
struct MenuPlace {
    /// With its frame.
    var box: Rect
    /// The rows in sight, from the first line inside on.
    var rows: Range<Int>

    func row(atX x: Int, y: Int) -> Int? {
        let inside = box.insideOfBox
        guard inside.contains(x: x, y: y), y - inside.y < rows.count else { return nil }
        return rows.lowerBound + y - inside.y
    }
}

enum MenuBox {
    /// The widest sign, text and value.
    private static func widths(_ menu: Menu) -> (signs: Int, texts: Int, values: Int) {
        func widest(_ text: (Menu.Row) -> String) -> Int { menu.rows.map { displayWidth(of: text($0)) }.max() ?? 0 }
        return (widest(\.sign), widest(\.text), widest(\.value))
    }

    /// The footer is left out where the rows need its room.
    static func place(
        _ menu: Menu, selected: Int, in screen: Rect, glyphs: Glyphs
    ) -> (menu: MenuPlace, footer: [String]) {
        let widths = widths(menu)
        let width = min(screen.width, max(60, min(110, widths.signs + widths.texts + widths.values + 11)))
        let canvas = Canvas(width: 0, height: 0, glyphs: glyphs.kind)
        let footer = menu.footer.flatMap { canvas.wrapped($0, to: width - 4) }
        let wanted = menu.rows.count + (footer.isEmpty ? 0 : footer.count + 1)
        let box = screen.middle(width: width, height: wanted + 2)
        let inside = box.insideOfBox
        let hasFooter = inside.height >= wanted
        let shown = hasFooter ? menu.rows.count : inside.height
        let rows = TableRows.range(count: menu.rows.count, rows: shown, selected: selected)
        return (MenuPlace(box: box, rows: rows), hasFooter ? footer : [])
    }

    static func draw(_ menu: Menu, selected: Int, in screen: Rect, on canvas: inout Canvas) {
        let (place, footer) = place(menu, selected: selected, in: screen, glyphs: canvas.glyphs)
        let (signs, texts, _) = widths(menu)
        let inside = canvas.box(
            width: place.box.width, height: place.box.height, title: menu.title, note: menu.note, in: screen)
        for (y, index) in place.rows.enumerated() {
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
