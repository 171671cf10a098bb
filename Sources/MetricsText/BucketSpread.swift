internal import PoolModel

/// Makes a distribution of classic buckets. Where in its bucket a duration lay is not known, so each bucket's are spread
/// evenly over it, as Prometheus does for its quantiles: the counts are exact, percentiles an estimate.
enum BucketSpread {
    /// The parts that a bucket is divided into, one less than a power of two.
    private static let parts = 31

    /// For each part, when it is filled: the middle first, then the quarters and so on. A part never has less when there
    /// is more in the bucket, so the difference between two distributions is one, too.
    private static let turns: [Int] = {
        var turns = [Int](repeating: 0, count: parts + 1)
        var turn = 0
        var step = (parts + 1) / 2
        while step >= 1 {
            for part in stride(from: step, through: parts, by: 2 * step) {
                turns[part] = turn
                turn += 1
            }
            step /= 2
        }
        return turns
    }()

    /// - Parameters:
    ///   - bounds: upper bounds in seconds with the cumulative counts, in any order; the last bucket's is infinite.
    ///   - sum: in seconds; nil if it is not known, and the middles of the parts are taken for it.
    /// - Returns: nil if nothing was counted, or the buckets are not cumulative.
    static func histogram(_ bounds: [(bound: Double, count: Int)], sum: Double?) -> LatencyHistogram? {
        var spread = Spread()
        var lower = 0.0
        var before = 0
        for (bound, cumulative) in bounds.sorted(by: { $0.bound < $1.bound }) {
            let count = cumulative - before
            guard count >= 0, bound >= 0 else { return nil }
            // Beyond the last bound all that is known is that it was exceeded.
            let upper = bound.isFinite ? bound : lower * 1.02 + 0.000_001
            if count > 0 { spread.add(count, from: lower, to: upper) }
            (lower, before) = (upper, cumulative)
        }
        return spread.histogram(sum: sum)
    }

    /// Buckets in ascending order, divided into the histogram's own.
    private struct Spread {
        private var entries: [(index: Int, count: Int)] = []
        private var lowest: UInt64?
        private var highest: UInt64 = 0
        private var estimatedSum = 0.0

        mutating func add(_ count: Int, from lower: Double, to upper: Double) {
            let first = lower > 0 ? HistogramBuckets.index(of: BucketSpread.nanoseconds(lower)) + 1 : 0
            let step = (upper - lower) / Double(parts + 1)
            for part in 1...parts where count > turns[part] {
                let share = (count - turns[part] - 1) / parts + 1
                let seconds = lower + step * Double(part)
                // It lies above the bound, even if the bound is inside of one of the histogram's buckets.
                let index = HistogramBuckets.index(of: BucketSpread.nanoseconds(seconds))
                append(share, to: min(max(index, first), HistogramBuckets.count - 1))
                estimatedSum += seconds * Double(share)
            }
            lowest = lowest ?? BucketSpread.nanoseconds(lower)
            highest = BucketSpread.nanoseconds(upper)
        }

        private mutating func append(_ count: Int, to index: Int) {
            guard let last = entries.last, last.index >= index else { return entries.append((index, count)) }
            entries[entries.count - 1].count += count
        }

        func histogram(sum: Double?) -> LatencyHistogram? {
            guard let lowest else { return nil }
            var runs: [Int] = []
            runs.reserveCapacity(2 * entries.count)
            var next = 0
            for (index, count) in entries {
                if index > next { runs.append(next - index) }
                runs.append(count)
                next = index + 1
            }
            let top = min(max(highest, HistogramBuckets.top(of: next - 1)), HistogramBuckets.highest)
            let edges = LatencyHistogram.Edges(
                minNanoseconds: Int64(lowest), maxNanoseconds: Int64(top),
                sumNanoseconds: min(max(0, (sum ?? estimatedSum) * 1e9), 9e18))
            var histogram = LatencyHistogram()
            guard let counts = BucketCounts(runs: runs), histogram.add(counts, edges: edges) else { return nil }
            return histogram
        }
    }

    private static func nanoseconds(_ seconds: Double) -> UInt64 {
        UInt64(min(max(0, seconds * 1e9), Double(HistogramBuckets.highest)).rounded())
    }
}
