import PoolModel
import Wording

/// How long connections had been idle when they were closed, with the limits that servers are known for.
enum IdleDeathsPanel {
    static let leastHeight = 3

    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= leastHeight else { return }
        let deaths = model.picture.idleDeaths(host.id)
        canvas.title("Idle time when closed", note: [Span("seen here", .label)], in: rect)
        guard let top = deaths.counts.max(), top > 0 else {
            canvas.text("none closed while idle", in: rect, x: 1, y: 1, role: .label)
            return
        }
        for (row, index) in chosen(deaths.counts, rows: rect.height - 1).enumerated() {
            let band = IdleBand.all[index]
            let end = canvas.text(band.label, in: rect, x: 1, y: row + 1) + 1
            canvas.text(band.known, in: rect, x: end, y: row + 1, role: .warn)
            canvas.rightText(Numbers.shortCount(deaths.counts[index]), in: rect, end: 17, y: row + 1, style: .bold)
            canvas.bar(
                Double(deaths.counts[index]) / Double(top), in: rect, x: 18, y: row + 1, width: rect.width - 19,
                role: .fresh)
        }
    }

    /// The bands that hold most, in the order of age.
    private static func chosen(_ counts: [Int], rows: Int) -> [Int] {
        let used = counts.indices.filter { counts[$0] > 0 }
        return used.sorted { (counts[$0], -$0) > (counts[$1], -$1) }.prefix(rows).sorted()
    }
}
