import PoolModel

/// The second view: one host.
///
/// ```
/// wide and compact                        stacked
/// figures                                 figures, two rows
/// sockets bar                             sockets bar
/// sockets            | DNS, addresses,    sockets
///                    | idle ages
/// latency, phases    | heat               closes
/// why they close     | limits in force
/// advice
/// headers seen (tall windows)
/// ```
func drawInspector(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
    guard let host = model.picture.host(model.selection) else {
        let text = model.picture.snapshot == nil ? model.waitingText : "no host to inspect"
        canvas.text(text, in: rect, x: 2, y: 1, role: .label)
        return
    }
    let isNarrow = rect.width < 72
    var rows = Rows(rect)
    HostHeadline.draw(host, model, in: rows.top(isNarrow ? 2 : 1), on: &canvas)
    HostHeadline.drawBar(host, in: rows.top(1), on: &canvas)
    let inspector = Inspector(host: host, model: model, isWide: rect.width >= 110)
    if isNarrow {
        inspector.drawStacked(in: &rows, on: &canvas)
    } else {
        inspector.drawBands(in: &rows, width: rect.width, on: &canvas)
    }
}

/// The panels below the headline.
private struct Inspector {
    let host: ShownHost
    let model: Model
    let isWide: Bool

    func drawStacked(in rows: inout Rows, on canvas: inout Canvas) {
        let closes = rows.left >= 10 ? min(6, rows.left / 2) : 0
        let kernel = host.kernel != nil && rows.left >= 16 ? 5 : 0
        if kernel > 0 { KernelPanel.draw(host, model, in: rows.bottom(kernel), on: &canvas) }
        SocketsPanel.draw(host, model, in: rows.top(rows.left - closes), on: &canvas)
        ClosesPanel.draw(host, model, in: rows.top(closes), on: &canvas)
    }

    /// Three bands of two panels each, then advice and the last headers over the whole width.
    func drawBands(in rows: inout Rows, width: Int, on canvas: inout Canvas) {
        let advice = AdvicePanel.rows(model.picture.advice(for: host), width: width, on: canvas)
        let open = host.sockets?.count ?? host.metrics.open.value ?? 0
        // Nobody sees the headers of another process.
        let head = rows.left >= 30 && host.kernel == nil ? HeadPanel.height : 0
        // In a wide window DNS is beside the sockets and needs its rows.
        let bands = InspectorBands(
            rows: rows.left - head - reservedForEvents(rows.left), advice: advice,
            sockets: max(open, isWide ? 6 : 1) + 2)
        drawSockets(in: rows.top(bands.sockets), on: &canvas)
        drawLatency(in: rows.top(bands.latency), on: &canvas)
        drawCloses(in: rows.top(bands.closes), on: &canvas)
        let events = eventRows(spare: rows.left - head - max(1, advice) - 1)
        AdvicePanel.draw(host, model, in: rows.top(rows.left - head - events), on: &canvas)
        EventsPanel.drawHost(host, model, in: rows.top(events), on: &canvas)
        HeadPanel.draw(host, isOfMetrics: model.isOfMetrics, in: rows.top(head), on: &canvas)
    }

    /// In a tall window the last events of the host have their place, if there are any.
    private func reservedForEvents(_ rows: Int) -> Int {
        let count = model.picture.events(of: host.id).count
        guard rows >= 30, count > 0 else { return 0 }
        switch model.eventLines {
        case .hidden: return 0
        case .auto: return min(count, 2) + 1
        case .many: return min(count, 6) + 1
        }
    }

    /// The events of the host take what advice leaves; asked for (`l`), they come before all but its first line.
    private func eventRows(spare: Int) -> Int {
        let count = model.picture.events(of: host.id).count
        switch model.eventLines {
        case .hidden: return 0
        case .auto: return count > 0 && spare >= 2 ? min(spare, count + 1) : 0
        case .many: return max(0, min(10, spare))
        }
    }

    private func drawSockets(in band: Rect, on canvas: inout Canvas) {
        let halves = Halves(band, left: isWide ? 68 : 100)
        SocketsPanel.draw(host, model, in: halves.left, on: &canvas)
        let spare = halves.right.height - DNSPanel.rows(host, model)
        let deaths = spare >= IdleDeathsPanel.leastHeight ? min(spare, 6) : 0
        let names = halves.right.height - deaths
        DNSPanel.draw(host, model, in: halves.right.rows(0, names), on: &canvas)
        IdleDeathsPanel.draw(host, model, in: halves.right.below(names), on: &canvas)
    }

    private func drawLatency(in band: Rect, on canvas: inout Canvas) {
        let halves = Halves(band, left: isWide ? 68 : 60)
        if host.kernel != nil {
            // Durations of a watched process are not known, and the kernel's own figures take their place.
            KernelPanel.draw(host, model, in: halves.left, on: &canvas)
            OwnersPanel.draw(host, model, in: halves.right, on: &canvas)
            return
        }
        LatencyPanel.draw(host, model, in: halves.left, on: &canvas)
        if isWide {
            HeatPanel.draw(host, model, in: halves.right, on: &canvas)
        } else {
            PhasesPanel.draw(host, model, in: halves.right, on: &canvas)
        }
    }

    private func drawCloses(in band: Rect, on canvas: inout Canvas) {
        let halves = Halves(band, left: isWide ? 58 : 50)
        ClosesPanel.draw(host, model, in: halves.left, on: &canvas)
        if isWide {
            LimitsPanel.draw(host, model, in: halves.right, on: &canvas)
        } else {
            DNSPanel.draw(host, model, in: halves.right, on: &canvas)
        }
    }
}

/// How the rows of the inspector are shared out.
private struct InspectorBands {
    var sockets = 0
    var latency = 0
    var closes = 0

    /// `advice` and `sockets` are how many rows all of it would take.
    init(rows: Int, advice: Int, sockets most: Int) {
        var left = rows
        func take(_ wanted: Int, least: Int) -> Int {
            let taken = left >= wanted ? wanted : left >= least ? left : 0
            left -= taken
            return taken
        }
        sockets = take(min(most, 8, max(5, rows * 2 / 5)), least: 3)
        latency = take(rows >= 26 ? 8 : 5, least: 4)
        _ = take(min(max(1, advice), rows >= 26 ? 6 : 3) + 1, least: 2)
        closes = take(rows >= 26 ? 8 : 5, least: 4)
        // The remaining rows make the lists longer, the longest list first.
        let more = min(left, max(0, most - sockets))
        sockets += more
        left -= more
        if closes > 0 { closes += take(min(left, 4), least: 0) }
        latency += take(min(left, 4), least: 0)
    }
}

/// Two panels side by side. The right one is empty where the left takes everything.
private struct Halves {
    var left: Rect
    var right: Rect

    init(_ rect: Rect, left percent: Int) {
        let width = percent >= 100 ? rect.width : (rect.width - 2) * percent / 100
        left = rect.left(width)
        right = rect.right(from: min(rect.width, width + 2))
    }
}
