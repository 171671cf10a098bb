import FleetCore
import PoolModel
import Wording

/// One row for each instance of a fleet, or for each group of them, and one for all.
enum FleetTable {
    static func draw(_ model: Model, in rect: Rect, hasTitle: Bool, on canvas: inout Canvas) {
        let rows = model.visibleFleetRows()
        if hasTitle { canvas.title(title(model, rows), note: note(model, canvas.glyphs), in: rect) }
        let body = hasTitle ? rect.below(1) : rect
        guard body.height > 0 else { return }
        let fit = fit(model, width: body.width)
        heading(model, fit, in: body.rows(0, 1), on: &canvas)
        guard !rows.isEmpty else {
            canvas.text(canvas.cut(emptyText(model), to: body.width - 3), in: body, x: 2, y: 1, role: .label)
            return
        }
        let selected = model.selectedFleetRow(among: rows)
        for (line, index) in shown(rows, selected, height: body.height).enumerated() {
            draw(rows[index], isSelected: index == selected, fit, in: body.rows(line + 1, 1), on: &canvas)
        }
    }

    /// The rows on the screen: that of all instances stays at the end.
    static func shown(_ rows: [FleetRow], _ selected: Int?, height: Int) -> [Int] {
        let room = max(0, height - 1)
        guard rows.last?.id == .all, rows.count > room, room >= 3 else {
            return Array(TableRows.range(count: rows.count, rows: room, selected: selected))
        }
        let last = rows.count - 1
        return TableRows.range(count: last, rows: room - 1, selected: min(selected ?? 0, last - 1)) + [last]
    }

    static func emptyText(_ model: Model) -> String {
        guard let fleet = model.picture.fleet?.fleet else { return model.waitingText }
        if !fleet.instances.isEmpty {
            return "nothing has \u{201C}\(model.fleetFilter)\u{201D} in its name, job or label   esc clears the filter"
        }
        return fleet.problems.first?.sentence ?? "no instance publishes metrics of connection pools"
    }

    private static func title(_ model: Model, _ rows: [FleetRow]) -> String {
        guard let fleet = model.picture.fleet else { return "Instances" }
        let isGrouped = model.showsGroups && fleet.groupLabel != nil
        let all = isGrouped ? fleet.fleet.groups.count : fleet.fleet.instances.count
        let shown = rows.count { $0.id != .all }
        let name = isGrouped ? "Instances by \(fleet.groupLabel ?? "")" : "Instances"
        return "\(name) " + Numbers.grouped(shown) + (shown < all ? " of \(Numbers.grouped(all))" : "")
    }

    private static func note(_ model: Model, _ glyphs: Glyphs) -> [Span] {
        var spans: [Span] = []
        if !model.fleetFilter.isEmpty || model.isTypingFilter {
            let text = model.fleetFilter + (model.isTypingFilter ? "_" : "")
            spans += [Span("filter ", .label), Span(text, .mark, .bold), Span("   ")]
        }
        let order = model.fleetSort.map { "\($0.row.title) \(sortSign(model, glyphs))" }
        return spans + [
            Span("sort ", .label), Span(order ?? (model.fleetSortReversed ? "best first" : "worst first")),
        ]
    }

    private static func sortSign(_ model: Model, _ glyphs: Glyphs) -> Unicode.Scalar {
        model.fleetSortReversed ? glyphs.ascending : glyphs.descending
    }

    private static func fit(_ model: Model, width: Int) -> ColumnFit<FleetColumn> {
        let hasGroups = model.picture.fleet?.groupLabel != nil && !model.showsGroups
        return ColumnFit(
            FleetColumn.allCases, byImportance: FleetColumn.ranked(hasGroups: hasGroups), flexible: .instance,
            room: width - HostTable.markerWidth, from: HostTable.markerWidth
        ) { $0.row.width }
    }

    private static func heading(
        _ model: Model, _ fit: ColumnFit<FleetColumn>, in rect: Rect, on canvas: inout Canvas
    ) {
        let style: CellStyle = [.bold, .underline]
        canvas.fill(rect, with: Cell(" ", role: .title, style: .underline))
        for (column, x, width) in fit.places {
            let name = column == .group ? (model.picture.fleet?.groupLabel ?? "").uppercased() : column.row.title
            let title = (model.fleetSort == column ? String(sortSign(model, canvas.glyphs)) : "") + name
            let text = canvas.cut(title, to: width - 1)
            if column.row.isLeft {
                canvas.text(text, in: rect, x: x, role: .title, style: style)
            } else {
                canvas.rightText(text, in: rect, end: x + width - 1, role: .title, style: style)
            }
        }
    }

    private static func draw(
        _ row: FleetRow, isSelected: Bool, _ fit: ColumnFit<FleetColumn>, in rect: Rect, on canvas: inout Canvas
    ) {
        var style: CellStyle = isSelected || row.id == .all ? .bold : []
        if row.isGone { style.insert(.dim) }
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: 0) }
        for (column, x, width) in fit.places {
            let span = column.row.span(row)
            // Names of instances of one service differ in the middle or at the end.
            let text =
                column == .instance
                ? canvas.cutMiddle(span.text, to: width - 1) : canvas.cut(span.text, to: width - 1)
            let start = column.row.isLeft ? x : x + width - 1 - displayWidth(of: text)
            let role: Role = row.isGone && column != .seen ? .label : span.role
            canvas.text(text, in: rect, x: start, role: role, style: span.style.union(style))
        }
    }

    /// The row at a place of the screen; nil: none.
    static func row(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> FleetRowID? {
        let rows = model.visibleFleetRows()
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        let shown = shown(rows, model.selectedFleetRow(among: rows), height: body.height)
        let line = y - body.y - 1
        guard table.rect.contains(x: x, y: y), shown.indices.contains(line) else { return nil }
        return rows[shown[line]].id
    }

    /// The column whose heading is at a place of the screen, if the list can be sorted by it; nil: none.
    static func heading(
        atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)
    ) -> FleetColumn? {
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        guard y == body.y, table.rect.contains(x: x, y: y) else { return nil }
        let place = fit(model, width: body.width).places.first { ($0.x..<$0.x + $0.width).contains(x - body.x) }
        return place.flatMap { $0.column.row.sort == nil ? nil : $0.column }
    }
}
