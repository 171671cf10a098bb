import PoolModel
import Wording

/// Hints for a person who is new here, until they have done it once.
enum FirstRun {
    /// In the rule above the hint line, as long as the keys are not known.
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard let line = line(model).first(where: { displayWidth(of: $0) + 4 <= rect.width }) else { return }
        canvas.text(" " + line + " ", in: rect, x: 1, role: .mark)
    }

    /// The longest first.
    private static func line(_ model: Model) -> [String] {
        guard !model.preferences.knowsKeepAlive, model.whyNot(.control) == nil, let snapshot = model.live.snapshot,
            model.live.sinceMark == nil, let isOn = snapshot.keepAlive.value
        else { return [] }
        let other = isOn ? "without" : "with"
        return [
            "Press K to see this load \(other) keep-alive, K again to see what it \(isOn ? "saves" : "saved")",
            "K: this load \(other) keep-alive, K again: back", "K: \(other) keep-alive",
        ]
    }

    /// In the chart of containers, as long as nobody has said what a service is like and there is room above the columns.
    static func containers(_ model: Model) -> [String] {
        guard !model.isWatch, !model.preferences.knowsOwnCPU, !model.configuration.isReplay, model.live.sinceMark == nil
        else {
            return []
        }
        let own = DurationWord.spaced(model.live.capacity.ownCPUSecondsPerRequest)
        return [
            "containers of your service, at \(own) of its own CPU each: o changes that",
            "at \(own) of its own CPU each: o changes that", "at \(own) own CPU each: o changes that",
            "\(own) own CPU each: o",
        ]
    }
}

extension Canvas {
    /// Writes the first text that fits into the blank cells of a row, and nothing where there is something already.
    mutating func textIfFree(_ texts: [String], in rect: Rect, role: Role) {
        let isFree = (0..<rect.width).allSatisfy { frame[rect.x + $0, rect.y] == .blank }
        guard rect.height > 0, isFree, let text = texts.first(where: { displayWidth(of: $0) <= rect.width }) else {
            return
        }
        self.text(text, in: rect, x: 0, role: role)
    }
}
