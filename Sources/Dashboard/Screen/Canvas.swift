import Wording

/// A rectangle of cells.
package struct Rect: Equatable, Sendable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = max(0, width)
        self.height = max(0, height)
    }

    package func contains(x: Int, y: Int) -> Bool {
        x >= self.x && y >= self.y && x < self.x + width && y < self.y + height
    }

    /// The part below the first `rows`.
    func below(_ rows: Int) -> Rect { Rect(x: x, y: y + rows, width: width, height: height - rows) }
    func left(_ columns: Int) -> Rect { Rect(x: x, y: y, width: min(width, columns), height: height) }
    func right(from column: Int) -> Rect { Rect(x: x + column, y: y, width: width - column, height: height) }
    func rows(_ first: Int, _ count: Int) -> Rect {
        Rect(x: x, y: y + first, width: width, height: min(count, height - first))
    }
}

/// A part of a line: text with its role and style.
struct Span: Sendable {
    var text: String
    var role: Role
    var style: CellStyle

    init(_ text: String, _ role: Role = .text, _ style: CellStyle = []) {
        self.text = text
        self.role = role
        self.style = style
    }

    var width: Int { displayWidth(of: text) }
}

/// The drawing surface of panels: a frame and a glyph set. Every write is clipped to the panel's rectangle.
struct Canvas {
    var frame: Frame
    let glyphs: Glyphs

    init(width: Int, height: Int, glyphs: GlyphSet) {
        frame = Frame(width: width, height: height, asciiOnly: glyphs == .ascii)
        self.glyphs = Glyphs(kind: glyphs)
    }

    /// Writes inside the rectangle and returns the column after the text, relative to the rectangle.
    @discardableResult
    mutating func text(
        _ text: String, in rect: Rect, x: Int, y: Int = 0, role: Role = .text, style: CellStyle = []
    ) -> Int {
        guard y >= 0, y < rect.height else { return x }
        return frame.put(text, x: rect.x + x, y: rect.y + y, role: role, style: style, limit: rect.x + rect.width)
            - rect.x
    }

    @discardableResult
    mutating func spans(_ spans: [Span], in rect: Rect, x: Int, y: Int = 0, style: CellStyle = []) -> Int {
        var column = x
        for span in spans {
            column = text(span.text, in: rect, x: column, y: y, role: span.role, style: span.style.union(style))
        }
        return column
    }

    /// Writes right-aligned text that ends before column `end`. If it does not fit, its beginning is cut off at the
    /// rectangle's left edge.
    mutating func rightText(
        _ string: String, in rect: Rect, end: Int, y: Int = 0, role: Role = .text, style: CellStyle = []
    ) {
        text(string, in: rect, x: max(0, end - displayWidth(of: string)), y: y, role: role, style: style)
    }

    mutating func cell(_ cell: Cell, in rect: Rect, x: Int, y: Int) {
        guard x >= 0, y >= 0, x < rect.width, y < rect.height else { return }
        frame[rect.x + x, rect.y + y] = cell
    }

    mutating func fill(_ rect: Rect, with cell: Cell = .blank) {
        for y in 0..<rect.height { for x in 0..<rect.width { frame[rect.x + x, rect.y + y] = cell } }
    }

    mutating func rule(in rect: Rect, y: Int = 0) {
        for x in 0..<rect.width { cell(Cell(glyphs.horizontal, role: .axis), in: rect, x: x, y: y) }
    }

    /// The first row of a panel: `─ Title ───────── note ─`. If both do not fit, the note is left out.
    mutating func title(_ title: String, note: [Span] = [], in rect: Rect) {
        guard rect.height > 0 else { return }
        rule(in: rect)
        text(" " + cut(title, to: rect.width - 4) + " ", in: rect, x: 1, role: .title, style: .bold)
        let noteWidth = note.reduce(0) { $0 + $1.width }
        guard noteWidth > 0, displayWidth(of: title) + noteWidth + 8 <= rect.width else { return }
        let start = rect.width - noteWidth - 3
        text(" ", in: rect, x: start)
        text(" ", in: rect, x: spans(note, in: rect, x: start + 1))
    }

    /// Text of at most `width` columns, with an ellipsis at the end if it was truncated.
    func cut(_ text: String, to width: Int) -> String {
        if text.utf8.count <= width || displayWidth(of: text) <= width { return text }
        if width <= 0 { return "" }
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let columns = displayWidth(of: scalar)
            if used + columns > width - 1 { break }
            kept.append(scalar)
            used += columns
        }
        return String(kept) + glyphs.ellipsis
    }

    /// The same with the ellipsis in the middle: names tend to differ at their ends, so more of the end is kept.
    func cutMiddle(_ text: String, to width: Int) -> String { middleCut(text, to: width, ellipsis: glyphs.ellipsis) }

    /// Text broken at spaces into lines of at most `width` columns.
    func wrapped(_ text: String, to width: Int) -> [String] {
        guard width > 0 else { return [] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if line.isEmpty {
                line = cut(String(word), to: width)
            } else if displayWidth(of: line) + 1 + displayWidth(of: String(word)) <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = cut(String(word), to: width)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
