import PoolModel
import Wording

/// New connections per second to each downstream: a strip for each, darker for more.
enum HeatStrips {
    static func draw(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let picture = model.picture
        let chart = ChartLayout(model, in: rect, hasAxisRow: hasAxisRow, glyphs: canvas.glyphs)
        let all = picture.snapshot?.hosts.count ?? 0
        let rows = busiest(picture, rows: chart.plot.height, time: chart.time)
        let top = max(leastTop, picture.axes.strips.top)
        let missing = rows.count < all ? "\(rows.count) of \(Numbers.grouped(all))  " : ""
        let legend = [Span(missing, .label)] + legend(top: top, isWide: rect.width >= 56, canvas.glyphs)
        canvas.title(
            rect.width < 50 ? "New conn. /s" : "New connections /s by host", note: legend, in: rect)
        guard chart.isDrawable else { return }
        // On a large screen the strips are as thick as all of them can be.
        let thickness = max(1, min(4, chart.plot.height / max(1, rows.count)))
        let names = shortNames(rows.map(\.name), to: ChartLayout.gutter - 1, ellipsis: canvas.glyphs.ellipsis)
        for (index, host) in rows.enumerated() {
            let row = index * thickness
            canvas.text(names[index], in: chart.rect, x: 0, y: row + 1)
            strip(host, rows: row..<row + thickness, chart: chart, top: top, picture: picture, on: &canvas)
        }
        canvas.markLines(chart, rows: rows.count * thickness)
        canvas.timeAxis(chart)
    }

    private static func strip(
        _ host: ShownHost, rows: Range<Int>, chart: ChartLayout, top: Double, picture: DashboardState,
        on canvas: inout Canvas
    ) {
        guard picture.history.hosts.indices.contains(host.id) else { return }
        let values = chart.values(picture.history.hosts[host.id]) { $0.opened }
        for (x, value) in values.enumerated() {
            let cell = shade(value, top: top, glyphs: canvas.glyphs)
            for row in rows where value != nil || row == rows.lowerBound {
                canvas.cell(cell, in: chart.plot, x: x, y: row)
            }
        }
        canvas.text(
            Numbers.tail(picture.window(host.id).openedPerSecond), in: chart.rect,
            x: chart.rect.width - ChartLayout.tail + 1, y: rows.lowerBound + 1, role: .fresh, style: .bold)
    }

    /// So that few new connections look like few.
    private static let leastTop = 20.0

    /// Shades go by ratios, not by differences: a host that falls from 300 to 2 has to be seen beside one with 3,000.
    private static let steps = [0.01, 0.05, 0.25]

    private static func legend(top: Double, isWide: Bool, _ glyphs: Glyphs) -> [Span] {
        let shades = glyphs.shades.map { String($0) }
        guard isWide else {
            return [Span(shades.joined(), .fresh), Span(" \(AxisLabels.figure(top * 0.25))+", .label)]
        }
        var spans: [Span] = []
        for (shade, from) in zip(shades, [">0"] + steps.map { AxisLabels.figure($0 * top) }) {
            spans += [Span((spans.isEmpty ? "" : " ") + shade, .fresh), Span(from, .label)]
        }
        return spans
    }

    static func shade(_ value: Double?, top: Double, glyphs: Glyphs, role: Role = .fresh) -> Cell {
        guard let value else { return Cell(glyphs.gap, role: .axis, style: .dim) }
        guard value > 0 else { return Cell(" ", role: role) }
        let step = steps.count { value >= top * $0 }
        return step == 3 ? glyphs.solid(role: role) : Cell(glyphs.shades[step], role: role)
    }

    /// All hosts in their order, or, where there are fewer rows, those with the most new connections on the chart.
    private static func busiest(_ picture: DashboardState, rows: Int, time: TimeAxis) -> [ShownHost] {
        guard let hosts = picture.snapshot?.hosts else { return [] }
        if hosts.count <= rows { return hosts }
        let weighted = hosts.map { host in
            let timeline = picture.history.hosts.indices.contains(host.id) ? picture.history.hosts[host.id] : Timeline()
            return (host, timeline.mean(time.allSeconds) { $0.opened } ?? 0)
        }
        let chosen = weighted.sorted { ($0.1, -$0.0.id) > ($1.1, -$1.0.id) }.prefix(max(0, rows))
        return chosen.map(\.0).sorted { $0.id < $1.id }
    }
}
