import Experiment
import PlainDocuments

/// The fourth chart: new connections per second to each downstream, as strips with an intensity that shows the rate.
struct OpeningsFigure {
    let timeline: WindowTimeline
    let comparison: Comparison

    private static let rowHeight = 22.0
    private static let columns = 240

    var svg: String {
        var frame = ChartFrame(timeline)
        frame.left = 110
        frame.right = 190
        frame.height = Double(timeline.hosts.count) * Self.rowHeight + frame.top + frame.bottom
        let columns = Self.columns(timeline.points, hosts: timeline.hosts.count)
        let peak = columns.flatMap(\.rates).max() ?? 0
        let rows = timeline.hosts.enumerated().map { index, name -> String in
            let y = frame.top + Double(index) * Self.rowHeight
            let cells = columns.map { column -> String in
                guard peak > 0, column.rates[index] > 0 else { return "" }
                // The square root keeps low rates visible beside high ones.
                return Markup.rect(
                    x: frame.x(column.start), y: y + 2, width: frame.x(column.end) - frame.x(column.start) + 0.3,
                    height: Self.rowHeight - 4, kind: "cell", opacity: (column.rates[index] / peak).squareRoot())
            }
            let figure = comparison.hosts.first { $0.name == name }?.connectionsPerSecond
            let label =
                "A \(ComparisonWords.value(figure?.a, .perSecond))  B \(ComparisonWords.value(figure?.b, .perSecond))"
            return Markup.text(PlainText.cut(name, to: 16), x: frame.left - 8, y: y + 15, anchor: "end")
                + cells.joined() + Markup.text(label, x: frame.plotRight + 10, y: y + 15, kind: "tick")
        }
        return frame.svg("New connections per second by downstream over time", rows.joined())
    }

    private struct Column {
        var start: Double
        var end: Double
        /// The rates by host.
        var rates: [Double]
    }

    /// Adjacent points combined into as many columns as can be distinguished.
    private static func columns(_ points: [TimelinePoint], hosts: Int) -> [Column] {
        let size = max(1, (points.count + columns - 1) / columns)
        return stride(from: 0, to: points.count, by: size).map { start in
            let part = points[start..<min(points.count, start + size)]
            let seconds = part.reduce(0) { $0 + $1.seconds }
            let end = part.last?.time ?? 0
            let rates = (0..<hosts).map { host in
                let opened = part.reduce(0) {
                    $0 + ($1.openedByHost.indices.contains(host) ? $1.openedByHost[host] : 0)
                }
                return seconds > 0 ? Double(opened) / seconds : 0
            }
            return Column(start: end - seconds, end: end, rates: rates)
        }
    }
}
