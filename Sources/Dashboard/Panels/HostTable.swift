import Diagnosis
import PoolModel
import Wording

/// One row for each downstream, and their sum.
enum HostTable {
    static let markerWidth = 2

    static func draw(_ model: Model, in rect: Rect, hasTitle: Bool, on canvas: inout Canvas) {
        let hosts = model.visibleHosts()
        let all = model.picture.snapshot?.hosts.count ?? 0
        var body = rect
        if hasTitle {
            let count = Numbers.grouped(hosts.count)
            let shown = hosts.count == all ? "Downstreams \(count)" : "Downstreams \(count) of \(Numbers.grouped(all))"
            canvas.title(shown, note: note(model, canvas.glyphs), in: rect)
            body = rect.below(1)
        }
        let shown = TableRows(hosts, model: model, height: body.height).indices.map { hosts[$0] }
        let isWide = rect.width >= 110
        let plan = TablePlan(model, hosts: hosts, shown: shown, width: rect.width, isWide: isWide, canvas.glyphs)
        heading(model, plan, hidden: hosts.count - shown.count, of: hosts.count, in: body.rows(0, 1), on: &canvas)
        guard !hosts.isEmpty else {
            let text =
                model.picture.snapshot == nil
                ? model.waitingText
                : all == 0
                    ? (model.isWatch ? "no connection to any host yet" : "no host yet: none was asked for")
                    : "no host has \u{201C}\(model.filter)\u{201D} in its name   esc clears the filter"
            canvas.text(text, in: body, x: 2, y: 1, role: .label)
            return
        }
        for (row, host) in shown.enumerated() {
            self.row(host, model, plan, isWide: isWide, in: body.rows(row + 1, 1), on: &canvas)
        }
        guard TableRows.hasSum(height: body.height, hosts: hosts.count) else { return }
        sum(model, plan, in: body.rows(shown.count + 1, 1), on: &canvas)
    }

    private static func note(_ model: Model, _ glyphs: Glyphs) -> [Span] {
        var spans: [Span] = []
        if !model.filter.isEmpty || model.isTypingFilter {
            spans += [Span("filter ", .label), Span(model.filter + (model.isTypingFilter ? "_" : ""), .mark, .bold)]
            spans.append(Span("   "))
        }
        let arrow = model.sort == .order ? "" : " " + String(sortSign(model, glyphs))
        let failing = model.picture.failingHosts.isEmpty ? [] : [Span(", failing first", .label)]
        return spans + [Span("sort ", .label), Span(model.sort.name + arrow)] + failing
    }

    private static func sortSign(_ model: Model, _ glyphs: Glyphs) -> Unicode.Scalar {
        // A name that comes first is less than the others, a figure that comes first is more.
        model.sortReversed == (model.sort == .name) ? glyphs.descending : glyphs.ascending
    }

    /// The sign of the sorting stands in the column that it is about.
    static func heading(
        _ model: Model, _ plan: TablePlan, hidden: Int, of all: Int, in rect: Rect, on canvas: inout Canvas
    ) {
        let style: CellStyle = [.bold, .underline]
        canvas.fill(rect, with: Cell(" ", role: .title, style: .underline))
        let sign = String(sortSign(model, canvas.glyphs))
        var name = model.sort == .name ? "HOST" + sign : "HOST"
        if hidden > 0 {
            let count = "\(Numbers.grouped(all - hidden))/\(Numbers.grouped(all))"
            name = name.count + 1 + count.count <= plan.nameWidth ? name + " " + count : count
        }
        canvas.text(name, in: rect, x: markerWidth, role: .title, style: style)
        for (column, x, width) in plan.columns {
            if column == .bar {
                barHeading(in: rect, x: x + 2, end: x + width, on: &canvas)
                continue
            }
            let title = (plan.sorted == column ? sign : "") + column.row.title
            let role: Role = column == model.pointedColumn ? .mark : .title
            if let margin = column.row.leftMargin {
                canvas.text(title, in: rect, x: x + margin, role: role, style: style)
            } else {
                canvas.rightText(title, in: rect, end: x + width, role: role, style: style)
            }
        }
    }

    private static func barHeading(in rect: Rect, x: Int, end: Int, on canvas: inout Canvas) {
        let line = rect.left(end)
        let idle = String(canvas.glyphs.idle)
        canvas.cell(canvas.glyphs.solid(role: .text), in: line, x: x, y: 0)
        // Half a word would be another.
        canvas.text("act" + idle + (end - x >= 9 ? "idle" : ""), in: line, x: x + 1, role: .title, style: .underline)
        if end - x >= 13 {
            canvas.text(String(canvas.glyphs.waiting) + "wait", in: line, x: x + 9, role: .title, style: .underline)
        }
    }

    /// One host. A failing one has a sign before its name.
    static func row(
        _ host: ShownHost, _ model: Model, _ plan: TablePlan, isWide: Bool, in rect: Rect, on canvas: inout Canvas
    ) {
        let isSelected = host.id == model.selection
        let style: CellStyle = isSelected ? .bold : []
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: 0) }
        let isFailing = model.picture.findings(host.id).isFailing
        if isFailing { canvas.cell(Cell("!", role: .bad, style: .bold), in: rect, x: 1, y: 0) }
        canvas.text(
            plan.name(of: host), in: rect, x: markerWidth, role: isFailing ? .bad : .text,
            style: isFailing ? .bold : style)
        let cell = ColumnCell(host: host, picture: model.picture, glyphs: canvas.glyphs, isWide: isWide)
        for (column, x, width) in plan.columns {
            if column == .bar {
                SocketBar.draw(host, in: rect, x: x + 2, width: width - 2, on: &canvas)
                continue
            }
            let span = column.row.span(cell)
            let text = canvas.cut(span.text, to: width - (column.row.leftMargin ?? 1))
            let start = column.row.leftMargin.map { x + $0 } ?? x + width - displayWidth(of: text)
            canvas.text(text, in: rect, x: start, role: span.role, style: span.style.union(style))
        }
    }

    /// The totals of all hosts, whichever of them are on the screen.
    static func sum(_ model: Model, _ plan: TablePlan, in rect: Rect, on canvas: inout Canvas) {
        guard let snapshot = model.picture.snapshot else { return }
        let name = "all \(Numbers.grouped(snapshot.hosts.count))"
        canvas.text(canvas.cut(name, to: plan.nameWidth), in: rect, x: markerWidth, role: .title, style: .bold)
        for (column, x, width) in plan.columns {
            guard let text = column.row.sum?(model.picture) else { continue }
            canvas.rightText(text, in: rect, end: x + width, style: .bold)
        }
    }

    /// The host in a row of the screen; nil: none.
    static func row(atX x: Int, y: Int, model: Model, in table: (rect: Rect, hasTitle: Bool)) -> Int? {
        let hosts = model.visibleHosts()
        let body = table.hasTitle ? table.rect.below(1) : table.rect
        let shown = TableRows(hosts, model: model, height: body.height).indices
        let row = y - body.y - 1
        guard table.rect.contains(x: x, y: y), shown.indices.contains(row) else { return nil }
        return hosts[shown[row]].id
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
        let hosts = model.visibleHosts()
        let shown = TableRows(hosts, model: model, height: body.height).indices.map { hosts[$0] }
        let plan = TablePlan(
            model, hosts: hosts, shown: shown, width: table.rect.width, isWide: table.rect.width >= 110,
            Glyphs(kind: model.glyphs))
        let place = x - body.x
        if place < markerWidth + plan.nameWidth { return .name }
        return plan.columns.first { ($0.x..<$0.x + $0.width).contains(place) }.map { .column($0.column) }
    }
}
