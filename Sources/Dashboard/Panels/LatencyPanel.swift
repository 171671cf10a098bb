import PoolModel

/// The response times of the last ten seconds as bars, and what they are made of.
enum LatencyPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        let window = model.picture.window(host.id)
        let isRecent = window.response.count.value ?? 0 > 0
        let response = isRecent ? window.response : host.metrics.response
        let note = [50.0, 90, 99].map { percent in
            "p\(Int(percent)) \(Numbers.milliseconds(response.percentile(percent)))"
        }.joined(separator: "  ")
        canvas.title(
            "Response time, \(isRecent ? "last \(RecentFigures.seconds) s" : "since start")",
            note: response.count.value ?? 0 > 0 ? [Span(note + " ms")] : [], in: rect)
        let hasPhases = rect.width >= 68
        let body = rect.below(1)
        bars(response, in: body.left(hasPhases ? rect.width - 32 : rect.width), on: &canvas)
        if hasPhases { PhasesPanel.table(host, model, in: body.right(from: rect.width - 30), on: &canvas) }
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
            canvas.rightText(shown.label(row), in: rect, end: 10, y: row, role: .label)
            canvas.rightText(
                Numbers.count(Figure(sum, figure.certainty)), in: rect, end: 18, y: row, style: sum > 0 ? .bold : [])
            canvas.bar(
                Double(sum) / Double(max(1, top)), in: rect, x: 19, y: row, width: rect.width - 20, role: .demand)
        }
    }
}

/// Latency bands brought down to a number of rows: empty ones at the ends go, then neighbours at the ends merge.
struct Bands {
    /// First and last band, inclusive.
    let range: ClosedRange<Int>
    let sums: [Int]

    init(counts: [Int], rows: Int) {
        let used = counts.indices.filter { counts[$0] > 0 }
        var low = used.first ?? 0
        var high = used.last ?? 0
        let rows = max(1, rows)
        // The end that holds less is the one to merge.
        while high - low + 1 > rows {
            let below = counts[...low].reduce(0, +)
            let above = counts[high...].reduce(0, +)
            if below <= above { low += 1 } else { high -= 1 }
        }
        range = low...high
        sums = (low...high).map { band in
            band == low && band == high
                ? counts.reduce(0, +)
                : band == low
                    ? counts[...low].reduce(0, +) : band == high ? counts[high...].reduce(0, +) : counts[band]
        }
    }

    func label(_ row: Int) -> String {
        let band = range.lowerBound + row
        if range.count == 1 { return LatencyBands.label(band, isFirst: false, isLast: false) }
        return LatencyBands.label(band, isFirst: row == 0, isLast: row == range.count - 1)
    }
}
