import PoolModel

/// Response times over time: each column a stretch of time, each row a band, darker for more.
enum HeatPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 2 else { return }
        let legend = [Span("share ", .label), Span(canvas.glyphs.shades.map { String($0) }.joined(), .demand)]
        canvas.title("Response time over time, ms", note: legend, in: rect)
        let chart = ChartLayout(model, in: rect, hasAxisRow: true, glyphs: canvas.glyphs)
        guard chart.isDrawable, model.picture.history.hosts.indices.contains(host.id) else { return }
        let timeline = model.picture.history.hosts[host.id]
        let columns = (0..<chart.plot.width).map { counts(timeline, chart.time.seconds($0)) }
        var all = Array(repeating: 0, count: LatencyBands.count)
        for column in columns { for (band, count) in (column ?? []).enumerated() { all[band] += count } }
        guard all.contains(where: { $0 > 0 }) else {
            canvas.text(
                host.metrics.response.isUnknown ? "\u{2013}  not known here" : "no response yet", in: rect,
                x: ChartLayout.gutter, y: 1, role: .label)
            return
        }
        let bands = Bands(counts: all, rows: chart.plot.height)
        let rows = bands.rows.count
        for row in 0..<rows {
            // Slow is up, as on an axis.
            canvas.rightText(
                bands.label(rows - 1 - row, hasUnit: false), in: rect, end: ChartLayout.gutter - 1,
                y: row + 1 + chart.plot.height - rows,
                role: .label)
        }
        for (x, column) in columns.enumerated() {
            draw(column, x: x, rows: rows, bands, chart, on: &canvas)
        }
        canvas.markLines(chart)
        canvas.timeAxis(chart)
    }

    private static func draw(
        _ column: [Int]?, x: Int, rows: Int, _ bands: Bands, _ chart: ChartLayout, on canvas: inout Canvas
    ) {
        guard let column else {
            canvas.cell(
                Cell(canvas.glyphs.gap, role: .axis, style: .dim), in: chart.plot, x: x, y: chart.plot.height - 1)
            return
        }
        let all = Double(max(1, column.reduce(0, +)))
        for row in 0..<rows {
            let sum = column[bands.rows[row]].reduce(0, +)
            canvas.cell(
                shade(Double(sum) / all, canvas.glyphs), in: chart.plot, x: x, y: chart.plot.height - 1 - row)
        }
    }

    /// By share of the column's responses: a rare slow one is still seen.
    private static func shade(_ share: Double, _ glyphs: Glyphs) -> Cell {
        if share <= 0 { return Cell(" ", role: .demand) }
        let step = share >= 0.5 ? 3 : share >= 0.2 ? 2 : share >= 0.05 ? 1 : 0
        return step == 3 ? glyphs.solid(role: .demand) : Cell(glyphs.shades[step], role: .demand)
    }

    private static func counts(_ timeline: Timeline<HostSecond>, _ seconds: Range<Int>) -> [Int]? {
        var sums = Array(repeating: 0, count: LatencyBands.count)
        var isKnown = false
        for second in seconds {
            guard let value = timeline[second] else { continue }
            guard let bands = value.bands else { continue }
            isKnown = true
            for band in sums.indices { sums[band] += Int(bands[band]) }
        }
        return isKnown ? sums : nil
    }
}
