internal import PoolModel

/// The buckets of distributions as they were last written. Most hosts are idle between two scrapes, and counting a
/// distribution anew costs more than everything else about it.
struct BucketCache: Sendable {
    private struct Entry {
        var count: Int
        var mean: Double
        var cumulative: [Int]
        var generation: Int
    }

    private var entries: [Int: Entry] = [:]
    private var generation = 0

    /// `DurationBuckets.cumulative`. `host` is nil for a sum of hosts, which may be of others next time.
    mutating func cumulative(_ histogram: LatencyHistogram, host: Int?, row: Int) -> [Int] {
        guard let host, let mean = histogram.meanSeconds else { return DurationBuckets.cumulative(histogram) }
        let key = host * LatencySet.rows.count + row
        // A distribution only grows, so with the same count and mean it is the same.
        if let known = entries[key], known.count == histogram.count, known.mean == mean {
            entries[key]?.generation = generation
            return known.cumulative
        }
        let cumulative = DurationBuckets.cumulative(histogram)
        entries[key] = Entry(count: histogram.count, mean: mean, cumulative: cumulative, generation: generation)
        return cumulative
    }

    /// Call it after each text, so that hosts that are gone take no memory.
    mutating func forgetUnused() {
        let now = generation
        if entries.contains(where: { $0.value.generation != now }) {
            entries = entries.filter { $0.value.generation == now }
        }
        generation += 1
    }
}
