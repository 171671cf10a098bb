import PoolModel
import Wording

/// The effect of the last mark: the seconds before it compared with the seconds after it.
struct SinceMark: Sendable, Equatable {
    /// Less than this before the mark is no comparison.
    static let leastSeconds = 3
    /// And less than this after it.
    static let leastSecondsAfter = 1
    /// No more than this long a time before the mark is looked at.
    static let maxSecondsBefore = 30

    /// With fewer events on either side no percentage is shown, because it would be random.
    static let minimumEvents = 20.0

    struct Side: Sendable, Equatable {
        var tcp: Double
        var dns: Double?
        var cpuPerRequest: Double?
        var containers: Double?
        /// The number of seconds that the means cover.
        var seconds: Int
    }
    var label: String
    var before: Side
    var after: Side

    /// Nil until there are enough seconds on both sides. The second of the mark and the next one are excluded, because
    /// connections opened before the change are still being closed in them.
    init?(marks: [Mark], history: Timeline<Second>, capacity: CapacityModel) {
        guard let mark = marks.lastChange, let newest = history.newest else { return nil }
        let previous = marks.last { $0.isChange && $0.second < mark.second - 1 }
        let start = max(mark.second - Self.maxSecondsBefore, (previous?.second ?? -2) + 2)
        guard
            let before = Self.side(start, mark.second, least: Self.leastSeconds, history, capacity),
            let after = Self.side(mark.second + 2, newest + 1, least: Self.leastSecondsAfter, history, capacity)
        else { return nil }
        label = mark.label
        self.before = before
        self.after = after
    }

    private static func side(
        _ low: Int, _ high: Int, least: Int, _ history: Timeline<Second>, _ capacity: CapacityModel
    ) -> Side? {
        guard low < high, history.count(in: low..<high) >= least,
            let http = history.mean(low..<high, { $0.http }), http > 0,
            let tcp = history.mean(low..<high, { $0.tcp })
        else { return nil }
        let dns = history.mean(low..<high) { $0.dns }
        let perRequest = history.mean(low..<high) { $0.cpu }.flatMap { $0 > 0 ? $0 / http : nil }
        return Side(
            tcp: tcp, dns: dns, cpuPerRequest: perRequest,
            containers: capacity.load(requestsPerSecond: http, httpCPUSecondsPerRequest: perRequest),
            seconds: history.count(in: low..<high))
    }

    /// The changes that are worth mentioning, the most important first.
    func parts(_ glyphs: Glyphs) -> [(name: String, change: String)] {
        var parts: [(name: String, change: String)] = []
        func add(_ name: String, _ before: Double?, _ after: Double?) {
            guard let before, let after,
                let change = Numbers.change(from: before, to: after, minus: glyphs.minus, times: glyphs.times)
            else { return }
            parts.append((name, change))
        }
        func addRate(_ name: String, _ rate: (Side) -> Double?) {
            guard let old = rate(before), let new = rate(after) else { return }
            // A drop from many to none is significant; a change between small numbers is random.
            let most = max(old * Double(before.seconds), new * Double(after.seconds))
            if most >= Self.minimumEvents { add(name, old, new) }
        }
        addRate("TCP", \.tcp)
        addRate("DNS", \.dns)
        add("CPU/req", before.cpuPerRequest, after.cpuPerRequest)
        if let old = before.containers, let new = after.containers {
            parts.append(
                ("containers", "\(Numbers.containers(old)) \(glyphs.arrow) \(Numbers.containers(new))"))
        }
        return parts
    }
}
