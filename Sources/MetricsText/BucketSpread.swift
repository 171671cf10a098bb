internal import PoolModel

/// Makes a distribution of classic buckets. Where in its bucket a duration lay is not known, so each bucket's are spread
/// evenly over it, as Prometheus does for its quantiles: the counts are exact, percentiles an estimate.
enum BucketSpread {
    /// The parts that a bucket is divided into, one less than a power of two.
    private static let parts = 31

    /// The order in which the parts are filled: the middle first, then the quarters and so on. A part never has less when
    /// there is more in the bucket, so the difference between two distributions is one, too.
    private static let order: [Int] = {
        var order: [Int] = []
        var step = (parts + 1) / 2
        while step >= 1 {
            order += stride(from: step, through: parts, by: 2 * step)
            step /= 2
        }
        return order
    }()

    /// - Parameters:
    ///   - bounds: upper bounds in seconds with the cumulative counts, in any order; the last bucket's is infinite.
    ///   - sum: in seconds; nil if it is not known, and the middles of the parts are taken for it.
    /// - Returns: nil if nothing was counted, or the buckets are not cumulative.
    static func histogram(_ bounds: [(bound: Double, count: Int)], sum: Double?) -> LatencyHistogram? {
        var counts: [Int: Int] = [:]
        var lower = 0.0
        var before = 0
        var edges: (low: UInt64, high: UInt64)?
        var estimatedSum = 0.0
        for (bound, cumulative) in bounds.sorted(by: { $0.bound < $1.bound }) {
            let count = cumulative - before
            guard count >= 0, bound >= 0 else { return nil }
            // Beyond the last bound all that is known is that it was exceeded.
            let upper = bound.isFinite ? bound : lower * 1.02 + 0.000_001
            if count > 0 {
                for (place, part) in order.enumerated() where count > place {
                    let share = (count - place - 1) / parts + 1
                    let seconds = lower + (upper - lower) * Double(part) / Double(parts + 1)
                    counts[index(of: seconds, above: lower), default: 0] += share
                    estimatedSum += seconds * Double(share)
                }
                edges = (edges?.low ?? nanoseconds(lower), nanoseconds(upper))
            }
            (lower, before) = (upper, cumulative)
        }
        guard let edges else { return nil }
        return make(counts, edges, sum ?? estimatedSum)
    }

    private static func nanoseconds(_ seconds: Double) -> UInt64 {
        UInt64(min(max(0, seconds * 1e9), Double(HistogramBuckets.highest)).rounded())
    }

    /// The histogram's bucket that lies above a bound, even if the bound is inside of one.
    private static func index(of seconds: Double, above bound: Double) -> Int {
        let index = HistogramBuckets.index(of: nanoseconds(seconds))
        guard bound > 0 else { return index }
        return min(max(index, HistogramBuckets.index(of: nanoseconds(bound)) + 1), HistogramBuckets.count - 1)
    }

    private static func make(
        _ counts: [Int: Int], _ edges: (low: UInt64, high: UInt64), _ sum: Double
    ) -> LatencyHistogram? {
        var runs: [Int] = []
        var next = 0
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            if bucket > next { runs.append(next - bucket) }
            runs.append(count)
            next = bucket + 1
        }
        let top = HistogramBuckets.top(of: next - 1)
        let edges = LatencyHistogram.Edges(
            minNanoseconds: Int64(edges.low),
            maxNanoseconds: Int64(min(max(edges.high, top), HistogramBuckets.highest)),
            sumNanoseconds: min(max(0, sum * 1e9), 9e18))
        var histogram = LatencyHistogram()
        guard let counts = BucketCounts(runs: runs), histogram.add(counts, edges: edges) else { return nil }
        return histogram
    }
}
