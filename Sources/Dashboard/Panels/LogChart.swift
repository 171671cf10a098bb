import PoolModel
import Wording

/// HTTP requests, new TCP connections and DNS queries per second on one logarithmic scale.
enum LogChart {
    static func draw(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let picture = model.picture
        let glyphs = canvas.glyphs
        let isNarrow = rect.width < 50
        let legend = [
            Span(String(glyphs.stroke(.solid)), .demand, .bold), Span(isNarrow ? "HTTP " : " HTTP  ", .label),
            Span(String(glyphs.stroke(.dashed)), .fresh, .bold), Span(isNarrow ? "TCP " : " TCP  ", .label),
            Span(String(glyphs.stroke(.dotted)), .lookup, .bold), Span(isNarrow ? "DNS" : " DNS", .label),
        ]
        canvas.title(isNarrow ? "per second, log" : "HTTP, TCP, DNS /s, log scale", note: legend, in: rect)
        let chart = ChartLayout(model, in: rect, hasAxisRow: hasAxisRow, glyphs: glyphs)
        guard chart.isDrawable else { return }
        let decades = AxisScale.decades(above: picture.axes.logarithmic.top * 0.999)
        canvas.verticalAxis(
            chart, labels: AxisLabels.logarithmic(decades: decades, rows: chart.plot.height, unit: "/s"))
        canvas.fillColumns(
            chart, chart.values(picture.history.seconds) { _ in 0 }, top: 1, role: .fresh)
        canvas.markLines(chart)
        let series: [(Stroke, Role, (Second) -> Double?, Figure<Double>)] = [
            (.solid, .demand, { $0.http }, picture.total.requestsPerSecond),
            (.dashed, .fresh, { $0.tcp }, picture.total.openedPerSecond),
            (.dotted, .lookup, { $0.dns }, picture.queriesPerSecond),
        ]
        var lines = LineLayer(width: chart.plot.width, height: chart.plot.height)
        var labels: [(text: String, height: Double, role: Role)] = []
        for (turn, entry) in series.enumerated() {
            let (stroke, role, figure, newest) = entry
            let heights = chart.fineValues(picture.history.seconds, figure).map { value in
                value.map { height($0, decades: decades) }
            }
            lines.add(
                heights, stroke: stroke, role: role, first: chart.time.doubled.absoluteColumn(0), turn: turn,
                of: series.count)
            if newest != .absent {
                labels.append((Numbers.tail(newest), height(newest.value ?? 0, decades: decades), role))
            }
        }
        lines.draw(in: chart.plot, on: &canvas)
        canvas.timeAxis(chart)
        canvas.endLabels(chart, labels)
    }

    /// 0…1; one a second and less is the bottom line.
    static func height(_ value: Double, decades: Int) -> Double {
        guard value > 1 else { return 0 }
        return min(1, logarithm(value) / Double(max(1, decades)))
    }

    /// Base ten, without a mathematics library: decades by division, the rest by a series in atanh form. Exact to
    /// far less than a dot.
    static func logarithm(_ value: Double) -> Double {
        guard value.isFinite, value > 0 else { return 0 }
        let exponent = Double(value.exponent)
        let ratio = (value.significand - 1) / (value.significand + 1)
        let square = ratio * ratio
        let natural = 2 * ratio * (1 + square / 3 + square * square / 5 + square * square * square / 7)
        return (exponent * 0.693147180559945 + natural) / 2.302585092994046
    }
}
