import PoolModel
import Wording

/// The figures of the whole agent in one line, over the last ten seconds; counts as they are now.
enum Headline {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let picture = model.picture
        guard let snapshot = picture.snapshot else {
            canvas.text(model.waitingText, in: rect, x: 1, role: .label)
            return
        }
        let isWide = rect.width >= 110
        let total = picture.total
        let waiting = snapshot.sum(\.queued)
        let isWaiting = waiting.value ?? 0 > 0
        let oldest = snapshot.hosts.compactMap(\.oldestWaitSeconds).max()
        let wide = isWide ? 6 : 5
        var parts = failing(picture).map { [LinePart([$0], rank: 0)] } ?? []
        parts += [
            part("HTTP", Numbers.rate(total.requestsPerSecond), "/s", .demand, wide, rank: 0)
        ]
        if total.isBehind {
            parts.append(part("answered", Numbers.rate(total.answeredPerSecond), "/s", .warn, 4, rank: 1))
        }
        parts += [
            part(isWide ? "new TCP" : "TCP", Numbers.rate(total.openedPerSecond), "/s", .fresh, wide, rank: 1),
            part("DNS", Numbers.rate(picture.queriesPerSecond), "/s", .lookup, isWide ? 5 : 4, rank: 2),
            part("reuse", Numbers.share(total.reused, of: total.exchanges), "", .text, 5, rank: 3),
        ]
        let wait = Numbers.shortCount(waiting) + (isWaiting ? oldest.map { " \(Numbers.wait($0))" } ?? "" : "")
        let failed = total.unsuccessfulShare.value ?? 0
        let waitRole: Role = isWaiting ? .warn : .text
        let errorRole: Role = failed >= 0.01 ? .bad : .text
        if rect.width >= 120 {
            parts.append(part("active", Numbers.count(snapshot.sum(\.active)), "", .text, 3, rank: 6))
            parts.append(part("idle", Numbers.count(snapshot.sum(\.idle)), "", .text, 3, rank: 7))
        } else {
            parts.append(part("open", Numbers.count(snapshot.sum(\.open)), "", .text, 3, rank: 6))
        }
        if isWide || isWaiting { parts.append(part("wait", wait, "", waitRole, isWide ? 10 : 1, rank: 3)) }
        parts += [
            part("p99", Numbers.duration(total.quantile99), "", .text, isWide ? 6 : 5, rank: 5),
            // Where many fail, that is said before anything that only describes the load.
            part("err", HostColumn.errors(total).text, "", errorRole, isWide ? 5 : 4, rank: failed >= 0.01 ? 1 : 4),
        ]
        canvas.parts(parts, in: rect, x: 1, end: rect.width, gap: 2)
    }

    /// `3 of 17 failing`; nil: none is.
    static func failing(_ picture: DashboardState) -> Span? {
        let failing = picture.failingHosts.count
        guard failing > 0, let all = picture.snapshot?.hosts.count else { return nil }
        return Span("\(Numbers.grouped(failing)) of \(Numbers.grouped(all)) failing", .bad, .bold)
    }

    private static func part(
        _ name: String, _ figure: String, _ unit: String, _ role: Role, _ least: Int, rank: Int
    ) -> LinePart {
        LinePart(
            [Span(name + " ", .label), Span(figure, role, .bold), Span(isWithoutUnit(figure) ? "" : unit, .label)],
            rank: rank,
            leastWidth: name.utf8.count + 1 + least + unit.utf8.count)
    }
}
