internal import PoolModel

/// The classic buckets of every distribution of durations.
///
/// They contain the bounds that the OpenTelemetry conventions recommend for the duration of requests, 0.005 s to 10 s, and
/// go on below to half a millisecond, for connects and queues in one network, and above to a minute, for streams.
enum DurationBuckets {
    /// Upper bounds in nanoseconds, inclusive.
    static let bounds: [UInt64] = [
        500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 75_000_000, 100_000_000,
        250_000_000, 500_000_000, 750_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 7_500_000_000,
        10_000_000_000, 30_000_000_000, 60_000_000_000,
    ]

    /// For each bound, the last of the histogram's own buckets that counts as below it. One that straddles the bound,
    /// 0.8 % wide, counts below, so a duration of exactly the bound does.
    private static let lastIndices: [Int] = bounds.map { HistogramBuckets.index(of: $0) }

    /// A histogram with room for everything and no record below the last bound.
    private static let roomy: LatencyHistogram = {
        var histogram = LatencyHistogram()
        for _ in 0...mostInArray { histogram.record(.max) }
        return histogram
    }()
    /// A histogram with so few records keeps them in an array, and each question to it makes a histogram of them.
    private static let mostInArray = 16

    /// `le="0.005"` for each bound, and last `le="+Inf"`.
    static let labels: [[UInt8]] =
        bounds.map { bound in
            var text = TextBuffer(capacity: 16)
            text.append("le=\"")
            text.append(billionths: Int(bound))
            text.append("\"")
            return text.bytes
        } + [Array("le=\"+Inf\"".utf8)]

    /// Cumulative counts by bound, and last those of all, which is `count` of the histogram.
    static func cumulative(_ histogram: LatencyHistogram) -> [Int] {
        var source = histogram
        if histogram.count <= mostInArray {
            source = roomy
            source.merge(histogram)
        }
        var cumulative: [Int] = []
        cumulative.reserveCapacity(bounds.count + 1)
        var sum = 0
        for (bucket, count) in source.counts().entries {
            while cumulative.count < bounds.count, bucket > lastIndices[cumulative.count] { cumulative.append(sum) }
            if cumulative.count == bounds.count { break }
            sum += count
        }
        while cumulative.count < bounds.count { cumulative.append(sum) }
        return cumulative + [histogram.count]
    }
}
