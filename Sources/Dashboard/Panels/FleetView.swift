import FleetCore
import PoolModel
import Wording

/// Where the panels of the list of a fleet are.
///
/// ```
/// wide                                  compact               stacked
/// headline                              headline              headline, two rows
/// HTTP, TCP       reuse, failures       HTTP, TCP   reuse     table
/// connections     response times        table                 notes
/// instances                             notes
/// notes
/// events
/// ```
struct FleetLayout {
    enum Chart { case rates, reuse, connections, responseTimes }

    var headline: Rect
    var charts: [(kind: Chart, rect: Rect, hasAxisRow: Bool)] = []
    var table: (rect: Rect, hasTitle: Bool) = (Rect(x: 0, y: 0, width: 0, height: 0), false)
    var notes = Rect(x: 0, y: 0, width: 0, height: 0)
    var events: Rect?

    init(model: Model, body: Rect, screen: Rect) {
        let size = SizeClass(width: screen.width, height: screen.height)
        let isWide = size == .wide
        var rows = Rows(body)
        headline = rows.top(body.width < 66 ? 2 : 1)
        let wanted = max(1, model.visibleFleetRows().count) + 1 + (isWide ? 1 : 0)
        let notesWanted = min(model.fleetNotes.count, isWide ? 3 : 1)
        let least = min(wanted, isWide ? 10 : 8)
        if size != .stacked, model.charts != .none {
            let room = rows.left - least - notesWanted
            if isWide, model.charts == .four, room >= 13 {
                let spare = max(0, rows.left - wanted - notesWanted - 13)
                placeCharts([.rates, .reuse], rows.top(7 + min(spare / 2, 4)))
                placeCharts([.connections, .responseTimes], rows.top(6 + min(spare / 2, 4)))
            } else if room >= 6 {
                placeCharts([.rates, .reuse], rows.top(6 + max(0, min(rows.left - wanted - notesWanted - 6, 6))))
            }
        }
        let most = rows.left - (rows.left > wanted ? min(notesWanted, rows.left - wanted) : min(1, notesWanted))
        table = (rows.top(min(wanted, most)), isWide)
        notes = rows.top(min(notesWanted, rows.left))
        if rows.left >= 3, model.eventLines != .hidden { events = rows.top(rows.left) }
    }

    private mutating func placeCharts(_ kinds: [Chart], _ band: Rect) {
        let half = (band.width - 2) / 2
        charts.append((kinds[0], band.left(half), true))
        charts.append((kinds[1], band.right(from: band.width - half), true))
    }
}

extension Model {
    /// The limits of what is shown, the most important first.
    var fleetNotes: [String] {
        guard let fleet = picture.fleet?.fleet else { return [] }
        // The empty list says the first itself.
        var notes = fleet.problems.dropFirst(fleet.instances.isEmpty ? 1 : 0).map(\.sentence)
        if fleet.refused > 0 {
            notes.append("\(Numbers.count(fleet.refused)) instances more are left out; --match narrows it down")
        }
        return notes
    }
}

/// The view of all instances.
func drawFleet(_ model: Model, in rect: Rect, screen: Rect, on canvas: inout Canvas) {
    let layout = FleetLayout(model: model, body: rect, screen: screen)
    FleetHeadline.draw(model, in: layout.headline, on: &canvas)
    for (kind, place, hasAxisRow) in layout.charts {
        switch kind {
        case .rates: RateChart.draw(model, in: place, hasAxisRow: hasAxisRow, on: &canvas)
        case .reuse: TrendChart.reuse(model, in: place, hasAxisRow: hasAxisRow, on: &canvas)
        case .connections: TrendChart.connections(model, in: place, hasAxisRow: hasAxisRow, on: &canvas)
        case .responseTimes: TrendChart.responseTimes(model, in: place, hasAxisRow: hasAxisRow, on: &canvas)
        }
    }
    FleetTable.draw(model, in: layout.table.rect, hasTitle: layout.table.hasTitle, on: &canvas)
    for (row, note) in model.fleetNotes.prefix(layout.notes.height).enumerated() {
        canvas.text(canvas.cut(note, to: rect.width - 3), in: layout.notes, x: 2, y: row, role: .warn)
    }
    if let events = layout.events { EventsPanel.draw(model, in: events, isView: false, on: &canvas) }
}

/// The figures of the whole fleet in one line, or in two rows of three where it is narrow.
enum FleetHeadline {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard let fleet = model.picture.fleet?.fleet else {
            canvas.text(model.waitingText, in: rect, x: 1, role: .label)
            return
        }
        let parts = parts(fleet)
        guard rect.height > 1 else {
            canvas.parts(parts, in: rect, x: 1, end: rect.width, gap: 2)
            return
        }
        let middle = (parts.count + 1) / 2
        canvas.parts(Array(parts.prefix(middle)), in: rect.rows(0, 1), x: 1, end: rect.width, gap: 2)
        canvas.parts(Array(parts.dropFirst(middle)), in: rect.rows(1, 1), x: 1, end: rect.width, gap: 2)
    }

    static func parts(_ fleet: Fleet) -> [LinePart] {
        let gone = fleet.instances.count(where: \.isGone)
        let totals = fleet.totals
        let row = FleetRow(all: fleet)
        var parts: [LinePart] = []
        if gone > 0 { parts.append(LinePart([Span("\(Numbers.count(gone)) gone", .bad, .bold)], rank: 0)) }
        parts += [
            part("HTTP", Numbers.rate(totals.requestsPerSecond), "/s", .demand, rank: 1),
            part("new TCP", Numbers.rate(totals.openedPerSecond), "/s", .fresh, rank: 1),
            part("reuse", Numbers.percent(totals.reuse), "", .text, rank: 0),
            part("open", Numbers.wholeCount(totals.open), "", .text, rank: 3),
        ]
        let waiting = totals.queued.value ?? 0
        parts.append(
            part(
                "wait", Numbers.wholeCount(totals.queued), "", waiting >= 1 ? .warn : .text,
                rank: waiting >= 1 ? 2 : 6))
        if totals.responseTime(.p99).value != nil {
            parts.append(part("p99", Numbers.duration(totals.responseTime(.p99)), "", .text, rank: 4))
        }
        let failed = row.failedShare
        parts.append(
            part("err", Numbers.percent(failed), "", failed.value ?? 0 >= 0.01 ? .bad : .text, rank: 2))
        return parts
    }

    private static func part(_ name: String, _ figure: String, _ unit: String, _ role: Role, rank: Int) -> LinePart {
        LinePart(
            [Span(name + " ", .label), Span(figure, role, .bold), Span(isWithoutUnit(figure) ? "" : unit, .label)],
            rank: rank, leastWidth: name.utf8.count + 6 + unit.utf8.count)
    }
}

/// Below 40 × 10: the instance, its reuse, and new connections per second.
func drawShortFleet(_ model: Model, in rect: Rect, rows: Int, on canvas: inout Canvas) {
    let list = model.visibleFleetRows()
    guard !list.isEmpty else {
        if rows > 0 {
            canvas.text(canvas.cut(FleetTable.emptyText(model), to: rect.width), in: rect, x: 0, y: 1, role: .label)
        }
        return
    }
    let selected = model.selectedFleetRow(among: list)
    for (place, index) in TableRows.range(count: list.count, rows: rows, selected: selected).enumerated() {
        let row = list[index]
        let line = rect.rows(place + 1, 1)
        let isSelected = index == selected
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: line, x: 0, y: 0) }
        var style: CellStyle = isSelected ? .bold : []
        if row.isGone { style.insert(.dim) }
        canvas.text(canvas.cutMiddle(row.name, to: line.width - 15), in: line, x: 1, style: style)
        if row.isGone {
            canvas.rightText("gone", in: line, end: line.width, role: .warn)
            continue
        }
        canvas.rightText(rateText(row.figures.openedPerSecond), in: line, end: line.width, style: style)
        canvas.rightText(Numbers.percent(row.figures.reuse), in: line, end: line.width - 7, style: style)
    }
}

/// The first line of a very small screen.
func drawFleetLine(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
    guard let fleet = model.picture.fleet?.fleet else {
        canvas.text("waiting for data", in: rect, x: 0, role: .label)
        return
    }
    if rect.width < 11 {
        let reuse = Numbers.percent(fleet.totals.reuse)
        if displayWidth(of: reuse) <= rect.width { canvas.text(reuse, in: rect, x: 0, style: .bold) }
        return
    }
    var parts = FleetHeadline.parts(fleet)
    if model.isPaused { parts.insert(LinePart([Span("PAUSED", .mark, .bold)], rank: 1), at: 0) }
    if model.sourceFailure != nil || model.staleSeconds != nil || model.fleetProblem != nil {
        parts.insert(LinePart([Span("NO DATA", .bad, .bold)], rank: 1), at: 0)
    }
    canvas.parts(parts, in: rect, x: 0, end: rect.width, gap: 1)
}
