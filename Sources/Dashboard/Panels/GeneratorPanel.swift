import PoolModel
import Wording

/// The fourth view: what is asked of the agent, and what comes of it.
enum GeneratorPanel {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard let snapshot = model.picture.snapshot else {
            canvas.text("waiting for the first snapshot of the agent", in: rect, x: 1, y: 1, role: .label)
            return
        }
        guard let load = snapshot.load else {
            canvas.text("no generator runs: the requests come from elsewhere", in: rect, x: 1, y: 1, role: .label)
            return
        }
        var rows = Rows(rect)
        headline(load, model, in: rows.top(1), on: &canvas)
        details(load, model, in: rows.top(rect.height >= 16 ? 2 : 1), on: &canvas)
        let table = min(rows.left, load.targets.count + 3)
        let chart = rows.left - table >= 5 ? min(rows.left - table, 16) : 0
        if chart > 0 { RateChart.draw(model, in: rows.top(chart), hasAxisRow: true, on: &canvas) }
        targets(load, model, in: rows.top(table), on: &canvas)
    }

    private static func headline(_ load: LoadSnapshot, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let window = model.picture.load
        let achieved = achievedPerSecond(model)
        var parts: [LinePart] = []
        if let target = load.targetPerSecond {
            parts.append(figure("target", Numbers.rate(target), "/s", .text, rank: 0))
            parts.append(figure("planned", Numbers.rate(window.plannedPerSecond), "/s", .text, rank: 2))
        } else {
            parts.append(figure("in flight", Numbers.grouped(load.concurrency ?? 0), "", .text, rank: 0))
        }
        parts.append(figure("achieved", Numbers.rate(achieved), "/s", .demand, rank: 1))
        if let planned = window.plannedPerSecond, planned > 0, let achieved = achieved.value,
            load.targetPerSecond != nil
        {
            let share = achieved / planned
            let isShort = share < 0.95
            parts.append(
                figure(
                    "", Numbers.percent(min(1, share)), isShort ? " of plan, behind" : " of plan",
                    isShort ? .warn : .good, rank: 3))
        }
        if load.paused { parts.append(LinePart([Span("PAUSED", .warn, .bold)], rank: 0)) }
        canvas.parts(parts, in: rect, x: 1, end: rect.width, gap: 3)
    }

    private static func details(_ load: LoadSnapshot, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let kind = load.isOpenLoop ? "open loop, \(load.arrivals) arrivals" : "closed loop"
        let reason = keyTable.first { $0.shown == "[ ]" }?.disabledBecause(model)
        let keys = reason.map { "rate: not possible, \($0)" } ?? "[ ] 10% down, up   { } half, double"
        let missed = load.missed == 0 ? [] : [Span("  missed ", .label), Span(Numbers.count(load.missed), .warn)]
        let parts = [
            LinePart([Span(kind)], rank: 0),
            LinePart([Span("seed ", .label), Span("\(load.seed)")], rank: 2),
            LinePart(
                [
                    Span("planned ", .label), Span(Numbers.count(load.planned)), Span("  sent ", .label),
                    Span(Numbers.count(load.sent)),
                ] + missed, rank: 3),
            LinePart([Span(keys, .label)], rank: 1),
        ]
        canvas.parts(parts, in: rect, x: 1, end: rect.width, gap: 3)
    }

    private static func achievedPerSecond(_ model: Model) -> Figure<Double> {
        let total = model.picture.total
        // Nothing ended yet: nothing failed.
        let failed: Figure<Double> = total.failedShare == .absent ? .exact(0) : total.failedShare
        return total.requestsPerSecond.with(failed) { $0 * (1 - $1) }
    }

    private static func figure(_ name: String, _ figure: String, _ unit: String, _ role: Role, rank: Int) -> LinePart {
        let label = name.isEmpty ? "" : name + " "
        return LinePart([Span(label, .label), Span(figure, role, .bold), Span(unit, .label)], rank: rank)
    }

    /// Target, share of the mix, planned and achieved rate, method and address.
    private static func targets(_ load: LoadSnapshot, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        canvas.title("Mix of \(Numbers.grouped(load.targets.count))", in: rect)
        let isWide = rect.width >= 72
        let nameWidth = min(18, max(9, load.targets.map { displayWidth(of: $0.name) }.max() ?? 9))
        let columns = Columns(start: 2 + nameWidth, isWide: isWide)
        let heading = rect.rows(1, 1)
        canvas.fill(heading, with: Cell(" ", role: .title, style: .underline))
        let style: CellStyle = [.bold, .underline]
        canvas.text("TARGET", in: heading, x: 2, role: .title, style: style)
        canvas.rightText("SHARE", in: heading, end: columns.share, role: .title, style: style)
        canvas.rightText("PLAN/s", in: heading, end: columns.plan, role: .title, style: style)
        canvas.rightText("DONE/s", in: heading, end: columns.done, role: .title, style: style)
        canvas.rightText("ERR", in: heading, end: columns.errors, role: .title, style: style)
        if isWide { canvas.text("REQUEST", in: heading, x: columns.request, role: .title, style: style) }
        let all = load.targets.reduce(0) { $0 + $1.weight }
        let rows = max(0, rect.height - 2)
        let selected = load.targets.firstIndex { target in
            model.picture.host(model.selection)?.carries(target) ?? false
        }
        let range = TableRows.range(count: load.targets.count, rows: rows, selected: selected)
        for (row, index) in range.enumerated() {
            let target = load.targets[index]
            let line = rect.rows(row + 2, 1)
            if index == selected {
                canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: line, x: 0, y: 0)
            }
            draw(target, index, share: all > 0 ? target.weight / all : nil, model, columns, nameWidth, line, &canvas)
        }
    }

    private struct Columns {
        var share, plan, done, errors, request: Int

        init(start: Int, isWide: Bool) {
            let step = isWide ? 9 : 7
            share = start + step
            plan = start + step * 2
            done = start + step * 3
            errors = start + step * 3 + 7
            request = errors + 3
        }
    }

    private static func draw(
        _ target: LoadSnapshot.LoadTarget, _ index: Int, share: Double?, _ model: Model, _ columns: Columns,
        _ nameWidth: Int, _ rect: Rect, _ canvas: inout Canvas
    ) {
        let isSelected = model.picture.host(model.selection)?.carries(target) ?? false
        let style: CellStyle = isSelected ? .bold : []
        let window = model.picture.load.targets.indices.contains(index) ? model.picture.load.targets[index] : nil
        canvas.text(canvas.cutMiddle(target.name, to: nameWidth), in: rect, x: 2, style: style)
        canvas.rightText(Numbers.percent(share), in: rect, end: columns.share, style: style)
        canvas.rightText(Numbers.rate(window?.plannedPerSecond), in: rect, end: columns.plan, style: style)
        let done = window?.succeededPerSecond
        let isBehind =
            window.map { $0.plannedPerSecond > 1 && (done ?? .infinity) < $0.plannedPerSecond * 0.9 } ?? false
        canvas.rightText(
            Numbers.rate(done), in: rect, end: columns.done, role: isBehind ? .warn : .text,
            style: isBehind ? .bold : style)
        let errors = HostColumn.errors(Figure(window?.failed, .exact), of: Figure(window?.ended, .exact))
        canvas.rightText(errors.text, in: rect, end: columns.errors, role: errors.role, style: errors.style)
        guard rect.width >= 72 else { return }
        canvas.text(
            canvas.cut("\(target.method) \(target.url)", to: rect.width - columns.request - 1), in: rect,
            x: columns.request, role: .label)
    }
}
