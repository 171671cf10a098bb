/// The last line: the keys that work here, help and quit pinned at the right. A message takes their place for a few
/// seconds.
enum HintLine {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let row = rect.rows(0, 1)
        let pinned = pinned(model, isNarrow: row.width < 50)
        let pinnedWidth = pinned.reduce(0) { $0 + $1.width }
        let end = row.width - pinnedWidth - 1
        canvas.spans(pinned, in: row, x: max(0, end))
        if let notice = model.notice {
            canvas.text(canvas.cut(notice.text, to: end - 3), in: row, x: 1, role: .mark, style: .bold)
            return
        }
        if model.isTypingFilter {
            let spans = [
                Span("filter: ", .label), Span(model.typedFilter + "_", .mark, .bold),
                Span("   enter keep   esc clear   \(canvas.glyphs.upDown) select", .label),
            ]
            canvas.spans(spans, in: row.left(end - 1), x: 1)
            return
        }
        hints(model, in: row, end: end - 2, on: &canvas)
    }

    private static func pinned(_ model: Model, isNarrow: Bool) -> [Span] {
        if model.isTypingFilter { return [Span("^C", .text, .bold), Span(" quit", .label)] }
        var spans: [Span] = []
        let hasBack =
            model.view == .overview
            ? model.hasProcesses || model.isFleet : model.view != .processes && model.view != .fleet
        if hasBack && !isNarrow { spans += [Span("esc", .text, .bold), Span(" back  ", .label)] }
        return spans + [
            Span("?", .text, .bold), Span(" help  ", .label), Span("q", .text, .bold), Span(" quit", .label),
        ]
    }

    /// Where space is short the words of the least important go first, then its key, then those of the next.
    private static func hints(_ model: Model, in row: Rect, end: Int, on canvas: inout Canvas) {
        var shown = model.keyRows.filter { row in
            row.hint != nil && row.hintViews.contains(model.view) && row.disabledBecause(model) == nil
        }
        shown.sort { $0.hintRank < $1.hintRank }
        var worded = shown.count
        func width() -> Int {
            shown.enumerated().reduce(0) { sum, entry in
                sum + key(entry.element, canvas.glyphs).count + 2
                    + (entry.offset < worded ? (entry.element.hint ?? "").utf8.count + 1 : 0)
            }
        }
        while worded > 6, width() > end { worded -= 1 }
        while shown.count > 6, width() > end { shown.removeLast() }
        while worded > 0, width() > end { worded = min(worded, shown.count) - 1 }
        while !shown.isEmpty, width() > end { shown.removeLast() }
        var x = 1
        for (index, hint) in shown.enumerated() {
            x = canvas.text(key(hint, canvas.glyphs), in: row, x: x, style: .bold)
            if index < worded { x = canvas.text(" " + (hint.hint ?? ""), in: row, x: x, role: .label) }
            x += 2
        }
    }

    private static func key(_ row: KeyRow, _ glyphs: Glyphs) -> String {
        switch row.shown {
        case "left right": glyphs.leftRight
        case "up down j k": glyphs.upDown
        case "tab shift-tab": "tab"
        case "+ -": "+-"
        case ", .": ",."
        case "< >": "<>"
        case "n N": "n"
        case "^ $": "^$"
        case "[ ]": "[]"
        case "{ }": "{}"
        case "d D": "d"
        case "s S": "s"
        default: row.shown
        }
    }
}
