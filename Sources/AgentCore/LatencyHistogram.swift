internal import Histogram

/// A distribution of durations: an HDR histogram of nanoseconds with two significant digits and about half a
/// microsecond of resolution. It grows only; a reader takes the difference of two copies to see a window of time.
///
/// A copy shares its storage until the next record, so that a snapshot costs a retain, not a walk over the counts. All
/// empty ones share one storage, so that a distribution in which nothing was ever recorded costs no memory.
public struct LatencyHistogram: Sendable {
    private var histogram: Histogram<UInt64>
    private var sumNanoseconds: Double = 0
    private var extremes: (min: Int64, max: Int64)? {
        histogram.totalCount == 0 ? nil : (Int64(clamping: smallest), Int64(clamping: histogram.maxRecorded))
    }
    private var smallest: UInt64 = .max

    /// Room for the shortest durations only, 2 KiB: a wait in a queue is seldom longer. It grows as longer ones come.
    private static let empty = empty(upTo: 100_000)
    /// Room for 64 ms, 11 KiB.
    private static let roomy = empty(upTo: 64_000_000)

    private static func empty(upTo highest: UInt64) -> Histogram<UInt64> {
        var histogram = Histogram<UInt64>(
            lowestDiscernibleValue: HistogramBuckets.lowestDiscernible, highestTrackableValue: highest,
            numberOfSignificantValueDigits: .two)
        histogram.autoResize = true
        return histogram
    }

    /// An empty distribution.
    public init() { histogram = Self.empty }

    /// How many durations were recorded.
    public var count: Int { Int(histogram.totalCount) }
    /// The shortest, in seconds; nil when empty.
    public var minSeconds: Double? { extremes.map { Double($0.min) / 1e9 } }
    /// The longest, in seconds; nil when empty.
    public var maxSeconds: Double? { extremes.map { Double($0.max) / 1e9 } }
    /// The arithmetic mean, in seconds; nil when empty.
    public var meanSeconds: Double? { count == 0 ? nil : sumNanoseconds / Double(count) / 1e9 }

    /// The duration that `percent` (0…100) of the records do not exceed, in seconds; nil when empty.
    public func seconds(atPercentile percent: Double) -> Double? {
        guard let extremes else { return nil }
        let value = Int64(clamping: histogram.valueAtPercentile(percent))
        return Double(Swift.min(Swift.max(value, extremes.min), extremes.max)) / 1e9
    }

    /// How many records lie in the half-open range of seconds, to the histogram's resolution. Every record lies in
    /// exactly one of several ranges that join.
    public func count(in range: Range<Double>) -> Int {
        var low = UInt64(Swift.min(Swift.max(0, range.lowerBound) * 1e9, 9e18))
        let high = UInt64(Swift.min(Swift.max(0, range.upperBound) * 1e9, 9e18))
        // An edge inside a bucket of the histogram: the bucket belongs to the range that its bottom lies in.
        let bucket = histogram.equivalentRangeForValue(low)
        if bucket.lowerBound < low { low = bucket.upperBound + 1 }
        guard low < high, low <= histogram.maxRecorded else { return 0 }
        return Int(histogram.count(within: low...(high - 1)))
    }

    package mutating func record(_ duration: Nanoseconds) {
        let value = UInt64(Swift.max(0, Swift.min(duration, Nanoseconds(HistogramBuckets.highest))))
        histogram.record(value)
        sumNanoseconds += Double(value)
        if value < smallest { smallest = value }
    }

    package mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        if count == 0 { return self = other }
        // The one with more room takes in the other's counts: to grow costs more than to add.
        if other.histogram.highestTrackableValue > histogram.highestTrackableValue {
            var larger = other.histogram
            larger.add(histogram)
            histogram = larger
        } else {
            histogram.add(other.histogram)
        }
        sumNanoseconds += other.sumNanoseconds
        smallest = Swift.min(smallest, other.smallest)
    }

    /// The records made since `earlier`, a copy of this histogram taken before. The extremes of the window are exact
    /// only to the histogram's resolution.
    package func since(_ earlier: LatencyHistogram) -> LatencyHistogram {
        if earlier.count == 0 { return self }
        var window = LatencyHistogram()
        if earlier.count == count { return window }
        // Filled from the shortest on, it would grow in many small steps.
        window.histogram = Self.roomy
        forEachGain(since: earlier) { bottom, top, count in
            // The top of a bucket may lie above anything that was recorded in it.
            window.histogram.record(Swift.min(top, histogram.maxRecorded), count: count)
            window.smallest = Swift.min(window.smallest, Swift.max(smallest, bottom))
        }
        window.sumNanoseconds = sumNanoseconds - earlier.sumNanoseconds
        return window
    }

    /// How many records each bucket has more than in `earlier`, a copy of this histogram taken before.
    package func counts(since earlier: LatencyHistogram = LatencyHistogram()) -> BucketCounts {
        var counts = BucketCounts()
        if earlier.count == count { return counts }
        forEachGain(since: earlier) { bottom, _, count in
            counts.append(Int(count), to: HistogramBuckets.index(of: bottom))
        }
        return counts
    }

    /// The buckets that hold more than in `earlier`, from the shortest durations on.
    private func forEachGain(
        since earlier: LatencyHistogram, _ body: (_ bottom: UInt64, _ top: UInt64, _ count: UInt64) -> Void
    ) {
        for entry in histogram.recordedValues() {
            let bottom = histogram.lowestEquivalentForValue(entry.value)
            let before = bottom <= earlier.histogram.maxRecorded ? earlier.histogram.countForValue(bottom) : 0
            if entry.count > before { body(bottom, entry.value, entry.count - before) }
        }
    }

    /// What a copy needs besides the counts to be the same; nil when empty.
    package var edges: Edges? {
        extremes.map { Edges(minNanoseconds: $0.min, maxNanoseconds: $0.max, sumNanoseconds: sumNanoseconds) }
    }

    /// The extremes and the sum of all records, exact where counts are not.
    package struct Edges: Sendable, Equatable {
        package var minNanoseconds: Int64
        package var maxNanoseconds: Int64
        package var sumNanoseconds: Double

        package init(minNanoseconds: Int64, maxNanoseconds: Int64, sumNanoseconds: Double) {
            self.minNanoseconds = minNanoseconds
            self.maxNanoseconds = maxNanoseconds
            self.sumNanoseconds = sumNanoseconds
        }
    }

    /// Adds `counts(since:)` of another histogram to a copy of its earlier state, and takes over its edges. False, and
    /// nothing is changed, where they do not belong together.
    package mutating func add(_ counts: BucketCounts, edges: Edges) -> Bool {
        let highest = Int64(HistogramBuckets.highest)
        guard edges.minNanoseconds >= 0, edges.minNanoseconds <= edges.maxNanoseconds, edges.maxNanoseconds <= highest,
            edges.sumNanoseconds >= 0, edges.sumNanoseconds.isFinite, counts.total <= Quantity.most - count,
            count > 0 || !counts.isEmpty
        else { return false }
        let last = HistogramBuckets.index(of: UInt64(edges.maxNanoseconds))
        guard counts.entries.allSatisfy({ $0.bucket <= last }) else { return false }
        // Filled from the shortest on, it would grow in many small steps.
        if count == 0 { histogram = Self.roomy }
        for (bucket, count) in counts.entries {
            let value = bucket == last ? UInt64(edges.maxNanoseconds) : HistogramBuckets.bottom(of: bucket)
            histogram.record(value, count: UInt64(count))
        }
        smallest = UInt64(edges.minNanoseconds)
        sumNanoseconds = edges.sumNanoseconds
        return true
    }
}

extension LatencyHistogram: Codable {
    private enum Key: String, CodingKey {
        case counts, min, max, sum
    }

    /// Reads what `encode` writes. Counts that no histogram can have are an error.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Key.self)
        guard let runs = try container.decodeIfPresent([Int].self, forKey: .counts) else { return }
        let edges = Edges(
            minNanoseconds: try container.decode(Int64.self, forKey: .min),
            maxNanoseconds: try container.decode(Int64.self, forKey: .max),
            sumNanoseconds: try container.decode(Double.self, forKey: .sum))
        guard let counts = BucketCounts(runs: runs), add(counts, edges: edges) else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: container, debugDescription: "these are no counts of durations")
        }
    }

    /// Writes `counts` by bucket as HdrHistogram's V2 format has them (a negative number passes over that many empty
    /// buckets of a histogram of nanoseconds with two digits and a lowest value of 512), and in nanoseconds `min`, `max`
    /// and `sum`. An empty distribution is an empty object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        guard let edges else { return }
        try container.encode(counts().runs, forKey: .counts)
        try container.encode(edges.minNanoseconds, forKey: .min)
        try container.encode(edges.maxNanoseconds, forKey: .max)
        try container.encode(edges.sumNanoseconds, forKey: .sum)
    }
}
