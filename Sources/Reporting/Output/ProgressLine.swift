import PlainDocuments
import PoolModel
import SessionConfig

/// A line on the terminal that is overwritten during a run, with its progress and its most important figures.
struct ProgressLine {
    /// A line that changes more often is unreadable.
    private static let minimumSeconds = 0.5
    private let seconds: Double
    private let load: LoadPlan
    private let tlsWeakness: TLSWeakness
    private var start: Double?
    private var shown: AgentSnapshot?

    init(interval: Duration, load: LoadPlan, tlsWeakness: TLSWeakness = TLSWeakness()) {
        self.tlsWeakness = tlsWeakness
        seconds = max(Self.minimumSeconds, interval.asSeconds)
        self.load = load
    }

    /// The text for a new snapshot; nil if it is too early for an update.
    mutating func update(_ snapshot: AgentSnapshot) -> String? {
        let start = self.start ?? snapshot.uptimeSeconds
        self.start = start
        guard let before = shown else {
            shown = snapshot
            return nil
        }
        // Snapshots have their own timer, so half a millisecond early counts as on time.
        guard snapshot.uptimeSeconds - before.uptimeSeconds >= seconds - 0.0005 else { return nil }
        shown = snapshot
        let figures = Self.text(
            MetricsWindow(from: before, to: snapshot), elapsed: snapshot.uptimeSeconds - start, load: load)
        return tlsWeakness.mark + figures
    }

    static func text(_ window: MetricsWindow, elapsed: Double, load: LoadPlan) -> String {
        let known = window.totals.known
        func rate(_ count: Figure<Int>) -> String { window.perSecond(count).text { NumberFormat.rate($0) } + "/s" }
        let time = NumberFormat.duration(elapsed) + (load.totalDuration.map { " of \(DurationText.format($0))" } ?? "")
        let isWarmingUp = elapsed < load.warmUp.asSeconds
        let parts = [
            time + (isWarmingUp ? " (warm-up)" : ""),
            known.isBehind
                ? "requests \(rate(known.started)), answered \(rate(known.succeeded))"
                : "requests \(rate(known.finished))",
            "reuse \(NumberFormat.share(known.onReusedConnection, of: known.exchanges))",
            "new connections \(rate(known.opened))", "DNS \(rate(window.dns(\.queries)))",
            "p99 \(NumberFormat.duration(known.response.percentile(99)))",
            "failed \(NumberFormat.count(known.failed))",
        ]
        return parts.joined(separator: "  ")
    }
}
