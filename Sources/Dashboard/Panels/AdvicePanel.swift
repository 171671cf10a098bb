import Diagnosis
import PoolModel
import Wording

/// The advice for one host.
enum AdvicePanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        let advice = model.picture.advice(for: host)
        let advised = model.whyNot(.control) == nil ? model.picture.advisedSetting(for: host) : nil
        let apply = advised.map { "a sets \($0.name) \($0.value)   " } ?? ""
        canvas.title("Advice \(advice.count)", note: [Span(apply + "i all hosts", .label)], in: rect)
        if advice.isEmpty {
            canvas.text("nothing to say about this host", in: rect, x: 1, y: 1, role: .label)
            return
        }
        var y = 1
        for entry in advice {
            guard y < rect.height else { return }
            y += line(entry, name: nil, in: rect.below(y), on: &canvas)
        }
    }

    /// How many rows all of it takes.
    static func rows(_ advice: [Advice], width: Int, on canvas: Canvas) -> Int {
        advice.reduce(0) { $0 + max(1, canvas.wrapped($1.text, to: textWidth($1, width)).count) }
    }

    private static func showsRule(_ width: Int) -> Bool { width >= 100 }

    private static func textWidth(_ advice: Advice, _ width: Int) -> Int {
        width - 7 - (showsRule(width) ? displayWidth(of: advice.rule) + 5 : 1)
    }

    /// Draws one piece of advice; returns the rows that it takes, drawn or not.
    @discardableResult
    static func line(_ advice: Advice, name: String?, in rect: Rect, on canvas: inout Canvas) -> Int {
        let text = (name.map { $0 + ": " } ?? "") + advice.text
        let lines = canvas.wrapped(text, to: textWidth(advice, rect.width))
        canvas.text(advice.level.word, in: rect, x: 1, role: advice.level.role, style: .bold)
        for (row, part) in lines.enumerated() { canvas.text(part, in: rect, x: 6, y: row) }
        if showsRule(rect.width) {
            canvas.rightText("[\(advice.rule)]", in: rect, end: rect.width - 1, role: .label)
        }
        return max(1, lines.count)
    }
}
