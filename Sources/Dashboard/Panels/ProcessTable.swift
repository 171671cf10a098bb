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

    private static func shown(_ processes: [ShownProcess], _ selected: Int?, height: Int) -> [Int] {
        ListTable<ProcessColumn>.shown(
            count: processes.count, hasSum: processes.last?.id == .all, selected, height: height)
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
        let sign = String(sortSign(model, canvas.glyphs))
        ListTable.heading(fit, in: rect, on: &canvas) { column, _ in
            (model.processSort == column ? sign : "") + column.row.title
        }
    }

    private static func draw(
        _ process: ShownProcess, isSelected: Bool, _ fit: ColumnFit<ProcessColumn>, in rect: Rect,
        on canvas: inout Canvas
    ) {
        var style: CellStyle = isSelected || process.id == .all ? .bold : []
        if process.hasEnded { style.insert(.dim) }
        ListTable.draw(process, isSelected: isSelected, style: style, fit, in: rect, on: &canvas) {
            ($3.cut($1.text, to: $2), process.hasEnded ? .label : $1.role)
        }
    }

    /// The process in a row of the screen; nil: none.
    static func row(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> ProcessID? {
        let processes = model.visibleProcesses()
        let height = ListTable<ProcessColumn>.body(of: table).height
        let shown = shown(processes, model.selectedProcess(among: processes), height: height)
        return ListTable<ProcessColumn>.row(atX: x, y: y, in: table, shown: shown).map { processes[$0].id }
    }

    /// The column whose heading is at a place of the screen, if the list can be sorted by it; nil: none.
    static func heading(atX x: Int, y: Int, in table: (rect: Rect, hasTitle: Bool)) -> ProcessColumn? {
        ListTable.heading(atX: x, y: y, in: table, fit(width: table.rect.width))
    }
}
