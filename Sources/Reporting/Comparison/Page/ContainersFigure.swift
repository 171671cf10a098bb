import Experiment
import PlainDocuments
import PoolModel

/// The third chart: the containers needed for each window's CPU per request at the rate of the load.
struct ContainersFigure {
    let timeline: WindowTimeline
    let capacity: Capacity

    var svg: String {
        let frame = ChartFrame(timeline)
        let windows = ChartFrame.windows(timeline.points).compactMap {
            run -> (run: ChartFrame.Run<Bool>, load: Double)? in
            let requests = run.points.reduce(0) { $0 + $1.requests }
            let cpu = run.points.reduce(0) { $0 + $1.agentCPUSeconds }
            guard requests > 0 else { return nil }
            let load = capacity.model.load(
                requestsPerSecond: capacity.requestsPerSecond, httpCPUSecondsPerRequest: cpu / Double(requests))
            return load.map { (run, $0) }
        }
        let most = max(1, windows.map { $0.load.rounded(.up) }.max() ?? 1)
        let step = ChartFrame.step(max(1, most / 5))
        let top = (most / step).rounded(.up) * step
        func y(_ value: Double) -> Double { frame.plotBottom - frame.plotHeight * value / top }
        let levels = stride(from: 0, through: top, by: step).map { frame.level(NumberFormat.count($0), y: y($0)) }
        let bars = windows.map { window -> String in
            let whole = max(1, window.load.rounded(.up))
            let (start, end) = (frame.x(window.run.start), frame.x(window.run.end))
            let arm = window.run.points[0].arm.rawValue
            let exact = NumberFormat.decimals(window.load, 2)
            return Markup.rect(
                x: start, y: y(whole), width: end - start, height: frame.plotBottom - y(whole), kind: "bar \(arm)",
                opacity: 0.35, title: "\(NumberFormat.count(whole)) containers (\(exact))")
                + Markup.line(x1: start, y1: y(window.load), x2: end, y2: y(window.load), kind: "exact \(arm)")
        }
        return frame.svg("Containers needed, window by window", levels.joined() + bars.joined())
    }
}
