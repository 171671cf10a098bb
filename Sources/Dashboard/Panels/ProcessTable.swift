import PoolModel
import Wording

/// One row for each process with outbound connections, and one for all of them.
enum ProcessTable {
    static func draw(_ model: Model, in rect: Rect, hasTitle: Bool, on canvas: inout Canvas) {
        let processes = model.visibleProcesses()
        if hasTitle { canvas.title(title(model), note: note(model, canvas.glyphs), in: rect) }
        let body = hasTitle ? rect.below(1) : rect
        guard body.height > 0 else { return }
        let fit = fit(width: body.width)
        heading(model, fit, in: body.rows(0, 1), on: &canvas)
        guard !processes.isEmpty else {
            canvas.text(canvas.cut(emptyText(model), to: body.width - 3), in: body, x: 2, y: 1, role: .label)
            return
        }
        let selected = model.selectedProcess(among: processes)
        for (row, index) in shown(processes, selected, height: body.height).enumerated() {
            draw(processes[index], isSelected: index == selected, fit, in: body.rows(row + 1, 1), on: &canvas)
        }
    }

    /// The rows on the screen: that of all processes stays at the end.
    static func shown(_ processes: [ShownProcess], _ selected: Int?, height: Int) -> [Int] {
        let room = max(0, height - 1)
        guard processes.last?.id == .all, processes.count > room, room >= 3 else {
            return Array(TableRows.range(count: processes.count, rows: room, selected: selected))
        }
        let last = processes.count - 1
        return TableRows.range(count: last, rows: room - 1, selected: min(selected ?? 0, last - 1)) + [last]
    }

    static func emptyText(_ model: Model) -> String {
        let processes = model.picture.processes
        if model.picture.snapshot == nil { return model.waitingText }
        if !processes.isListed { return "no processes are listed here" }
        if processes.rows.isEmpty { return "no process has outbound TCP connections yet" }
        return
            "no process has \u{201C}\(model.processFilter)\u{201D} in its command, user or number   esc clears the filter"
    }

    private static func title(_ model: Model) -> String {
        let all = model.picture.processes.rows.count
        let shown = model.visibleProcesses().count { $0.id != .all }
        return "Processes " + Numbers.grouped(shown) + (shown < all ? " of \(Numbers.grouped(all))" : "")
    }

    private static func note(_ model: Model, _ glyphs: Glyphs) -> [Span] {
        var spans: [Span] = []
        if !model.processFilter.isEmpty || model.isTypingFilter {
            let text = model.processFilter + (model.isTypingFilter ? "_" : "")
            spans += [Span("filter ", .label), Span(text, .mark, .bold), Span("   ")]
        }
        return spans + [Span("sort ", .label), Span("\(model.processSort.row.title) \(sortSign(model, glyphs))")]
    }

    private static func sortSign(_ model: Model, _ glyphs: Glyphs) -> Unicode.Scalar {
        model.processSortReversed ? glyphs.ascending : glyphs.descending
    }

    private static func fit(width: Int) -> ColumnFit<ProcessColumn> {
        ColumnFit(
            ProcessColumn.allCases, byImportance: ProcessColumn.ranked, flexible: .command,
            room: width - HostTable.markerWidth, from: HostTable.markerWidth
        ) { $0.row.width }
    }

    private static func heading(
        _ model: Model, _ fit: ColumnFit<ProcessColumn>, in rect: Rect, on canvas: inout Canvas
    ) {
        let style: CellStyle = [.bold, .underline]
        canvas.fill(rect, with: Cell(" ", role: .title, style: .underline))
        for (column, x, width) in fit.places {
            let title = (model.processSort == column ? String(sortSign(model, canvas.glyphs)) : "") + column.row.title
            if column.row.isLeft {
                canvas.text(title, in: rect, x: x, role: .title, style: style)
            } else {
                canvas.rightText(title, in: rect, end: x + width - 1, role: .title, style: style)
            }
        }
    }

    private static func draw(
        _ process: ShownProcess, isSelected: Bool, _ fit: ColumnFit<ProcessColumn>, in rect: Rect,
        on canvas: inout Canvas
    ) {
        var style: CellStyle = isSelected || process.id == .all ? .bold : []
        if process.hasEnded { style.insert(.dim) }
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: 0) }
        for (column, x, width) in fit.places {
            let span = column.row.span(process)
            let text = canvas.cut(span.text, to: width - 1)
            let start = column.row.isLeft ? x : x + width - 1 - displayWidth(of: text)
            let role: Role = process.hasEnded ? .label : span.role
            canvas.text(text, in: rect, x: start, role: role, style: span.style.union(style))
        }
    }

    /// The process in a row of the screen; nil: none.
    static func row(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> ProcessID? {
        let processes = model.visibleProcesses()
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        let shown = shown(processes, model.selectedProcess(among: processes), height: body.height)
        let row = y - body.y - 1
        guard table.rect.contains(x: x, y: y), shown.indices.contains(row) else { return nil }
        return processes[shown[row]].id
    }

    /// The column whose heading is at a place of the screen, if the list can be sorted by it; nil: none.
    static func heading(atX x: Int, y: Int, in table: (rect: Rect, hasTitle: Bool)) -> ProcessColumn? {
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        guard y == body.y, table.rect.contains(x: x, y: y) else { return nil }
        let place = fit(width: body.width).places.first { ($0.x..<$0.x + $0.width).contains(x - body.x) }
        return place.flatMap { $0.column.row.sort == nil ? nil : $0.column }
    }
}
