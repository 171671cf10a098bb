import PoolModel
import Wording

/// The response times of the last ten seconds as bars, and what they are made of.
enum LatencyPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        let window = model.picture.window(host.id)
        let isRecent = window.response.count.value ?? 0 > 0
        let response = isRecent ? window.response : host.metrics.response
        let note = [50.0, 90, 99].map { percent in
            "p\(Int(percent)) \(Numbers.milliseconds(response.map { $0.quantile(percent, inFlight: window.inFlightAges) }))"
        }.joined(separator: "  ")
        canvas.title(
            "Response time, \(isRecent ? model.picture.figuresWindow.words : "since start")",
            note: response.count.value ?? 0 > 0 ? [Span(note + " ms")] : [], in: rect)
        let hasPhases = rect.width >= 68
        let body = rect.below(1)
        var left = body.left(hasPhases ? rect.width - 32 : rect.width)
        if left.height > 1, inFlight(host, in: left.rows(left.height - 1, 1), on: &canvas) {
            left = left.rows(0, left.height - 1)
        }
        bars(response, in: left, on: &canvas)
        if hasPhases { PhasesPanel.table(host, model, in: body.right(from: rect.width - 30), on: &canvas) }
    }

    /// `in flight >1 s 64  half >13 s  oldest 14 s`: they are in no bar before they end. False: there is none.
    private static func inFlight(_ host: ShownHost, in rect: Rect, on canvas: inout Canvas) -> Bool {
        guard let ages = host.inFlightAges, !ages.isEmpty else { return false }
        let all = Numbers.grouped(ages.reduce(0) { $0 + $1.requests })
        let inBody = ages.reduce(0) { $0 + $1.inBody }
        var parts = [LinePart([Span("in flight >1 s "), Span(all, .warn, .bold)], rank: 0)]
        if let half = LatencyHistogram().quantile(50, inFlight: ages) {
            parts.append(LinePart([Span("half "), Span(">" + Numbers.duration(half.seconds), .warn, .bold)], rank: 2))
        }
        if let oldest = host.oldestActiveSeconds {
            parts.append(LinePart([Span("oldest "), Span(Numbers.duration(oldest), .warn, .bold)], rank: 1))
        }
        if inBody > 0 { parts.append(LinePart([Span("\(Numbers.grouped(inBody)) in their body")], rank: 3)) }
        canvas.parts(parts, in: rect, x: 1, end: rect.width - 1, gap: 2)
        return true
    }

    private static func bars(_ figure: Figure<LatencyHistogram>, in rect: Rect, on canvas: inout Canvas) {
        guard let response = figure.value, response.count > 0 else {
            canvas.text(figure.isUnknown ? "\u{2013}  not known here" : "no response yet", in: rect, x: 1, role: .label)
            return
        }
        let counts = LatencyBands.counts(response)
        let shown = Bands(counts: counts, rows: rect.height)
        let top = shown.sums.max() ?? 1
        for (row, sum) in shown.sums.enumerated() {
            canvas.rightText(shown.label(row, hasUnit: true), in: rect, end: 11, y: row, role: .label)
            canvas.rightText(
                Numbers.count(Figure(sum, figure.certainty)), in: rect, end: 19, y: row, style: sum > 0 ? .bold : [])
            canvas.bar(
                Double(sum) / Double(max(1, top)), in: rect, x: 20, y: row, width: rect.width - 21, role: .demand)
        }
    }
}
