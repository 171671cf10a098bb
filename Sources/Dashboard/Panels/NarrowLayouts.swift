import PoolModel
import Wording

/// The headline in two rows, for 40…65 columns.
enum StackedHeadline {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let picture = model.picture
        guard let snapshot = picture.snapshot else {
            canvas.text("waiting for the first snapshot", in: rect, x: 1, role: .label)
            return
        }
        let total = picture.total
        let waiting = snapshot.sum(\.queued)
        let cells = [
            ("HTTP", Numbers.short(total.requestsPerSecond), "/s", Role.demand),
            ("TCP", Numbers.short(total.openedPerSecond), "/s", .fresh),
            ("DNS", Numbers.short(picture.queriesPerSecond), "/s", .lookup),
            ("reuse", Numbers.percent(total.reuse), "", .text),
            ("p99", Numbers.duration(total.p99), "", .text),
            waiting.value ?? 0 > 0
                ? ("wait", Numbers.short(waiting.map { Double($0) }), "", .warn)
                : ("open", Numbers.plain(snapshot.sum(\.open)), "", .text),
        ]
        let width = (rect.width - 1) / 3
        for (index, entry) in cells.enumerated() {
            let spans = [
                Span(entry.0 + " ", .label), Span(entry.1, entry.3, .bold),
                Span(isWithoutUnit(entry.1) ? "" : entry.2, .label),
            ]
            canvas.spans(spans, in: rect, x: 1 + index % 3 * width, y: index / 3)
        }
    }
}

/// The host table of narrow screens: name, requests, new connections, reuse, and errors where there is room.
enum NarrowTable {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let hosts = model.visibleHosts()
        let columns: [HostColumn] =
            rect.width >= 56
            ? [.requests, .opened, .reuse, .p99, .errors, .closedBy] : [.requests, .opened, .reuse, .errors]
        var width = 0
        var kept: [HostColumn] = []
        for column in columns where width + column.width(isWide: false) <= rect.width - 11 {
            width += column.width(isWide: false)
            kept.append(column)
        }
        let heading = rect.rows(0, 1)
        canvas.fill(heading, with: Cell(" ", role: .title, style: .underline))
        canvas.text("HOST", in: heading, x: 2, role: .title, style: [.bold, .underline])
        var x = rect.width - width
        for column in kept {
            if column.isLeftAligned {
                canvas.text(column.title, in: heading, x: x + 2, role: .title, style: [.bold, .underline])
            } else {
                canvas.rightText(
                    column.title, in: heading, end: x + column.width(isWide: false), role: .title,
                    style: [.bold, .underline])
            }
            x += column.width(isWide: false)
        }
        guard !hosts.isEmpty else {
            let text = model.picture.snapshot == nil ? "waiting for data" : "no host to show"
            canvas.text(text, in: rect, x: 2, y: 1, role: .label)
            return
        }
        let rows = max(0, rect.height - 1)
        let range = HostTable.visibleRange(
            count: hosts.count, rows: rows, selected: hosts.firstIndex { $0.id == model.selection })
        for (row, index) in range.enumerated() {
            self.row(hosts[index], model, kept, from: rect.width - width, in: rect.rows(row + 1, 1), on: &canvas)
        }
    }

    private static func row(
        _ host: ShownHost, _ model: Model, _ columns: [HostColumn], from start: Int, in rect: Rect,
        on canvas: inout Canvas
    ) {
        let isSelected = host.id == model.selection
        let style: CellStyle = isSelected ? .bold : []
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: 0) }
        canvas.text(canvas.cut(host.name, to: start - 3), in: rect, x: 2, style: style)
        var x = start
        for column in columns {
            let span = column.span(host, model.picture.window(host.id), glyphs: canvas.glyphs, isWide: false)
            let text = canvas.cut(span.text, to: column.width(isWide: false) - (column == .closedBy ? 2 : 1))
            let place = column.isLeftAligned ? x + 2 : x + column.width(isWide: false) - displayWidth(of: text)
            canvas.text(text, in: rect, x: place, role: span.role, style: span.style.union(style))
            x += column.width(isWide: false)
        }
    }
}

/// A rate with its unit; what is unknown has none.
private func rateText(_ rate: Figure<Double>) -> String { Numbers.short(rate) + (rate.isUnknown ? "" : "/s") }

/// Below 40 × 10: one headline, then `host reuse% new/s`.
func drawShortList(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
    drawOneLine(model, in: rect.rows(0, 1), on: &canvas)
    let hosts = model.visibleHosts()
    // What is asked or answered takes the last row, as the keys have no line of their own here.
    let message = model.overlay == nil ? lineMessage(model) : nil
    let rows = max(0, rect.height - (message == nil ? 1 : 2))
    if let message {
        canvas.text(
            canvas.cut(message, to: rect.width), in: rect, x: 0, y: rect.height - 1, role: .mark, style: .bold)
    }
    defer { drawOverlay(model, in: rect, on: &canvas) }
    let range = HostTable.visibleRange(
        count: hosts.count, rows: rows, selected: hosts.firstIndex { $0.id == model.selection })
    for (row, index) in range.enumerated() {
        let host = hosts[index]
        let window = model.picture.window(host.id)
        let line = rect.rows(row + 1, 1)
        let isSelected = host.id == model.selection
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: line, x: 0, y: 0) }
        canvas.text(canvas.cut(host.name, to: line.width - 15), in: line, x: 1, style: isSelected ? .bold : [])
        canvas.rightText(rateText(window.openedPerSecond), in: line, end: line.width)
        let failing = host.lastConnectFailure ?? ((window.failedShare.value ?? 0) >= 0.5 ? window.dominantFailure : nil)
        if failing != nil {
            canvas.rightText("FAILS", in: line, end: line.width - 7, role: .bad, style: .bold)
        } else {
            canvas.rightText(Numbers.percent(window.reuse), in: line, end: line.width - 7)
        }
    }
}

/// What takes the place of the figures where there is a single line for everything; nil: nothing does.
func lineMessage(_ model: Model) -> String? {
    switch model.overlay {
    case .closeIdle: return "close idle? y n, a all"
    case .faults(_, let selected):
        let index = min(DownstreamFault.allCases.count - 1, max(0, selected))
        return "\(index + 1) \(DownstreamFault.allCases[index].label)"
    case .help, .advice, .explain: return "esc closes"
    case .command(let input): return input.problem ?? ":" + input.text + "_"
    case .menu(let kind, let selected):
        let menu = model.menu(kind)
        guard menu.rows.indices.contains(selected) else { return menu.title }
        return "\(menu.rows[selected].sign) \(menu.rows[selected].text) \(menu.rows[selected].value)".trimmed
    case nil: break
    }
    if model.isTypingFilter { return "/" + model.typedFilter + "_" }
    return model.notice?.text
}

/// Below 20 × 3, and the first line of the list: what matters most, as much of it as there is room for.
func drawOneLine(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
    let picture = model.picture
    guard let snapshot = picture.snapshot else {
        canvas.text("waiting for data", in: rect, x: 0, role: .label)
        return
    }
    let total = picture.total
    if rect.width < 11 {
        // Whole figures or none: half of one would be another figure.
        let reuse = Numbers.percent(total.reuse)
        let text =
            displayWidth(of: reuse) <= rect.width
            ? reuse : snapshot.keepAlive.text { $0.map { String(canvas.glyphs.switchSign($0)) } ?? "-" }
        canvas.text(text, in: rect, x: 0, style: .bold)
        return
    }
    let failed = total.failedShare.value ?? 0
    var parts = [
        LinePart([Span("reuse ", .label), Span(Numbers.percent(total.reuse), .text, .bold)], rank: 0),
        LinePart(
            [Span("new ", .label), Span(rateText(total.openedPerSecond), .fresh, .bold)],
            rank: 1),
    ]
    if failed > 0 {
        let role: Role = failed >= 0.01 ? .bad : .text
        parts.insert(
            LinePart([Span("err ", .label), Span(Numbers.percent(total.failedShare), role, .bold)], rank: 2), at: 0)
    }
    if model.configuration.isInsecure || model.configuration.oldTLS != nil {
        let word = model.configuration.isInsecure ? "INSECURE" : "OLD TLS"
        parts.insert(LinePart([Span(word, .bad, .bold)], rank: 0), at: 0)
    }
    if model.configuration.isReplay {
        let word = model.playback.map { $0.isPlaying ? "REPLAY" : $0.isAtEnd ? "END" : "PAUSED" } ?? "REPLAY"
        parts.insert(LinePart([Span(word, .mark, .bold)], rank: 1), at: 0)
    } else if model.isPaused {
        parts.insert(LinePart([Span("PAUSED", .mark, .bold)], rank: 1), at: 0)
    } else if model.staleSeconds != nil || model.sourceFailure != nil {
        parts.insert(LinePart([Span("NO DATA", .bad, .bold)], rank: 1), at: 0)
    } else if snapshot.keepAlive.isFalse {
        parts.insert(LinePart([Span("KA OFF", .warn, .bold)], rank: 2), at: 0)
    }
    parts.append(
        LinePart([Span("HTTP ", .label), Span(Numbers.short(total.requestsPerSecond), .demand, .bold)], rank: 3))
    canvas.parts(parts, in: rect, x: 0, end: rect.width, gap: 1)
}
