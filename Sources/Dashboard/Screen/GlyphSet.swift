/// The characters used for drawing. DejaVu Sans Mono, JetBrains Mono and Hack have no braille, and a terminal without
/// UTF-8 has only ASCII, so all three sets are fully supported.
package enum GlyphSet: String, CaseIterable, Sendable {
    case braille, block, ascii

    /// The next set, starting over after the last; a terminal that supports only ASCII stays there.
    package var next: GlyphSet {
        switch self {
        case .braille: .block
        case .block: .ascii
        case .ascii: .braille
        }
    }
}

/// The characters of one glyph set.
struct Glyphs: Sendable {
    let kind: GlyphSet
    private var isASCII: Bool { kind == .ascii }

    var horizontal: Unicode.Scalar { isASCII ? "-" : "─" }
    var vertical: Unicode.Scalar { isASCII ? "|" : "│" }
    var tick: Unicode.Scalar { isASCII ? "+" : "┤" }
    var corner: Unicode.Scalar { isASCII ? "+" : "└" }
    /// The corners of a box: top left, top right, bottom left, bottom right.
    var boxCorners: [Unicode.Scalar] { isASCII ? ["+", "+", "+", "+"] : ["╭", "╮", "╰", "╯"] }
    var mark: Unicode.Scalar { isASCII ? "^" : "▲" }
    var markLine: Unicode.Scalar { isASCII ? ":" : "┊" }
    var gap: Unicode.Scalar { isASCII ? "." : "·" }
    var bullet: Unicode.Scalar { isASCII ? "*" : "●" }
    var hollow: Unicode.Scalar { isASCII ? "o" : "○" }
    func switchSign(_ isOn: Bool) -> Unicode.Scalar { isOn ? bullet : hollow }
    var arrow: Unicode.Scalar { isASCII ? ">" : "▸" }
    var descending: Unicode.Scalar { isASCII ? "v" : "▼" }
    var ascending: Unicode.Scalar { isASCII ? "^" : "▲" }
    var pointer: Unicode.Scalar { isASCII ? ">" : "▌" }
    var ellipsis: String { isASCII ? "~" : "…" }
    var times: String { isASCII ? "x" : "×" }
    var minus: String { isASCII ? "-" : "−" }
    var leftRight: String { isASCII ? "<>" : "←→" }
    var upDown: String { isASCII ? "^v" : "↑↓" }
    var idle: Unicode.Scalar { isASCII ? "=" : "▒" }
    var waiting: Unicode.Scalar { isASCII ? "o" : "·" }
    var free: Unicode.Scalar { isASCII ? "." : "░" }
    /// From low to high; zero is a blank and not included.
    var shades: [Unicode.Scalar] { isASCII ? [".", "=", "%", "#"] : ["░", "▒", "▓", "█"] }

    /// A cell filled from the bottom by 0…8 eighths. A full one is a reversed space, because full blocks show seams.
    func fill(eighths: Int, role: Role) -> Cell {
        if eighths <= 0 { return Cell(" ", role: role) }
        if isASCII {
            let steps: [Unicode.Scalar] = ["_", "_", ".", "-", "-", "=", "=", "#"]
            return Cell(steps[min(eighths, 8) - 1], role: role)
        }
        if eighths >= 8 { return Cell(" ", role: role, style: .reverse) }
        return Cell(Unicode.Scalar(0x2580 + UInt32(eighths)) ?? "#", role: role)
    }

    /// A cell filled from the left by 0…8 eighths.
    func bar(eighths: Int, role: Role) -> Cell {
        if eighths <= 0 { return Cell(" ", role: role) }
        if isASCII { return Cell(eighths >= 8 ? "#" : "-", role: role) }
        if eighths >= 8 { return Cell(" ", role: role, style: .reverse) }
        return Cell(Unicode.Scalar(0x2590 - UInt32(eighths)) ?? "#", role: role)
    }

    /// A solid cell of a bar.
    func solid(role: Role) -> Cell { fill(eighths: 8, role: role) }

    /// The character for a line of a chart without braille; each series has its own.
    func stroke(_ stroke: Stroke) -> Unicode.Scalar {
        switch stroke {
        case .solid: isASCII ? "-" : "─"
        case .dashed: isASCII ? "=" : "╌"
        case .dotted: isASCII ? "." : "┈"
        }
    }
}

/// The pattern of a line, so that crossing lines differ in more than colour.
enum Stroke: Sendable {
    case solid, dashed, dotted

    /// Whether a dot is drawn at this half column. The index is absolute, so that the pattern moves with the data.
    func isDrawn(at index: Int) -> Bool {
        switch self {
        case .solid: true
        case .dashed: index % 4 != 3
        case .dotted: index % 4 == 0
        }
    }
}
