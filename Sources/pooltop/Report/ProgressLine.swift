import PoolModel

/// One line on a terminal that is written over while a run goes on: how far it is and how it goes.
struct ProgressLine {
    /// A line that changes more often cannot be read.
    private static let leastSeconds = 0.5
    private let seconds: Double
    private let load: LoadPlan
    private let tlsWeakness: TLSWeakness
    private var start: Double?
    private var shown: AgentSnapshot?

    init(interval: Duration, load: LoadPlan, tlsWeakness: TLSWeakness = TLSWeakness()) {
        self.tlsWeakness = tlsWeakness
        seconds = max(Self.leastSeconds, interval.asSeconds)
        self.load = load
    }

    /// What to show for a new snapshot; nil: nothing new yet.
    mutating func update(_ snapshot: AgentSnapshot) -> String? {
        let start = self.start ?? snapshot.uptimeSeconds
        self.start = start
        guard let before = shown else {
            shown = snapshot
            return nil
        }
        // Snapshots come at a beat of their own; half a millisecond early is on time.
        guard snapshot.uptimeSeconds - before.uptimeSeconds >= seconds - 0.0005 else { return nil }
        shown = snapshot
        let figures = Self.text(
            MetricsWindow(from: before, to: snapshot), elapsed: snapshot.uptimeSeconds - start, load: load)
        return tlsWeakness.mark + figures
    }

    static func text(_ window: MetricsWindow, elapsed: Double, load: LoadPlan) -> String {
        let metrics = window.totals.metrics
        func rate(_ count: Int) -> String {
            Figures.rate(window.seconds > 0 ? Double(count) / window.seconds : nil) + "/s"
        }
        let time = Figures.duration(elapsed) + (load.totalDuration.map { " of \(DurationText.format($0))" } ?? "")
        let isWarmingUp = elapsed < load.warmUp.asSeconds
        let parts = [
            time + (isWarmingUp ? " (warm-up)" : ""), "requests \(rate(metrics.requests.finished))",
            "reuse \(Figures.percent(metrics.requests.reuseRatio))",
            "new connections \(rate(metrics.connections.opened))", "DNS \(rate(window.dns.queries))",
            "p99 \(Figures.duration(metrics.latency.response.seconds(atPercentile: 99)))",
            "failed \(Figures.count(metrics.requests.failed))",
        ]
        return parts.joined(separator: "  ")
    }
}
