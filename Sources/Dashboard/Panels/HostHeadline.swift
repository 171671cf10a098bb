import PoolModel

/// The figures of one host.
enum HostHeadline {
    static func draw(_ host: HostSnapshot, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let window = model.picture.window(host.id)
        let failed = window.failedShare ?? 0
        var parts = [
            part("REQ", Numbers.rate(window.requestsPerSecond), "/s", .demand, 6, rank: 0),
            part("NEW", Numbers.rate(window.openedPerSecond), "/s", .fresh, 6, rank: 1),
            part("REUSE", Numbers.percent(window.reuse), "", .text, 5, rank: 2),
            part("p50", Numbers.duration(window.p50), "", .text, 7, rank: 4),
            part("p99", Numbers.duration(window.p99), "", .text, 7, rank: 3),
            part("ERR", Numbers.percent(window.failedShare), "", failed >= 0.02 ? .bad : .text, 5, rank: 3),
        ]
        if let cause = host.lastConnectFailure {
            parts.append(part("!", host.label(of: cause), "", .bad, 0, rank: 0))
        } else if host.isTLS, host.metrics.tls.handshakes > 0 {
            let share = Double(host.metrics.tls.resumed) / Double(host.metrics.tls.handshakes)
            parts.append(part("TLS resumed", Numbers.percent(share), "", .text, 5, rank: 6))
        }
        let statuses = Self.statuses(host)
        if !statuses.isEmpty { parts.append(part("5xx", statuses, "", .warn, 0, rank: 7)) }
        let upper = rect.height > 1 ? Array(parts.prefix(3)) : parts
        canvas.parts(upper, in: rect, x: 1, end: rect.width, gap: 2)
        if rect.height > 1 { canvas.parts(Array(parts.dropFirst(3)), in: rect, x: 1, end: rect.width, y: 1, gap: 2) }
    }

    /// Responses that say that the server failed, of all responses; empty where there are none.
    private static func statuses(_ host: HostSnapshot) -> String {
        var all = 0
        var failures = 0
        for (status, count) in host.metrics.statuses {
            all += count
            if status >= 500 { failures += count }
        }
        return failures > 0 ? Numbers.percent(Double(failures) / Double(all)) : ""
    }

    private static func part(
        _ name: String, _ figure: String, _ unit: String, _ role: Role, _ least: Int, rank: Int
    ) -> LinePart {
        LinePart(
            [Span(name + " ", .label), Span(figure, role, .bold), Span(figure == "-" ? "" : unit, .label)],
            rank: rank, leastWidth: name.utf8.count + 1 + least + unit.utf8.count)
    }

    /// `███▒▒▒░░░░  █ active 3   ▒ idle 9   · waiting 0   12 of 64`.
    static func drawBar(_ host: HostSnapshot, in rect: Rect, on canvas: inout Canvas) {
        let glyphs = canvas.glyphs
        let connections = host.metrics.connections
        let width = min(32, rect.width / 3)
        let scale = max(1, max(host.maxSockets, connections.open))
        let active = SocketBar.cells(connections.active, of: scale, width)
        let idle = min(width - active, SocketBar.cells(connections.idle, of: scale, width))
        for x in 0..<width {
            let cell =
                x < active
                ? glyphs.solid(role: .text)
                : x < active + idle ? Cell(glyphs.idle) : Cell(glyphs.free, role: .axis, style: .dim)
            canvas.cell(cell, in: rect, x: 1 + x, y: 0)
        }
        var legend = [
            LinePart([Span("\(connections.open) of \(host.maxSockets)", .text, .bold)], rank: 0),
            LinePart(
                [
                    Span(glyphs.kind == .ascii ? "#" : " ", .text, glyphs.kind == .ascii ? [] : .reverse),
                    Span(" active ", .label), Span("\(connections.active)", .text, .bold),
                ], rank: 1, leastWidth: 11),
            LinePart(
                [Span("\(glyphs.idle) idle ", .label), Span("\(connections.idle)", .text, .bold)], rank: 2,
                leastWidth: 10),
        ]
        if connections.connecting > 0 {
            legend.append(LinePart([Span("connecting ", .label), Span("\(connections.connecting)")], rank: 4))
        }
        let queued = host.metrics.requests.queued
        let wait = host.oldestWaitSeconds.map { " (oldest \(Numbers.duration($0)))" } ?? ""
        legend.append(
            LinePart(
                [
                    Span("\(glyphs.waiting) waiting ", .label),
                    Span("\(queued)\(queued > 0 ? wait : "")", queued > 0 ? .warn : .text, .bold),
                ], rank: 3))
        canvas.parts(legend, in: rect, x: width + 3, end: rect.width, gap: 2)
    }
}
