import PoolModel
import Wording

/// One row for each downstream, and their sum.
enum HostTable {
    static let markerWidth = 2

    /// Which columns there are room for, and where they begin.
    struct Plan {
        var nameWidth: Int
        var columns: [(column: HostColumn, x: Int, width: Int)] = []
    }

    static func plan(_ model: Model, hosts: [ShownHost], width: Int, isWide: Bool) -> Plan {
        let longest = hosts.map { displayWidth(of: $0.name) }.max() ?? 0
        let nameWidth = min(max(longest, 9), max(9, width / 5))
        var left = width - markerWidth - nameWidth
        let hasEstimates = hosts.contains { $0.certainty.hasEstimates }
        var chosen: Set<HostColumn> = []
        for column in model.columns.byImportance {
            let wanted = column.width(isWide: isWide, hasEstimates: hasEstimates)
            guard wanted <= left else { continue }
            chosen.insert(column)
            left -= wanted
        }
        var plan = Plan(nameWidth: nameWidth)
        // What is left goes to the bar, up to a point; then to the names.
        let barExtra = chosen.contains(.bar) ? min(left, 14) : 0
        let nameExtra = min(left - barExtra, max(0, longest - nameWidth))
        plan.nameWidth += nameExtra
        var x = markerWidth + plan.nameWidth
        for column in model.columns.onScreen where chosen.contains(column) {
            let columns =
                column.width(isWide: isWide, hasEstimates: hasEstimates) + (column == .bar ? barExtra : 0)
            plan.columns.append((column, x, columns))
            x += columns
        }
        return plan
    }

    static func draw(_ model: Model, in rect: Rect, hasTitle: Bool, on canvas: inout Canvas) {
        let hosts = model.visibleHosts()
        let all = model.picture.snapshot?.hosts.count ?? 0
        var body = rect
        if hasTitle {
            let shown = hosts.count == all ? "Downstreams \(all)" : "Downstreams \(hosts.count) of \(all)"
            canvas.title(shown, note: note(model, canvas.glyphs), in: rect)
            body = rect.below(1)
        }
        let plan = plan(model, hosts: hosts, width: rect.width, isWide: rect.width >= 110)
        heading(model, plan, in: body.rows(0, 1), on: &canvas)
        guard !hosts.isEmpty else {
            let text =
                model.picture.snapshot == nil
                ? "waiting for the first snapshot of the agent"
                : all == 0
                    ? "no host yet: none was asked for"
                    : "no host has \u{201C}\(model.filter)\u{201D} in its name   esc clears the filter"
            canvas.text(text, in: body, x: 2, y: 1, role: .label)
            return
        }
        let rows = max(0, body.height - 2)
        let range = visibleRange(
            count: hosts.count, rows: rows, selected: hosts.firstIndex { $0.id == model.selection })
        for (row, index) in range.enumerated() {
            let host = hosts[index]
            self.row(host, model, plan, isSelected: host.id == model.selection, in: body.rows(row + 1, 1), on: &canvas)
        }
        guard body.height >= 3 else { return }
        sum(model, hosts, plan, shown: range.count, in: body.rows(range.count + 1, 1), on: &canvas)
    }

    private static func note(_ model: Model, _ glyphs: Glyphs) -> [Span] {
        var spans: [Span] = []
        if !model.filter.isEmpty || model.isTypingFilter {
            spans += [Span("filter ", .label), Span(model.filter + (model.isTypingFilter ? "_" : ""), .mark, .bold)]
            spans.append(Span("   "))
        }
        let arrow = model.sort == .order ? "" : " " + String(model.sortReversed ? glyphs.ascending : glyphs.descending)
        return spans + [Span("sort ", .label), Span(model.sort.name + arrow)]
    }

    private static func heading(_ model: Model, _ plan: Plan, in rect: Rect, on canvas: inout Canvas) {
        let style: CellStyle = [.bold, .underline]
        canvas.fill(rect, with: Cell(" ", role: .title, style: .underline))
        canvas.text("HOST", in: rect, x: markerWidth, role: .title, style: style)
        for (column, x, width) in plan.columns {
            if column == .bar {
                barHeading(in: rect, x: x + 2, end: x + width, on: &canvas)
                continue
            }
            let isSorted = column.sort == model.sort && model.sort != .order
            let arrow =
                isSorted
                ? String(model.sortReversed ? canvas.glyphs.ascending : canvas.glyphs.descending) : ""
            if column.isLeftAligned {
                canvas.text(
                    column.title, in: rect, x: x + (column == .closedBy ? 2 : 1), role: .title, style: style)
            } else {
                let role: Role = column == model.pointedColumn ? .mark : .title
                canvas.rightText(arrow + column.title, in: rect, end: x + width, role: role, style: style)
            }
        }
    }

    private static func barHeading(in rect: Rect, x: Int, end: Int, on canvas: inout Canvas) {
        let line = rect.left(end)
        let idle = String(canvas.glyphs.idle)
        canvas.cell(canvas.glyphs.solid(role: .text), in: line, x: x, y: 0)
        canvas.text("act" + idle + "idle", in: line, x: x + 1, role: .title, style: .underline)
        if end - x >= 13 {
            canvas.text(String(canvas.glyphs.waiting) + "wait", in: line, x: x + 9, role: .title, style: .underline)
        }
    }

    private static func row(
        _ host: ShownHost, _ model: Model, _ plan: Plan, isSelected: Bool, in rect: Rect, on canvas: inout Canvas
    ) {
        let style: CellStyle = isSelected ? .bold : []
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: 0) }
        canvas.text(canvas.cut(host.name, to: plan.nameWidth), in: rect, x: markerWidth, style: style)
        let window = model.picture.window(host.id)
        for (column, x, width) in plan.columns {
            if column == .bar {
                SocketBar.draw(host, in: rect, x: x + 2, width: width - 2, on: &canvas)
                continue
            }
            let span = column.span(host, window, glyphs: canvas.glyphs, isWide: rect.width >= 110)
            let text = canvas.cut(span.text, to: width - (column == .closedBy ? 2 : 1))
            let column0 = column.isLeftAligned ? x + (column == .closedBy ? 2 : 1) : x + width - displayWidth(of: text)
            canvas.text(text, in: rect, x: column0, role: span.role, style: span.style.union(style))
        }
    }

    private static func sum(
        _ model: Model, _ hosts: [ShownHost], _ plan: Plan, shown: Int, in rect: Rect, on canvas: inout Canvas
    ) {
        let all = model.picture.snapshot?.hosts.count ?? 0
        let hidden = hosts.count - shown
        let name = hidden > 0 ? "+\(hidden) more" : "all \(all)"
        canvas.text(canvas.cut(name, to: plan.nameWidth), in: rect, x: markerWidth, role: .title, style: .bold)
        guard let everything = model.picture.snapshot else { return }
        for (column, x, width) in plan.columns {
            guard let text = sumText(column, everything, model.picture.total) else { continue }
            canvas.rightText(text, in: rect, end: x + width, style: .bold)
        }
    }

    private static func sumText(_ column: HostColumn, _ snapshot: ShownSnapshot, _ total: RecentFigures) -> String? {
        switch column {
        case .active: Numbers.count(snapshot.sum(\.active))
        case .idle: Numbers.count(snapshot.sum(\.idle))
        case .queue: Numbers.count(snapshot.sum(\.queued))
        case .requests: Numbers.rate(total.requestsPerSecond)
        case .opened: Numbers.rate(total.openedPerSecond)
        case .reuse: Numbers.percent(total.reuse)
        case .perConnection: HostColumn.perConnection(total)
        case .dnsHit: Numbers.percent(total.dnsHit)
        case .p50: Numbers.milliseconds(total.p50)
        case .p99: Numbers.milliseconds(total.p99)
        case .errors: HostColumn.errors(total).text
        case .keepAlive, .bar, .closedBy: nil
        }
    }

    /// The stretch of rows that is on the screen: it always holds the selected one.
    static func visibleRange(count: Int, rows: Int, selected: Int?) -> Range<Int> {
        let shown = max(0, min(count, rows))
        let first = min(max(0, (selected ?? 0) - shown / 2), max(0, count - shown))
        return first..<first + shown
    }

    /// The host in a row of the screen; nil: none.
    static func row(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> Int? {
        let hosts = model.visibleHosts()
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        // The narrow table has no row for the sum.
        let others = table.rect.width < 72 ? 1 : 2
        let range = visibleRange(
            count: hosts.count, rows: max(0, body.height - others),
            selected: hosts.firstIndex { $0.id == model.selection })
        let row = y - body.y - 1
        guard table.rect.contains(x: x, y: y), row >= 0, row < range.count else { return nil }
        return hosts[range.lowerBound + row].id
    }
}

extension HostTable {
    enum Heading: Equatable {
        case name
        case column(HostColumn)
    }

    /// The heading at a place of the screen; nil: none.
    static func heading(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> Heading? {
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        guard y == body.y, table.rect.contains(x: x, y: y), table.rect.width >= 72 else { return nil }
        let plan = plan(model, hosts: model.visibleHosts(), width: table.rect.width, isWide: table.rect.width >= 110)
        let place = x - body.x
        if place < markerWidth + plan.nameWidth { return .name }
        return plan.columns.first { ($0.x..<$0.x + $0.width).contains(place) }.map { .column($0.column) }
    }
}
