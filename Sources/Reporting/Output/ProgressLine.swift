import PlainDocuments
import PoolModel
package import SessionConfig

/// How long a run is to last, for its progress line.
package struct PlannedTime: Sendable {
    package var warmUp = Duration.zero
    /// The warm-up and the measured time; nil: until stopped.
    package var total: Duration?

    package init(warmUp: Duration = .zero, total: Duration? = nil) {
        self.warmUp = warmUp
        self.total = total
    }

    package init(_ load: LoadPlan) { self.init(warmUp: load.warmUp, total: load.totalDuration) }
}

/// A line on the terminal that is overwritten during a run, with its progress and its most important figures.
struct ProgressLine {
    /// A line that changes more often is unreadable.
    private static let minimumSeconds = 0.5
    private let seconds: Double
    private let time: PlannedTime
    private let tlsWeakness: TLSWeakness
    private var start: Double?
    private var shown: AgentSnapshot?

    init(interval: Duration, time: PlannedTime, tlsWeakness: TLSWeakness = TLSWeakness()) {
        self.tlsWeakness = tlsWeakness
        seconds = max(Self.minimumSeconds, interval.asSeconds)
        self.time = time
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
            MetricsWindow(from: before, to: snapshot), elapsed: snapshot.uptimeSeconds - start, time: time)
        return tlsWeakness.mark + figures
    }

    /// A figure that its source does not know is left out, because there is little room.
    static func text(_ window: MetricsWindow, elapsed: Double, time: PlannedTime) -> String {
        let known = window.totals.known
        func rate(_ count: Figure<Int>) -> String { window.perSecond(count).text { NumberFormat.rate($0) } + "/s" }
        let clock = NumberFormat.duration(elapsed) + (time.total.map { " of \(DurationText.format($0))" } ?? "")
        let isWarmingUp = elapsed < time.warmUp.asSeconds
        let parts: [(text: String, isUnknown: Bool)] = [
            (clock + (isWarmingUp ? " (warm-up)" : ""), false),
            (
                known.isBehind
                    ? "requests \(rate(known.started)), answered \(rate(known.succeeded))"
                    : "requests \(rate(known.finished))", known.finished.isUnknown
            ),
            (
                "reuse \(NumberFormat.share(known.onReusedConnection, of: known.exchanges))",
                known.onReusedConnection.isUnknown
            ),
            ("new connections \(rate(known.opened))", known.opened.isUnknown),
            ("DNS \(rate(window.dns(\.queries)))", window.dns(\.queries).isUnknown),
            ("p99 \(NumberFormat.duration(known.response.percentile(99)))", known.response.isUnknown),
            ("failed \(NumberFormat.count(known.failed))", known.failed.isUnknown),
        ]
        return parts.filter { !$0.isUnknown }.map(\.text).joined(separator: "  ")
    }
}
