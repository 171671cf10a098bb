import Experiment
import Glibc
import PlainDocuments

/// Every ratio with its interval on one logarithmic scale; values to the left of 1 are lower in B.
struct RatioFigure {
    let comparison: Comparison
    let equivalence: Double

    private static let rowHeight = 26.0
    private static let left = 210.0
    private static let right = 200.0
    private static let top = 22.0

    private var rows: [(label: String, figure: MetricComparison)] {
        comparison.metrics.filter {
            $0.comparison.ratio != nil && $0.comparison.interval != nil && !$0.comparison.isEmpty
        }
        .map { ($0.metric.label, $0.comparison) }
    }

    var svg: String {
        let rows = rows
        let height = Self.top + Double(rows.count) * Self.rowHeight + 12
        let axis = Axis(rows.map(\.figure), from: Self.left, to: ChartFrame.width - Self.right)
        let equal = (axis.x(1 - equivalence), axis.x(1 / (1 - equivalence)))
        var content = Markup.rect(
            x: equal.0, y: Self.top, width: max(2, equal.1 - equal.0), height: height - Self.top - 6, kind: "equal")
        for tick in axis.ticks {
            let x = axis.x(tick)
            content += Markup.line(x1: x, y1: Self.top, x2: x, y2: height - 6, kind: tick == 1 ? "axis" : "grid")
            content += Markup.text(Self.tickText(tick), x: x, y: Self.top - 8, anchor: "middle", kind: "tick")
        }
        for (index, row) in rows.enumerated() {
            content += self.row(row.label, row.figure, y: Self.top + (Double(index) + 0.6) * Self.rowHeight, axis)
        }
        return Markup.element(
            "svg",
            [
                "viewBox": "0 0 \(Markup.number(ChartFrame.width)) \(Markup.number(height))", "role": "img",
                "aria-label": "Ratios of B to A with their 95 % intervals",
            ], content)
    }

    private func row(_ label: String, _ figure: MetricComparison, y: Double, _ axis: Axis) -> String {
        guard let interval = figure.interval, let ratio = figure.ratio else { return "" }
        let kind = comparison.isComparable ? figure.verdict.rawValue : "undecided"
        let words = "\(ComparisonWords.ratio(ratio))  (\(ComparisonWords.interval(interval)))"
        return Markup.text(label, x: Self.left - 14, y: y + 4, anchor: "end")
            + Markup.line(x1: axis.x(interval.low), y1: y, x2: axis.x(interval.high), y2: y, kind: "spread \(kind)")
            + Markup.element(
                "circle",
                ["cx": Markup.number(axis.x(ratio)), "cy": Markup.number(y), "r": "4.5", "class": "dot \(kind)"])
            + Markup.text(words, x: ChartFrame.width - Self.right + 14, y: y + 4, kind: "tick")
    }

    private static func tickText(_ tick: Double) -> String {
        tick < 1 ? NumberFormat.decimals(tick, Int((-log10(tick)).rounded(.up))) : NumberFormat.count(tick)
    }

    /// The decades from the lowest bound to the highest; values outside of five decades are drawn at the edge.
    private struct Axis {
        private let low: Double
        private let high: Double
        private let from: Double
        private let to: Double

        init(_ figures: [MetricComparison], from: Double, to: Double) {
            let bounds = figures.flatMap { figure in
                [figure.ratio, figure.interval?.low, figure.interval?.high].compactMap { $0 }
            }.filter { $0 > 0 && $0.isFinite }.map(log10)
            low = max(-4, min(-0.31, (bounds.min() ?? -1) - 0.05))
            high = min(4, max(0.31, (bounds.max() ?? 1) + 0.05))
            (self.from, self.to) = (from, to)
        }

        func x(_ ratio: Double) -> Double {
            let place = ratio > 0 ? log10(ratio) : low
            return from + (to - from) * (min(max(place, low), high) - low) / (high - low)
        }

        var ticks: [Double] {
            let decades = (Int(low.rounded(.up))...Int(high.rounded(.down))).map { pow(10, Double($0)) }
            return decades.count > 2 ? decades : (decades + [0.5, 2]).filter { log10($0) >= low && log10($0) <= high }
        }
    }
}
