/// Totals over restarts of the process that publishes them.
///
/// A counter that goes down has begun again at zero, so what it shows then is what was added. A series that is missing
/// for a while goes on where it was; what it had counted stays in the totals.
struct SeriesTotals: Sendable {
    private struct Series {
        var last: Double
        var generation: Int
    }

    /// A series by two independent hashes of its name and labels: texts as long as these would be most of the memory.
    struct Key: Hashable, Sendable {
        private let first: Int
        private let second: Int

        init(_ sample: MetricSample) {
            first = Self.hash(of: sample, salt: 1)
            second = Self.hash(of: sample, salt: 2)
        }

        private static func hash(of sample: MetricSample, salt: Int) -> Int {
            var hasher = Hasher()
            hasher.combine(salt)
            hasher.combine(sample.name)
            for label in sample.labels {
                hasher.combine(label.name)
                hasher.combine(label.value)
            }
            return hasher.finalize()
        }
    }

    private var series: [Key: Series] = [:]
    private var generation = 0
    private let limit: Int
    /// Series beyond the limit, which are left out.
    private(set) var refused = 0
    /// True if a counter went down since `beginScrape`, or the process is known to be another.
    private(set) var hasRestarted = false

    init(limit: Int) { self.limit = limit }

    mutating func beginScrape(isOtherProcess: Bool) {
        hasRestarted = isOtherProcess
        if isOtherProcess { generation += 1 }
    }

    /// How much a series has grown since it was last seen; all of it if it is new. Nil: it is no count.
    mutating func growth(of key: Key, to value: Double) -> Double? {
        guard value >= 0, value <= HostFacts.most else { return nil }
        guard let known = series[key] else {
            guard series.count < limit else {
                refused += 1
                return nil
            }
            series[key] = Series(last: value, generation: generation)
            return value
        }
        series[key] = Series(last: value, generation: generation)
        if known.generation != generation { return value }
        if value < known.last {
            hasRestarted = true
            return value
        }
        return value - known.last
    }
}
