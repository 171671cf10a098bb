import PoolModel

/// A part of a line that is left out where there is no room. The lowest rank stays longest.
struct LinePart {
    var spans: [Span]
    var rank: Int
    /// Columns it takes at least, so that what follows does not move with every digit.
    var leastWidth = 0

    init(_ spans: [Span], rank: Int, leastWidth: Int = 0) {
        self.spans = spans
        self.rank = rank
        self.leastWidth = leastWidth
    }

    var width: Int { max(leastWidth, spans.reduce(0) { $0 + $1.width }) }
}

extension Canvas {
    /// Writes the parts that fit, in their order, `gap` columns apart. Returns the column after the last.
    @discardableResult
    mutating func parts(
        _ parts: [LinePart], in rect: Rect, x: Int, end: Int, y: Int = 0, gap: Int = 2, style: CellStyle = []
    ) -> Int {
        var kept = parts
        func total() -> Int { kept.reduce(0) { $0 + $1.width + gap } - gap }
        while !kept.isEmpty, x + total() > end, let worst = kept.map(\.rank).max(),
            let index = kept.lastIndex(where: { $0.rank == worst })
        {
            kept.remove(at: index)
        }
        var column = x
        for part in kept {
            spans(part.spans, in: rect, x: column, y: y, style: style)
            column += part.width + gap
        }
        return max(x, column - gap)
    }
}

/// The same where it may not be known whether it is on.
func switchSpan(_ isOn: Figure<Bool>, _ glyphs: Glyphs, role: Role? = nil) -> Span {
    isOn.value.map { switchSpan($0, glyphs, role: role) } ?? Span(isOn.text { _ in "-" }, role ?? .label)
}

/// Words for a switch: the sign and the word change together, never colour alone.
func switchSpan(_ isOn: Bool, _ glyphs: Glyphs, role: Role? = nil) -> Span {
    Span(
        String(glyphs.switchSign(isOn)) + (isOn ? " ON" : " OFF"), role ?? (isOn ? .good : .warn), .bold)
}
