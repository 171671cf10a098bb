import PoolModel
import Wording

/// Why the connections of one host ended, and how many began.
enum ClosesPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        let all = model.picture.closes(of: host)
        let closes = (all.byReason.value ?? CountsBy()).nonZero.enumerated()
            .sorted { ($0.element.count, -$0.offset) > ($1.element.count, -$1.offset) }.map(\.element)
        let failed = all.dialsFailed.value ?? 0
        let since = model.picture.baseline == nil ? "since start" : "since R"
        canvas.title("Why sockets open and close", note: [Span(since, .label)], in: rect)
        var y = 1
        if rect.height >= 5 {
            // Each is opened for a request that finds no free one; another may be free before it is ready.
            let parts = [
                LinePart([Span("opened ", .label), Span(Numbers.count(all.opened), .text, .bold)], rank: 0),
                LinePart(
                    [Span("for a request ", .label), Span(Numbers.count(all.firstRequests), .text, .bold)], rank: 1),
                LinePart(
                    [
                        Span("not used ", .label),
                        Span(Numbers.count(all.opened.with(all.firstRequests) { max(0, $0 - $1) })),
                    ], rank: 2),
                LinePart([Span("dials failed ", .label), Span(Numbers.count(all.dialsFailed))], rank: 3),
            ]
            canvas.parts(parts, in: rect, x: 1, end: rect.width, y: y)
            y += 1
        }
        let nameWidth = min(30, max(12, rect.width / 2))
        if failed > 0 {
            let cause = host.lastConnectFailure.map { "! \(host.label(of: $0))" } ?? "dials failed"
            line(
                cause, all.dialsFailed, of: max(failed, closes.first?.count ?? 0), .bad, nameWidth, in: rect, y: y,
                on: &canvas)
            y += 1
        }
        if all.byReason.isUnknown {
            canvas.text("\u{2013}  the reasons are not known here", in: rect, x: 1, y: y, role: .label)
        } else if closes.isEmpty, failed == 0 {
            canvas.text("none was closed", in: rect, x: 1, y: y, role: .label)
        }
        let top = max(failed, closes.first?.count ?? 0)
        for (index, entry) in closes.enumerated() {
            guard y < rect.height else { return }
            if y == rect.height - 1, closes.count - index > 1 {
                let rest = closes.dropFirst(index).reduce(0) { $0 + $1.count }
                line(
                    "\(closes.count - index) other reasons", Figure(rest, all.byReason.certainty), of: top, .label,
                    nameWidth, in: rect, y: y,
                    on: &canvas)
                return
            }
            let role: Role = entry.key == .unsolicitedBytes ? .bad : .text
            line(
                entry.key.longLabel, Figure(entry.count, all.byReason.certainty), of: top, role, nameWidth, in: rect,
                y: y,
                on: &canvas)
            y += 1
        }
    }

    private static func line(
        _ name: String, _ count: Figure<Int>, of top: Int, _ role: Role, _ nameWidth: Int, in rect: Rect, y: Int,
        on canvas: inout Canvas
    ) {
        canvas.text(canvas.cut(name, to: nameWidth), in: rect, x: 1, y: y, role: role)
        canvas.rightText(Numbers.count(count), in: rect, end: nameWidth + 9, y: y, style: .bold)
        let width = rect.width - nameWidth - 11
        canvas.bar(
            Double(count.value ?? 0) / Double(max(1, top)), in: rect, x: nameWidth + 10, y: y, width: width,
            role: .fresh)
    }
}

extension Canvas {
    /// A bar from the left in eighths of a cell. Something is never drawn as nothing.
    mutating func bar(_ share: Double, in rect: Rect, x: Int, y: Int, width: Int, role: Role) {
        guard width > 0, share > 0 else { return }
        let eighths = max(1, Int((min(1, share) * Double(width * 8)).rounded()))
        for index in 0..<width where eighths > index * 8 {
            cell(glyphs.bar(eighths: min(8, eighths - index * 8), role: role), in: rect, x: x + index, y: y)
        }
    }
}

extension DashboardState {
    /// How the connections of a host began and ended since the totals are counted.
    func closes(of host: ShownHost) -> HostCloses {
        guard let baseline, baseline.hosts.indices.contains(host.id) else {
            return HostCloses(host.metrics, since: HostReference())
        }
        return HostCloses(host.metrics, since: baseline.hosts[host.id])
    }
}

/// How the connections of a host began and ended.
struct HostCloses {
    var opened: Figure<Int>
    var dialsFailed: Figure<Int>
    /// Requests that were the first on their connection.
    var firstRequests: Figure<Int>
    var byReason: Figure<CountsBy<CloseReason>>

    init(_ host: HostFigures, since before: HostReference) {
        opened = host.opened.map { $0 - before.connections.opened }
        dialsFailed = host.dialFailed.map { $0 - before.connections.dialFailed }
        firstRequests = host.onNewConnection.map { $0 - before.requests.onNewConnection }
        byReason = host.closedByReason.map { $0.since(before.connections.closedByReason) }
    }
}
