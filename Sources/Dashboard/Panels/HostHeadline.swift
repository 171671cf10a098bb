import PoolModel
import Wording

/// The figures of one host.
enum HostHeadline {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let window = model.picture.window(host.id)
        let failed = window.unsuccessfulShare.value ?? 0
        var parts = [
            part("REQ", Numbers.rate(window.requestsPerSecond), "/s", .demand, 6, rank: 0)
        ]
        if window.isBehind {
            parts.append(part("answered", Numbers.rate(window.answeredPerSecond), "/s", .warn, 4, rank: 1))
        }
        parts += [
            part("NEW", Numbers.rate(window.openedPerSecond), "/s", .fresh, 6, rank: 1),
            part("REUSE", Numbers.share(window.reused, of: window.exchanges), "", .text, 5, rank: 2),
            part("p50", Numbers.duration(window.quantile50), "", .text, 7, rank: 4),
            part("p99", Numbers.duration(window.quantile99), "", .text, 7, rank: 3),
            part("ERR", HostColumn.errors(window).text, "", failed >= 0.02 ? .bad : .text, 5, rank: 3),
        ]
        if let cause = host.lastConnectFailure {
            parts.append(part("!", host.label(of: cause), "", .bad, 0, rank: 0))
        } else if host.isTLS, host.metrics.handshakes.value ?? 0 > 0 {
            let share = Numbers.share(host.metrics.resumed, of: host.metrics.handshakes)
            parts.append(part("TLS resumed", share, "", .text, 5, rank: 6))
        }
        let upper = rect.height > 1 ? Array(parts.prefix(window.isBehind ? 4 : 3)) : parts
        canvas.parts(upper, in: rect, x: 1, end: rect.width, gap: 2)
        if rect.height > 1 {
            canvas.parts(Array(parts.dropFirst(upper.count)), in: rect, x: 1, end: rect.width, y: 1, gap: 2)
        }
    }

    private static func part(
        _ name: String, _ figure: String, _ unit: String, _ role: Role, _ least: Int, rank: Int
    ) -> LinePart {
        LinePart(
            [Span(name + " ", .label), Span(figure, role, .bold), Span(isWithoutUnit(figure) ? "" : unit, .label)],
            rank: rank, leastWidth: name.utf8.count + 1 + least + unit.utf8.count)
    }

    /// `silent 14 s`; nil where something came a moment ago, or nothing is waited for.
    private static func silence(_ host: ShownHost) -> String? {
        if let seconds = host.silentSeconds { return "silent \(Numbers.duration(seconds))" }
        return host.bodySilentSeconds.map { "bodies stall \(Numbers.duration($0))" }
    }

    /// `███▒▒▒░░░░  █ active 3   ▒ idle 9   · waiting 0   12 of 64`.
    static func drawBar(_ host: ShownHost, in rect: Rect, on canvas: inout Canvas) {
        let glyphs = canvas.glyphs
        let metrics = host.metrics
        let width = min(32, rect.width / 3)
        let scale = SocketBar.scale(host)
        let active = SocketBar.cells(metrics.active.value ?? 0, of: scale, width)
        let idle = min(width - active, SocketBar.cells(metrics.idle.value ?? 0, of: scale, width))
        // Where it is not known which are busy there is no bar to draw.
        let isKnown = !metrics.active.isUnknown
        for x in 0..<(isKnown ? width : 0) {
            let cell =
                x < active
                ? glyphs.solid(role: .text)
                : x < active + idle ? Cell(glyphs.idle) : Cell(glyphs.free, role: .axis, style: .dim)
            canvas.cell(cell, in: rect, x: 1 + x, y: 0)
        }
        var legend = [
            LinePart(
                [Span("\(Numbers.count(metrics.open)) of \(Numbers.count(host.maxSockets))", .text, .bold)], rank: 0),
            LinePart(
                [
                    Span(glyphs.kind == .ascii ? "#" : " ", .text, glyphs.kind == .ascii ? [] : .reverse),
                    Span(" active ", .label), Span(Numbers.count(metrics.active), .text, .bold),
                ], rank: 1, leastWidth: 11),
            LinePart(
                [Span("\(glyphs.idle) idle ", .label), Span(Numbers.count(metrics.idle), .text, .bold)], rank: 2,
                leastWidth: 10),
        ]
        if metrics.connecting.value ?? 0 > 0 {
            legend.append(LinePart([Span("connecting ", .label), Span(Numbers.count(metrics.connecting))], rank: 4))
        }
        let queued = metrics.queued.value ?? 0
        let wait = host.oldestWaitSeconds.map { " (oldest \(Numbers.duration($0)))" } ?? ""
        if let silence = silence(host) { legend.append(LinePart([Span(silence, .bad, .bold)], rank: 1)) }
        legend.append(
            LinePart(
                [
                    Span("\(glyphs.waiting) waiting ", .label),
                    Span(Numbers.count(metrics.queued) + (queued > 0 ? wait : ""), queued > 0 ? .warn : .text, .bold),
                ], rank: 3))
        canvas.parts(legend, in: rect, x: width + 3, end: rect.width, gap: 2)
    }
}
