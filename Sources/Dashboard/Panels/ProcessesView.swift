import PoolModel
import Wording

/// Where the panels of the list of processes are.
///
/// ```
/// wide                                  compact               stacked
/// headline                              headline              headline, two rows
/// HTTP, TCP       strips by host        HTTP, TCP   strips    table
/// processes                             processes             notes
/// notes                                 notes
/// events
/// ```
struct ProcessesLayout {
    var headline: Rect
    var charts: Rect?
    var table: (rect: Rect, hasTitle: Bool)
    var notes: Rect
    var events: Rect?

    init(model: Model, body: Rect, screen: Rect) {
        let size = SizeClass(width: screen.width, height: screen.height)
        let isWide = size == .wide
        var rows = Rows(body)
        headline = rows.top(body.width < 66 ? 2 : 1)
        let wanted = max(1, model.visibleProcesses().count) + 1 + (isWide ? 1 : 0)
        let notesWanted = min(model.picture.snapshot?.origin?.notes.count ?? 0, isWide ? 3 : 1)
        let chart = isWide ? 8 : 6
        if size != .stacked, model.charts != .none, rows.left - min(wanted, isWide ? 14 : 10) - notesWanted >= chart {
            let spare = rows.left - wanted - notesWanted - chart
            charts = rows.top(chart + max(0, min(spare, isWide ? 4 : 6)))
        }
        let most = rows.left - (rows.left > wanted ? min(notesWanted, rows.left - wanted) : min(1, notesWanted))
        table = (rows.top(min(wanted, most)), isWide)
        notes = rows.top(min(notesWanted, rows.left))
        if isWide, rows.left >= 3, model.eventLines != .hidden { events = rows.top(rows.left) }
    }
}

/// The view of all processes with outbound connections.
func drawProcesses(_ model: Model, in rect: Rect, screen: Rect, on canvas: inout Canvas) {
    let layout = ProcessesLayout(model: model, body: rect, screen: screen)
    if layout.headline.height > 1 {
        StackedHeadline.draw(model, in: layout.headline, on: &canvas)
    } else {
        Headline.draw(model, in: layout.headline, on: &canvas)
    }
    if let charts = layout.charts {
        let half = (charts.width - 2) / 2
        RateChart.draw(model, in: charts.left(half), hasAxisRow: true, on: &canvas)
        HeatStrips.draw(model, in: charts.right(from: charts.width - half), hasAxisRow: true, on: &canvas)
    }
    ProcessTable.draw(model, in: layout.table.rect, hasTitle: layout.table.hasTitle, on: &canvas)
    let notes = model.picture.snapshot?.origin?.notes ?? []
    for (row, note) in notes.prefix(layout.notes.height).enumerated() {
        canvas.text(
            canvas.cut(note.sentence, to: rect.width - 3), in: layout.notes, x: 2, y: row, role: .label)
    }
    if let events = layout.events { EventsPanel.draw(model, in: events, isView: false, on: &canvas) }
}

/// Below 40 × 10: the command, and new connections per second.
func drawShortProcesses(_ model: Model, in rect: Rect, rows: Int, on canvas: inout Canvas) {
    let processes = model.visibleProcesses()
    guard !processes.isEmpty else {
        if rows > 0 {
            canvas.text(canvas.cut(ProcessTable.emptyText(model), to: rect.width), in: rect, x: 0, y: 1, role: .label)
        }
        return
    }
    let selected = model.selectedProcess(among: processes)
    for (row, index) in TableRows.range(count: processes.count, rows: rows, selected: selected).enumerated() {
        let process = processes[index]
        let line = rect.rows(row + 1, 1)
        let isSelected = index == selected
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: line, x: 0, y: 0) }
        var style: CellStyle = isSelected ? .bold : []
        if process.hasEnded { style.insert(.dim) }
        let rate = rateText(process.figures.openedPerSecond)
        canvas.text(canvas.cut(process.name, to: line.width - 3 - displayWidth(of: rate)), in: line, x: 1, style: style)
        canvas.rightText(rate, in: line, end: line.width, style: style)
    }
}
