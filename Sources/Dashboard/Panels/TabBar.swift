/// The second line: the views, and what has changed since the last mark.
enum TabBar {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        var column = 1
        for view in model.views {
            let isOpen = view == model.view
            let text = " \(view.key) \(view.name) "
            canvas.text(
                text, in: rect, x: column - 1, role: isOpen ? .selected : .label,
                style: isOpen ? [.reverse, .bold] : [])
            column += text.utf8.count + 1
        }
        drawSince(model, in: rect, from: column + 1, on: &canvas)
    }

    /// `since K on: TCP −99.8%  DNS −100%  …`, at the right.
    static func drawSince(
        _ model: Model, in rect: Rect, from start: Int, isRule: Bool = false, on canvas: inout Canvas
    ) {
        guard let since = model.picture.sinceMark else { return }
        let parts = since.parts(canvas.glyphs)
        guard !parts.isEmpty else { return }
        // Rather without a word than without a part.
        for count in stride(from: parts.count, to: 0, by: -1) {
            for word in ["since ", ""] {
                var spans = [Span(" \(word)\(since.label): ", .mark)]
                for (index, part) in parts.prefix(count).enumerated() {
                    spans.append(Span((index > 0 ? "  " : "") + part.name + " ", .text))
                    spans.append(Span(part.change, .text, .bold))
                }
                spans.append(Span(" "))
                let width = spans.reduce(0) { $0 + $1.width }
                guard start + width < rect.width else { continue }
                canvas.spans(spans, in: rect, x: rect.width - width - (isRule ? 1 : 0))
                return
            }
        }
    }

    /// The tab at a place of the screen; nil: none.
    static func view(atX x: Int, y: Int, model: Model) -> View? {
        guard y == 1, hasTabs(width: model.width, height: model.height) else { return nil }
        var column = 0
        for view in model.views {
            let length = view.name.utf8.count + 4
            if (column..<column + length).contains(x) { return view }
            column += length + 1
        }
        return nil
    }

    static func hasTabs(width: Int, height: Int) -> Bool { width >= 72 && height >= 26 }
}
