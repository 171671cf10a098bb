import Experiment
import Glibc
import PlainDocuments

/// The area of a chart over the time of an experiment, and the parts that all charts share: the time axis and the arms.
struct ChartFrame {
    static let width = 880.0
    var height = 190.0
    var left = 64.0
    var right = 16.0
    var top = 18.0
    var bottom = 34.0
    let timeline: WindowTimeline

    init(_ timeline: WindowTimeline) { self.timeline = timeline }

    var seconds: Double { max(timeline.points.last?.time ?? 0, 0.001) }
    var plotBottom: Double { height - bottom }
    var plotHeight: Double { height - bottom - top }
    var plotRight: Double { Self.width - right }

    func x(_ time: Double) -> Double { left + (plotRight - left) * time / seconds }

    /// A complete chart around the given content.
    func svg(_ title: String, _ content: String) -> String {
        Markup.element(
            "svg",
            [
                "viewBox": "0 0 \(Markup.number(Self.width)) \(Markup.number(height))", "role": "img",
                "aria-label": title,
            ], turns + content + timeAxis)
    }

    /// The periods of arm B are shaded; counted windows are bars below the plot.
    private var turns: String {
        let turns = Self.runs(timeline.points) { $0.arm }
        let shades = turns.map { run -> String in
            let (start, end) = (x(run.start), x(run.end))
            let shade =
                run.key == .b
                ? Markup.rect(x: start, y: top, width: end - start, height: plotHeight, kind: "turn") : ""
            guard end - start > 12 else { return shade }
            return shade
                + Markup.text(
                    run.key == .a ? "A" : "B", x: (start + end) / 2, y: top - 6, anchor: "middle",
                    kind: "arm \(run.key.rawValue)")
        }
        let windows = ChartFrame.windows(timeline.points).map { run in
            Markup.rect(
                x: x(run.start), y: plotBottom + 3, width: x(run.end) - x(run.start), height: 3,
                kind: "window \(run.points[0].arm.rawValue)")
        }
        return (shades + windows).joined()
    }

    private var timeAxis: String {
        let step = Self.step(seconds / 8)
        let ticks = stride(from: 0, through: seconds, by: step).map { time in
            Markup.text("\(NumberFormat.count(time)) s", x: x(time), y: plotBottom + 22, anchor: "middle", kind: "tick")
        }
        return Markup.line(x1: left, y1: plotBottom, x2: plotRight, y2: plotBottom, kind: "axis") + ticks.joined()
    }

    /// A horizontal line with its value on the left.
    func level(_ label: String, y: Double) -> String {
        Markup.line(x1: left, y1: y, x2: plotRight, y2: y, kind: "grid")
            + Markup.text(label, x: left - 8, y: y + 4, anchor: "end", kind: "tick")
    }

    /// A step line that holds each value for the duration of its point; nil leaves a gap.
    func steps(_ value: (TimelinePoint) -> Double?, y: (Double) -> Double) -> String {
        var path = ""
        var isDrawing = false
        for point in timeline.points {
            guard let value = value(point) else {
                isDrawing = false
                continue
            }
            let height = Markup.number(y(value))
            path += isDrawing ? "V\(height)" : "M\(Markup.number(x(point.time - point.seconds))) \(height)"
            path += "H\(Markup.number(x(point.time)))"
            isDrawing = true
        }
        return path
    }

    /// The next higher of 1, 2, 5, 10, 20, 50 …
    static func step(_ least: Double) -> Double {
        guard least > 0 else { return 1 }
        let decade = pow(10, log10(least).rounded(.down))
        return [1, 2, 5, 10].map { $0 * decade }.first { $0 >= least * 0.999 } ?? 10 * decade
    }

    /// Consecutive points with the same key.
    struct Run<Key> {
        var key: Key
        var points: [TimelinePoint]
        var start: Double { (points.first?.time ?? 0) - (points.first?.seconds ?? 0) }
        var end: Double { points.last?.time ?? 0 }
    }

    static func runs<Key: Equatable>(
        _ points: [TimelinePoint], by key: (TimelinePoint) -> Key
    ) -> [Run<Key>] {
        points.reduce(into: []) { runs, point in
            if let last = runs.indices.last, runs[last].key == key(point) {
                runs[last].points.append(point)
            } else {
                runs.append(Run(key: key(point), points: [point]))
            }
        }
    }

    /// The windows; a washout lies between two of them.
    static func windows(_ points: [TimelinePoint]) -> [Run<Bool>] { runs(points) { $0.isMeasured }.filter(\.key) }
}

extension TimelinePoint {
    func rate(_ count: Int) -> Double? { seconds > 0 ? Double(count) / seconds : nil }
}
