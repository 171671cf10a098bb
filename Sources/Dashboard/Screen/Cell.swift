/// The meaning of a cell rather than its colour: the terminal maps roles to colours, or to none with NO_COLOR.
///
/// The role never carries meaning alone; a word, a glyph or a position always says the same.
package enum Role: UInt8, CaseIterable, Sendable {
    /// Figures and names.
    case text
    /// Secondary words: units, hints, axis captions. May be drawn dim.
    case label
    /// Titles of panels and headings of columns.
    case title
    /// The top line, a band across the screen. Always combined with `reverse`.
    case header
    /// The open tab. Always combined with `reverse`.
    case selected
    /// New connections, which HTTP keep-alive affects.
    case fresh
    /// HTTP requests.
    case demand
    /// DNS queries.
    case lookup
    /// Normal.
    case good
    /// Needs attention.
    case warn
    /// Failing.
    case bad
    /// A user's change.
    case mark
    /// Rules, axes and frames.
    case axis

    /// The letter for the role in golden files.
    package var letter: Character {
        switch self {
        case .text: "."
        case .label: "l"
        case .title: "T"
        case .header: "H"
        case .selected: "S"
        case .fresh: "f"
        case .demand: "d"
        case .lookup: "n"
        case .good: "g"
        case .warn: "w"
        case .bad: "b"
        case .mark: "m"
        case .axis: "-"
        }
    }
}

/// The style of a cell, in addition to its role.
package struct CellStyle: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = CellStyle(rawValue: 1)
    package static let dim = CellStyle(rawValue: 2)
    package static let underline = CellStyle(rawValue: 4)
    package static let reverse = CellStyle(rawValue: 8)
}

/// One place on the screen.
package struct Cell: Equatable, Sendable {
    /// A printable scalar of width one, or of width two and followed by a filler.
    package var scalar: Unicode.Scalar
    package var role: Role
    package var style: CellStyle
    /// The second half of the wide scalar on its left; its own scalar is a space and is not drawn.
    package var isFiller: Bool

    package init(_ scalar: Unicode.Scalar, role: Role = .text, style: CellStyle = [], isFiller: Bool = false) {
        self.scalar = scalar
        self.role = role
        self.style = style
        self.isFiller = isFiller
    }

    package static let blank = Cell(" ")
}
