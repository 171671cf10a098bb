import Wording

/// Where a chart's parts are. All charts have the same gutters, so that a moment has the same column in each.
struct ChartLayout {
    /// For the labels of the axis, or the names of hosts.
    static let gutter = 9
    /// For the newest figures, behind the lines they belong to.
    static let tail = 6

    let rect: Rect
    let plot: Rect
    let hasAxisRow: Bool
    let time: TimeAxis
    let marks: [MarkGroup]
    let windowMinutes: Int

    /// The chart of a panel whose first row is its title.
    init(_ model: Model, in rect: Rect, hasAxisRow: Bool, glyphs: Glyphs) {
        self.rect = rect
        self.hasAxisRow = hasAxisRow
        windowMinutes = model.windowMinutes
        plot = Rect(
            x: rect.x + Self.gutter, y: rect.y + 1, width: rect.width - Self.gutter - Self.tail,
            height: rect.height - 1 - (hasAxisRow ? 1 : 0))
        let picture = model.picture
        time = TimeAxis(
            columns: max(1, plot.width), windowSeconds: model.windowSeconds, newest: picture.history.newest ?? 0)
        marks = MarkGroup.groups(picture.marks, on: time, times: glyphs.times)
    }

    var isDrawable: Bool { plot.width >= 4 && plot.height >= 1 }

    /// The mean of every column; nil is a gap.
    func values<Value>(_ timeline: Timeline<Value>, _ figure: (Value) -> Double?) -> [Double?] {
        (0..<plot.width).map { timeline.mean(time.seconds($0), figure) }
    }

    /// Two values a column, for braille.
    func fineValues<Value>(_ timeline: Timeline<Value>, _ figure: (Value) -> Double?) -> [Double?] {
        let fine = time.doubled
        return (0..<plot.width * 2).map { timeline.mean(fine.seconds($0), figure) }
    }
}

extension Canvas {
    /// In the middle of a chart that has nothing to show: why not. The first text that fits is written.
    mutating func whyEmpty(_ chart: ChartLayout, _ texts: [String]) {
        guard let text = texts.first(where: { displayWidth(of: $0) <= chart.plot.width }) else { return }
        let y = max(0, (chart.plot.height - 1) / 2)
        self.text(
            text, in: chart.plot, x: (chart.plot.width - displayWidth(of: text)) / 2, y: y, role: .label)
    }

    /// The vertical axis: labels right-aligned before it, a tick at each.
    mutating func verticalAxis(_ chart: ChartLayout, labels: [(row: Int, text: String)]) {
        let axis = ChartLayout.gutter - 1
        for row in 0..<chart.plot.height {
            let label = labels.first { $0.row == row }
            cell(Cell(label == nil ? glyphs.vertical : glyphs.tick, role: .axis), in: chart.rect, x: axis, y: row + 1)
            if let label { rightText(label.text, in: chart.rect, end: axis, y: row + 1, role: .label) }
        }
    }

    /// The axis of time under a plot: `└─-1m────────▲K on 12:04:31───now`. Marks first, then what still fits.
    mutating func timeAxis(_ chart: ChartLayout) {
        guard chart.hasAxisRow, chart.rect.height >= 2 else { return }
        let y = chart.rect.height - 1
        cell(Cell(glyphs.corner, role: .axis), in: chart.rect, x: ChartLayout.gutter - 1, y: y)
        let line = Rect(x: chart.plot.x, y: chart.rect.y + y, width: chart.plot.width, height: 1)
        rule(in: line)
        var taken = Array(repeating: false, count: max(0, line.width))
        for group in chart.marks {
            cell(Cell(glyphs.mark, role: .mark, style: .bold), in: line, x: group.column, y: 0)
            if taken.indices.contains(group.column) { taken[group.column] = true }
        }
        for group in chart.marks.reversed() { markLabel(group, in: line, taken: &taken) }
        for (column, text) in timeLabels(chart) { place([text], at: [column], in: line, role: .label, &taken) }
    }

    private mutating func markLabel(_ group: MarkGroup, in line: Rect, taken: inout [Bool]) {
        let long = group.label + " " + group.time
        for text in [long, group.label] {
            let width = displayWidth(of: text)
            let columns = [group.column + 1, group.column - width]
            if place([text], at: columns, in: line, role: .mark, &taken) { return }
        }
    }

    /// Writes the text at the first of the columns where it fits and nothing is; says whether it did.
    @discardableResult
    private mutating func place(
        _ texts: [String], at columns: [Int], in line: Rect, role: Role, _ taken: inout [Bool]
    ) -> Bool {
        for text in texts {
            let width = displayWidth(of: text)
            for column in columns where column >= 0 && column + width <= line.width {
                if taken[column..<column + width].contains(true) { continue }
                self.text(text, in: line, x: column, role: role)
                for taking in max(0, column - 1)..<min(line.width, column + width + 1) { taken[taking] = true }
                return true
            }
        }
        return false
    }

    private func timeLabels(_ chart: ChartLayout) -> [(Int, String)] {
        var labels = [(chart.plot.width - 3, "now"), (0, "-\(chart.windowMinutes)m")]
        switch chart.windowMinutes {
        case 1: labels.append((chart.plot.width / 2, "-30s"))
        case 60: labels.append((chart.plot.width / 2, "-30m"))
        default: break
        }
        return labels
    }

    /// Marks inside the plot: a dotted line through the cells that are empty, in as many rows as are used.
    mutating func markLines(_ chart: ChartLayout, rows: Int = .max) {
        for group in chart.marks {
            for row in 0..<min(rows, chart.plot.height) {
                let present = frame[chart.plot.x + group.column, chart.plot.y + row]
                guard present.scalar == " " || present.scalar == glyphs.gap, !present.style.contains(.reverse)
                else { continue }
                cell(Cell(glyphs.markLine, role: .mark), in: chart.plot, x: group.column, y: row)
            }
        }
    }

    /// Columns filled from below. A gap is a dot on the bottom line; zero is nothing at all.
    mutating func fillColumns(_ chart: ChartLayout, _ values: [Double?], top: Double, role: Role) {
        let rows = chart.plot.height
        for (x, value) in values.enumerated() {
            guard let value else {
                cell(Cell(glyphs.gap, role: .axis, style: .dim), in: chart.plot, x: x, y: rows - 1)
                continue
            }
            let exact = value / top * Double(rows * 8)
            let eighths = value > 0 ? max(1, min(rows * 8, Int(exact.rounded()))) : 0
            for row in 0..<rows {
                let inRow = min(8, eighths - (rows - 1 - row) * 8)
                if inRow > 0 { cell(glyphs.fill(eighths: inRow, role: role), in: chart.plot, x: x, y: row) }
            }
        }
    }

    /// Figures at the right of the plot, each in the row where its line ends, or as near as others let it be: the larger
    /// one always stands above.
    mutating func endLabels(_ chart: ChartLayout, _ labels: [(text: String, height: Double, role: Role)]) {
        // Lines as good as equal keep their order, or figures that differ by nothing would change places.
        let sorted = labels.enumerated().sorted { left, right in
            let heights = (Int(left.element.height * 50), Int(right.element.height * 50))
            return heights.0 == heights.1 ? left.offset < right.offset : heights.0 > heights.1
        }.map(\.element)
        let places = Self.endRows(heights: sorted.map(\.height), rows: chart.plot.height)
        for (label, row) in zip(sorted, places) {
            text(
                label.text, in: chart.rect, x: chart.rect.width - ChartLayout.tail + 1, y: row + 1, role: label.role,
                style: .bold)
        }
    }

    /// A row for each of the heights (0…1, falling), no two the same; those that there is no row for are left out.
    static func endRows(heights: [Double], rows: Int) -> [Int] {
        let shown = heights.prefix(max(0, rows))
        var places: [Int] = []
        for height in shown {
            let wanted = min(rows - 1, max(0, Int(Double(rows) * (1 - height))))
            places.append(max(wanted, (places.last ?? -1) + 1))
        }
        // At the bottom there may be no room for all: those above make it.
        for index in places.indices { places[index] = min(places[index], rows - (places.count - index)) }
        return places
    }
}
