import Diagnosis
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
            ("HTTP", Numbers.rate(total.requestsPerSecond), "/s", Role.demand),
            ("TCP", Numbers.rate(total.openedPerSecond), "/s", .fresh),
            ("DNS", Numbers.rate(picture.queriesPerSecond), "/s", .lookup),
            ("reuse", Numbers.share(total.reused, of: total.exchanges), "", .text),
            ("p99", Numbers.duration(total.quantile99), "", .text),
            waiting.value ?? 0 > 0
                ? ("wait", Numbers.shortCount(waiting), "", .warn)
                : ("open", Numbers.count(snapshot.sum(\.open)), "", .text),
        ]
        let width = (rect.width - 1) / 3
        for (index, entry) in cells.enumerated() {
            // How many are failing comes first, and new connections per second are in the table.
            if index == 1, let failing = Headline.failing(picture) {
                canvas.spans([failing], in: rect, x: 1 + width)
                continue
            }
            if index == 2, width <= 16, !picture.failingHosts.isEmpty { continue }
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
            ? [.requests, .opened, .reuse, .errors, .p99, .closedBy] : [.requests, .opened, .reuse, .errors]
        let shown = TableRows(hosts, model: model, height: rect.height).indices.map { hosts[$0] }
        let plan = TablePlan(narrow: columns, model, shown: shown, width: rect.width, canvas.glyphs)
        HostTable.heading(
            model, plan, hidden: hosts.count - shown.count, of: hosts.count, in: rect.rows(0, 1), on: &canvas)
        guard !hosts.isEmpty else {
            let text = model.picture.snapshot == nil ? "waiting for data" : "no host to show"
            canvas.text(text, in: rect, x: 2, y: 1, role: .label)
            return
        }
        for (row, host) in shown.enumerated() {
            HostTable.row(host, model, plan, isWide: false, in: rect.rows(row + 1, 1), on: &canvas)
        }
        guard TableRows.hasSum(height: rect.height, hosts: hosts.count) else { return }
        HostTable.sum(model, plan, in: rect.rows(shown.count + 1, 1), on: &canvas)
    }
}

/// A rate with its unit; what is unknown has none.
func rateText(_ rate: Figure<Double>) -> String { Numbers.rate(rate) + (rate.isUnknown ? "" : "/s") }

/// Below 40 × 10: one headline, then `host reuse% new/s`.
func drawShortList(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
    drawOneLine(model, in: rect.rows(0, 1), on: &canvas)
    let hosts = model.visibleHosts()
    // Questions and messages take the last row, because the keys have no line of their own here.
    let message = model.overlay == nil ? lineMessage(model) : nil
    let rows = max(0, rect.height - (message == nil ? 1 : 2))
    if let message {
        canvas.text(
            canvas.cut(message, to: rect.width), in: rect, x: 0, y: rect.height - 1, role: .mark, style: .bold)
    }
    defer { drawOverlay(model, in: rect, on: &canvas) }
    if model.view == .fleet { return drawShortFleet(model, in: rect, rows: rows, on: &canvas) }
    if model.view == .processes { return drawShortProcesses(model, in: rect, rows: rows, on: &canvas) }
    let failing = model.picture.failingHosts
    let shown = TableRows(
        count: hosts.count, rows: rows, selected: hosts.firstIndex { $0.id == model.selection },
        pinned: hosts.prefix { failing.contains($0.id) }.count)
    for (row, index) in shown.indices.enumerated() {
        let host = hosts[index]
        let window = model.picture.window(host.id)
        let line = rect.rows(row + 1, 1)
        let isSelected = host.id == model.selection
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: line, x: 0, y: 0) }
        canvas.text(canvas.cutMiddle(host.name, to: line.width - 15), in: line, x: 1, style: isSelected ? .bold : [])
        canvas.rightText(rateText(window.openedPerSecond), in: line, end: line.width)
        if model.picture.findings(host.id).isFailing {
            canvas.rightText("FAILS", in: line, end: line.width - 7, role: .bad, style: .bold)
        } else {
            canvas.rightText(Numbers.share(window.reused, of: window.exchanges), in: line, end: line.width - 7)
        }
    }
}

/// The message that replaces the figures on a screen of a single line; nil if there is none.
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
    if model.isFleet, model.instance == nil { return drawFleetLine(model, in: rect, on: &canvas) }
    let picture = model.picture
    guard let snapshot = picture.snapshot else {
        canvas.text("waiting for data", in: rect, x: 0, role: .label)
        return
    }
    let total = picture.total
    if rect.width < 11 {
        // Whole figures or none: half of one would be another figure.
        let reuse = Numbers.share(total.reused, of: total.exchanges)
        let text =
            displayWidth(of: reuse) <= rect.width
            ? reuse : snapshot.keepAlive.text { $0.map { String(canvas.glyphs.switchSign($0)) } ?? "-" }
        canvas.text(text, in: rect, x: 0, style: .bold)
        return
    }
    let failed = total.unsuccessfulShare.value ?? 0
    var parts = [
        LinePart(
            [Span("reuse ", .label), Span(Numbers.share(total.reused, of: total.exchanges), .text, .bold)], rank: 0),
        LinePart(
            [Span("new ", .label), Span(rateText(total.openedPerSecond), .fresh, .bold)],
            rank: 1),
    ]
    if let failing = Headline.failing(picture) { parts.insert(LinePart([failing], rank: 0), at: 0) }
    if failed > 0 {
        let role: Role = failed >= 0.01 ? .bad : .text
        parts.insert(
            LinePart([Span("err ", .label), Span(HostColumn.errors(total).text, role, .bold)], rank: 2), at: 0)
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
        LinePart([Span("HTTP ", .label), Span(Numbers.rate(total.requestsPerSecond), .demand, .bold)], rank: 3))
    canvas.parts(parts, in: rect, x: 0, end: rect.width, gap: 1)
}
