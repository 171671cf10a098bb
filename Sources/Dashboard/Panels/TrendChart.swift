import FleetCore
import PoolModel
import Wording

/// A chart that only a fleet has: its lines over time on one linear scale.
enum TrendChart {
    struct Series: Sendable {
        let name: String
        let role: Role
        let stroke: Stroke
        let value: @Sendable (TrendSecond) -> Double?
        let now: Figure<Double>
    }

    static func connections(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let totals = model.picture.fleet?.fleet.totals
        draw(
            model, "open connections, waiting requests",
            [
                Series(name: "open", role: .demand, stroke: .solid, value: { $0.open }, now: totals?.open ?? .absent),
                Series(
                    name: "waiting", role: .warn, stroke: .dashed, value: { $0.queued }, now: totals?.queued ?? .absent),
            ], .count, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
    }

    static func reuse(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let totals = model.picture.fleet?.fleet.totals
        let failed = totals.map { $0.failedPerSecond.with($0.requestsPerSecond) { $1 > 0 ? $0 / $1 : nil } }
        draw(
            model, "reuse and failures, share of requests",
            [
                Series(name: "reuse", role: .good, stroke: .solid, value: { $0.reuse }, now: totals?.reuse ?? .absent),
                Series(
                    name: "failed", role: .bad, stroke: .dashed, value: { $0.failedShare }, now: failed ?? .absent),
            ], .share, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
    }

    static func responseTimes(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let totals = model.picture.fleet?.fleet.totals
        draw(
            model, "response time that 1 % exceed, of buckets",
            [
                Series(
                    name: "p99", role: .fresh, stroke: .solid, value: { $0.p99 },
                    now: totals?.responseTime(.p99) ?? .absent)
            ], .seconds, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
    }

    private enum Unit {
        case count, share, seconds

        func axis(_ top: Double, rows: Int) -> [(row: Int, text: String)] {
            var labels = [(row: 0, text: text(top))]
            guard rows >= 2 else { return labels }
            if rows >= 3 { labels.append((rows / 2, text(top / 2))) }
            labels.append((rows - 1, "0"))
            return labels
        }

        private func text(_ value: Double) -> String {
            switch self {
            case .count: AxisLabels.figure(value)
            case .share: Numbers.fixed(value * 100, 0) + "%"
            case .seconds: Numbers.wait(value)
            }
        }

        /// In the six columns behind the chart.
        func tail(_ figure: Figure<Double>) -> String {
            switch self {
            case .count: Numbers.wholeCount(figure)
            case .share: Numbers.percent(figure)
            case .seconds: figure.text { $0.map { Numbers.wait($0) } ?? "-" }
            }
        }

        func top(_ peak: Double) -> Double {
            switch self {
            case .count: AxisScale.step(above: peak)
            case .share: 1
            // In milliseconds, so that the steps are fine enough.
            case .seconds: AxisScale.step(above: peak * 1000) / 1000
            }
        }
    }

    private static func draw(
        _ model: Model, _ title: String, _ series: [Series], _ unit: Unit, in rect: Rect, hasAxisRow: Bool,
        on canvas: inout Canvas
    ) {
        let glyphs = canvas.glyphs
        var legend: [Span] = []
        for (index, entry) in series.enumerated() {
            legend += [
                Span(String(glyphs.stroke(entry.stroke)), entry.role, .bold),
                Span(" \(entry.name)" + (index + 1 < series.count ? "  " : ""), .label),
            ]
        }
        let room = rect.width - legend.reduce(0) { $0 + $1.width } - 9
        canvas.title(
            displayWidth(of: title) <= room ? title : String(title.prefix { $0 != "," }), note: legend, in: rect)
        let chart = ChartLayout(model, in: rect, hasAxisRow: hasAxisRow, glyphs: glyphs)
        guard chart.isDrawable else { return }
        let trend = model.picture.trend
        let peak = trend.peak(chart.time.allSeconds) { second in series.compactMap { $0.value(second) }.max() }
        let top = unit.top(peak ?? 0)
        canvas.verticalAxis(chart, labels: unit.axis(top, rows: chart.plot.height))
        canvas.fillColumns(chart, chart.values(trend) { _ in 0 }, top: 1, role: .fresh)
        canvas.markLines(chart)
        var lines = LineLayer(width: chart.plot.width, height: chart.plot.height)
        var labels: [(text: String, height: Double, role: Role)] = []
        for (turn, entry) in series.enumerated() {
            let heights = chart.fineValues(trend, entry.value).map { $0.map { min(1, $0 / top) } }
            lines.add(
                heights, stroke: entry.stroke, role: entry.role, first: chart.time.doubled.absoluteColumn(0),
                turn: turn, of: series.count)
            if let now = entry.now.value { labels.append((unit.tail(entry.now), min(1, now / top), entry.role)) }
        }
        lines.draw(in: chart.plot, on: &canvas)
        canvas.timeAxis(chart)
        if peak == nil {
            canvas.whyEmpty(chart, ["not known from these metrics", "not known"])
        }
        canvas.endLabels(chart, labels)
    }
}
