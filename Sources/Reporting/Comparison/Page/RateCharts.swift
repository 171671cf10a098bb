import Glibc
import PlainDocuments

/// Requests, connections and DNS queries over time.
struct RateCharts {
    let timeline: WindowTimeline

    /// The first chart: new connections drop while the rate of requests is steady.
    var requestsAndConnections: String {
        let frame = ChartFrame(timeline)
        let peak =
            timeline.points.compactMap { max($0.rate($0.requests) ?? 0, $0.rate($0.connectionsOpened) ?? 0) }
            .max() ?? 0
        let step = ChartFrame.step(max(peak, 1) / 4)
        let top = (max(peak, 1) / step).rounded(.up) * step
        func y(_ value: Double) -> Double { frame.plotBottom - frame.plotHeight * value / top }
        let levels = stride(from: 0, through: top, by: step).map { frame.level(NumberFormat.count($0), y: y($0)) }
        let connections = frame.steps({ $0.rate($0.connectionsOpened) }, y: y)
        let fill =
            connections.isEmpty
            ? "" : connections + "V\(Markup.number(frame.plotBottom))H\(Markup.number(frame.left))Z"
        let requests = frame.steps({ $0.rate($0.requests) }, y: y)
        return frame.svg(
            "HTTP requests and new TCP connections per second over time",
            levels.joined() + Markup.element("path", ["d": fill, "class": "tcp-fill"])
                + Markup.element("path", ["d": connections, "class": "tcp line"])
                + Markup.element("path", ["d": requests, "class": "http line"]))
    }

    /// The second chart: three rates that are equal in one arm and decades apart in the other.
    var threeRates: String {
        let frame = ChartFrame(timeline)
        let rates = timeline.points.flatMap {
            [$0.rate($0.requests), $0.rate($0.connectionsOpened), $0.rate($0.dnsQueries)]
        }
        let peak = rates.compactMap { $0 }.max() ?? 0
        let decades = max(1, log10(max(peak, 10)).rounded(.up))
        // Zero has a place of its own below the decade of one.
        let unit = frame.plotHeight / (decades + 0.5)
        func y(_ value: Double) -> Double {
            value < 1 ? frame.plotBottom - 0.5 * unit * value : frame.plotBottom - (0.5 + log10(value)) * unit
        }
        let levels =
            [frame.level("0", y: y(0))]
            + (0...Int(decades)).map { decade in
                frame.level(NumberFormat.count(pow(10, Double(decade))), y: y(pow(10, Double(decade))))
            }
        let lines: [(kind: String, count: (TimelinePoint) -> Int)] = [
            ("tcp", \.connectionsOpened), ("dns", \.dnsQueries), ("http", \.requests),
        ]
        let paths = lines.map { line in
            let path = frame.steps({ $0.rate(line.count($0)) }, y: y)
            return Markup.element("path", ["d": path, "class": "\(line.kind) line"])
        }
        return frame.svg(
            "HTTP requests, new TCP connections and DNS queries per second over time, on a logarithmic scale",
            levels.joined() + paths.joined())
    }
}
