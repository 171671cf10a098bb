import Wording

/// The contents of the whole screen: a flat array of cells, row by row. Writes are clipped and never trap, and reads
/// outside return a blank, so that a panel can be drawn at any size.
package struct Frame: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// Row-major, `width × height`.
    package private(set) var cells: [Cell]
    /// Only ASCII may be output: any other scalar is written as a similar one, or as `?`.
    package let asciiOnly: Bool

    package init(width: Int, height: Int, asciiOnly: Bool = false) {
        self.width = max(0, width)
        self.height = max(0, height)
        self.asciiOnly = asciiOnly
        cells = Array(repeating: .blank, count: self.width * self.height)
    }

    package subscript(x: Int, y: Int) -> Cell {
        get { contains(x, y) ? cells[y * width + x] : .blank }
        set {
            guard contains(x, y) else { return }
            separateHalves(x, y)
            cells[y * width + x] =
                asciiOnly && newValue.scalar.value > 0x7E
                ? newValue.replacingScalar(asciiReplacement(newValue.scalar)) : newValue
        }
    }

    /// Writes text from a column on and returns the column after it. Stops before `limit` (exclusive); a wide scalar
    /// that would be cut in half there is left out. Foreign text must be sanitised first (`visibleText`).
    @discardableResult
    package mutating func put(
        _ text: String, x: Int, y: Int, role: Role = .text, style: CellStyle = [], limit: Int = .max
    ) -> Int {
        var column = x
        let end = min(limit, width)
        for scalar in text.unicodeScalars {
            let cells = scalar.value < 0x300 ? 1 : displayWidth(of: scalar)
            // A cell holds one scalar, so a combining mark has no place.
            if cells == 0 { continue }
            if column + cells > end { break }
            if column >= 0 { put(scalar, x: column, y: y, role: role, style: style, isWide: cells == 2) }
            column += cells
        }
        return column
    }

    /// The characters of one row, without trailing blanks. A full cell of a chart becomes a full block.
    package func rowText(_ y: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for x in 0..<width where !self[x, y].isFiller {
            let cell = self[x, y]
            let isBand = cell.role == .header || cell.role == .selected
            let isSolid = cell.scalar == " " && cell.style.contains(.reverse) && !isBand
            scalars.append(isSolid ? "█" : cell.scalar)
        }
        while scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }

    /// All rows, each terminated by a newline, as saved by `w`.
    package func plainText() -> String { (0..<height).map { rowText($0) + "\n" }.joined() }

    /// The format of the golden files: a size line, the rows, `--`, the rows of role letters.
    package func goldenText() -> String {
        var text = "\(width)x\(height)\n" + plainText() + "--\n"
        for y in 0..<height {
            var letters = ""
            for x in 0..<width {
                let cell = self[x, y]
                letters.append(cell.scalar == " " && cell.style.isDisjoint(with: .reverse) ? " " : cell.role.letter)
            }
            while letters.last == " " { letters.removeLast() }
            text += letters + "\n"
        }
        return text
    }

    private func contains(_ x: Int, _ y: Int) -> Bool { x >= 0 && y >= 0 && x < width && y < height }

    private mutating func put(
        _ scalar: Unicode.Scalar, x: Int, y: Int, role: Role, style: CellStyle, isWide: Bool
    ) {
        self[x, y] = Cell(scalar, role: role, style: style)
        guard isWide, contains(x + 1, y) else { return }
        separateHalves(x + 1, y)
        let filler =
            asciiOnly ? Cell("?", role: role, style: style) : Cell(" ", role: role, style: style, isFiller: true)
        cells[y * width + x + 1] = filler
    }

    /// Before a cell is overwritten, replaces the other half of a wide scalar there by a blank.
    private mutating func separateHalves(_ x: Int, _ y: Int) {
        let index = y * width + x
        if cells[index].isFiller, x > 0 { cells[index - 1].scalar = " " }
        if x + 1 < width, cells[index + 1].isFiller { cells[index + 1].isFiller = false }
    }
}

extension Cell {
    fileprivate func replacingScalar(_ scalar: Unicode.Scalar) -> Cell {
        var copy = self
        copy.scalar = scalar
        return copy
    }
}

/// The replacement for a scalar if only ASCII may be output.
private func asciiReplacement(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "▸", "▶", "→", "›": ">"
    case "…": "~"
    case "−", "–", "—", "─": "-"
    case "×": "x"
    case "·": "."
    case "÷": "/"
    case "←": "<"
    case "\u{2018}", "\u{2019}": "'"
    case "\u{201C}", "\u{201D}": "\""
    case "µ": "u"
    default: "?"
    }
}
