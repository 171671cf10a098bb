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

    private static func shown(_ rows: [FleetRow], _ selected: Int?, height: Int) -> [Int] {
        ListTable<FleetColumn>.shown(count: rows.count, hasSum: rows.last?.id == .all, selected, height: height)
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
        let sign = String(sortSign(model, canvas.glyphs))
        let label = (model.picture.fleet?.groupLabel ?? "").uppercased()
        let drawn = canvas
        ListTable.heading(fit, in: rect, on: &canvas) { column, width in
            let name = column == .group ? label : column.row.title
            return drawn.cut((model.fleetSort == column ? sign : "") + name, to: width - 1)
        }
    }

    private static func draw(
        _ row: FleetRow, isSelected: Bool, _ fit: ColumnFit<FleetColumn>, in rect: Rect, on canvas: inout Canvas
    ) {
        var style: CellStyle = isSelected || row.id == .all ? .bold : []
        if row.isGone { style.insert(.dim) }
        ListTable.draw(row, isSelected: isSelected, style: style, fit, in: rect, on: &canvas) {
            column, span, width, canvas in
            // Names of instances of one service differ in the middle or at the end.
            let text = column == .instance ? canvas.cutMiddle(span.text, to: width) : canvas.cut(span.text, to: width)
            return (text, row.isGone && column != .seen ? .label : span.role)
        }
    }

    /// The row at a place of the screen; nil: none.
    static func row(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> FleetRowID? {
        let rows = model.visibleFleetRows()
        let height = ListTable<FleetColumn>.body(of: table).height
        let shown = shown(rows, model.selectedFleetRow(among: rows), height: height)
        return ListTable<FleetColumn>.row(atX: x, y: y, in: table, shown: shown).map { rows[$0].id }
    }

    /// The column whose heading is at a place of the screen, if the list can be sorted by it; nil: none.
    static func heading(
        atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)
    ) -> FleetColumn? {
        ListTable.heading(atX: x, y: y, in: table, fit(model, width: table.rect.width))
    }
}
