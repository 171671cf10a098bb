import PoolModel
import Wording

/// HTTP requests as a line over new TCP connections as a fill, per second on one linear scale: HTTP keep-alive makes
/// the fill drop away under a steady line.
enum RateChart {
    static func draw(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let picture = model.picture
        let glyphs = canvas.glyphs
        let isNarrow = rect.width < 50
        let legend = [
            Span(String(glyphs.stroke(.solid)), .demand, .bold), Span(isNarrow ? "HTTP " : " HTTP  ", .label),
            Span(glyphs.kind == .ascii ? "#" : " ", .fresh, glyphs.kind == .ascii ? [] : .reverse),
            Span(isNarrow ? "TCP" : " new TCP", .label),
        ]
        canvas.title(isNarrow ? "HTTP, new TCP /s" : "HTTP requests vs new TCP /s", note: legend, in: rect)
        let chart = ChartLayout(model, in: rect, hasAxisRow: hasAxisRow, glyphs: glyphs)
        guard chart.isDrawable else { return }
        let top = picture.axes.rates.top
        canvas.verticalAxis(chart, labels: AxisLabels.linear(top: top, rows: chart.plot.height, unit: "/s"))
        let opened = chart.values(picture.history.seconds) { $0.tcp }
        canvas.fillColumns(chart, opened, top: top, role: .fresh)
        canvas.markLines(chart)
        var lines = LineLayer(width: chart.plot.width, height: chart.plot.height)
        let demand = chart.fineValues(picture.history.seconds) { second in second.http.map { $0 / top } }
        lines.add(
            demand, stroke: .solid, role: .demand, first: chart.time.doubled.absoluteColumn(0), turn: 0, of: 1)
        lines.draw(in: chart.plot, on: &canvas)
        canvas.timeAxis(chart)
        let http = picture.total.requestsPerSecond
        let tcp = picture.total.openedPerSecond
        if http.isUnknown, tcp.isUnknown {
            canvas.whyEmpty(chart, ["neither requests nor connections are known", "not known"])
        }
        guard http != .absent, tcp != .absent else { return }
        canvas.endLabels(
            chart,
            [
                (Numbers.tail(http), min(1, (http.value ?? 0) / top), .demand),
                (Numbers.tail(tcp), min(1, (tcp.value ?? 0) / top), .fresh),
            ])
    }
}

/// Three labels: top, middle, bottom.
enum AxisLabels {
    static func linear(top: Double, rows: Int, unit: String) -> [(row: Int, text: String)] {
        var labels = [(row: 0, text: figure(top) + unit)]
        guard rows >= 2 else { return labels }
        if rows >= 3 { labels.append((rows / 2, figure(top / 2))) }
        labels.append((rows - 1, "0"))
        return labels
    }

    /// `5,000`, `2.5`, `10k`: no decimal where it says nothing.
    static func figure(_ value: Double) -> String {
        let thousands = value / 1e3
        if value >= 1e4, value < 1e6 { return Numbers.fixed(thousands, thousands == thousands.rounded() ? 0 : 1) + "k" }
        return value >= 10 || value != value.rounded() ? Numbers.rate(value) : Numbers.fixed(value, 0)
    }

    /// From 1 at the bottom to ten to the power of `decades` at the top.
    static func logarithmic(decades: Int, rows: Int, unit: String) -> [(row: Int, text: String)] {
        var labels = [(row: 0, text: figure(power(decades)) + unit)]
        guard rows >= 2 else { return labels }
        if rows >= 3, decades >= 2 {
            let middle = decades / 2
            let row = rows - 1 - Int((Double(middle) / Double(decades) * Double(rows - 1)).rounded())
            if row > 0, row < rows - 1 { labels.append((row, figure(power(middle)))) }
        }
        labels.append((rows - 1, "1"))
        return labels
    }

    private static func power(_ decades: Int) -> Double { (0..<max(0, decades)).reduce(1.0) { value, _ in value * 10 } }
}
