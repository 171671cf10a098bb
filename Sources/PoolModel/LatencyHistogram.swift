internal import Histogram

/// A distribution of durations: an HDR histogram of nanoseconds with two significant digits and a resolution of about
/// half a microsecond. Counts only grow; the difference between two copies gives the distribution in a time window.
///
/// Copies share their storage until the next record, so a snapshot costs a retain and not a copy of the counts. All
/// empty distributions share one storage. The first few durations are kept in an array, so an origin that is visited
/// once costs a few words and not a histogram of 11 KiB.
public struct LatencyHistogram: Sendable {
    /// Empty until the first durations are moved into it.
    private var histogram: Histogram<UInt64>
    /// The first durations in nanoseconds; empty once they were moved into the histogram.
    private var first: [UInt64] = []
    private static let maxFirst = 16
    private var sumNanoseconds: Double = 0
    private var extremes: (min: Int64, max: Int64)? {
        count == 0 ? nil : (Int64(clamping: smallest), Int64(clamping: all.maxRecorded))
    }
    private var smallest: UInt64 = .max

    /// A histogram with room for the shortest durations only (2 KiB), because queue waits are seldom longer. It grows
    /// on demand.
    private static let empty = empty(upTo: 100_000)
    /// A histogram with room for 64 ms (11 KiB).
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

    /// The number of recorded durations.
    public var count: Int { Int(histogram.totalCount) + first.count }

    /// All durations as a histogram.
    private var all: Histogram<UInt64> {
        if first.isEmpty { return histogram }
        var all = Self.empty
        // Starting with the longest makes the histogram grow only once.
        for value in first.sorted(by: >) { all.record(value) }
        return all
    }
    /// The shortest duration in seconds; nil if empty.
    public var minSeconds: Double? { extremes.map { Double($0.min) / 1e9 } }
    /// The longest duration in seconds; nil if empty.
    public var maxSeconds: Double? { extremes.map { Double($0.max) / 1e9 } }
    /// The arithmetic mean in seconds; nil if empty.
    public var meanSeconds: Double? { count == 0 ? nil : sumNanoseconds / Double(count) / 1e9 }

    /// The duration that `percent` (0…100) of the records do not exceed, in seconds; nil if empty.
    public func seconds(atPercentile percent: Double) -> Double? {
        guard let extremes else { return nil }
        let value = Int64(clamping: all.valueAtPercentile(percent))
        return Double(Swift.min(Swift.max(value, extremes.min), extremes.max)) / 1e9
    }

    /// The number of records in the half-open range of seconds, to the histogram's resolution. Adjacent ranges count
    /// every record exactly once.
    public func count(in range: Range<Double>) -> Int {
        var low = UInt64(Swift.min(Swift.max(0, range.lowerBound) * 1e9, 9e18))
        let high = UInt64(Swift.min(Swift.max(0, range.upperBound) * 1e9, 9e18))
        // A bucket that straddles an edge of the range counts where its lower bound lies.
        let all = all
        let bucket = all.equivalentRangeForValue(low)
        if bucket.lowerBound < low { low = bucket.upperBound + 1 }
        guard low < high, low <= all.maxRecorded else { return 0 }
        return Int(all.count(within: low...(high - 1)))
    }

    package mutating func record(_ duration: Nanoseconds) {
        let value = UInt64(Swift.max(0, Swift.min(duration, Nanoseconds(HistogramBuckets.highest))))
        if histogram.totalCount == 0 { return recordFirst(value) }
        histogram.record(value)
        sumNanoseconds += Double(value)
        if value < smallest { smallest = value }
    }

    @inline(never)
    private mutating func recordFirst(_ value: UInt64) {
        first.append(value)
        sumNanoseconds += Double(value)
        smallest = Swift.min(smallest, value)
        if first.count > Self.maxFirst { fillHistogram() }
    }

    private mutating func fillHistogram() {
        histogram = all
        first = []
    }

    package mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        if count == 0 { return self = other }
        if !other.first.isEmpty {
            for value in other.first { record(Nanoseconds(value)) }
            return
        }
        if !first.isEmpty { fillHistogram() }
        // The counts go into the histogram with more room, because growing costs more than adding.
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

    /// The records made since `earlier`, an older copy of this histogram. The extremes of the window are exact only to
    /// the histogram's resolution.
    package func since(_ earlier: LatencyHistogram) -> LatencyHistogram {
        if earlier.count == 0 { return self }
        var window = LatencyHistogram()
        if earlier.count == count { return window }
        let longest = all.maxRecorded
        // Recording in ascending order would otherwise make it grow in many small steps.
        window.histogram = Self.roomy
        forEachGain(since: earlier) { bottom, top, count in
            // The upper bound of a bucket may exceed every duration recorded in it.
            window.histogram.record(Swift.min(top, longest), count: count)
            window.smallest = Swift.min(window.smallest, Swift.max(smallest, bottom))
        }
        window.sumNanoseconds = sumNanoseconds - earlier.sumNanoseconds
        return window
    }

    /// How many more records each bucket has than in `earlier`, an older copy of this histogram.
    package func counts(since earlier: LatencyHistogram = LatencyHistogram()) -> BucketCounts {
        var counts = BucketCounts()
        if earlier.count == count { return counts }
        forEachGain(since: earlier) { bottom, _, count in
            counts.append(Int(count), to: HistogramBuckets.index(of: bottom))
        }
        return counts
    }

    /// Visits the buckets that have more records than in `earlier`, in ascending order.
    private func forEachGain(
        since earlier: LatencyHistogram, _ body: (_ bottom: UInt64, _ top: UInt64, _ count: UInt64) -> Void
    ) {
        let (now, then) = (all, earlier.all)
        for entry in now.recordedValues() {
            let bottom = now.lowestEquivalentForValue(entry.value)
            let before = bottom <= then.maxRecorded ? then.countForValue(bottom) : 0
            if entry.count > before { body(bottom, entry.value, entry.count - before) }
        }
    }

    /// The memory that the counts take; zero if they share the empty storage.
    package var storageBytes: Int {
        count == 0 ? 0 : (HistogramBuckets.index(of: histogram.highestTrackableValue) + 1) * MemoryLayout<UInt64>.stride
    }

    /// The extremes and the sum, which a copy needs in addition to the counts; nil if empty.
    package var edges: Edges? {
        extremes.map { Edges(minNanoseconds: $0.min, maxNanoseconds: $0.max, sumNanoseconds: sumNanoseconds) }
    }

    /// The extremes and the sum of all records, which are exact although the counts are not.
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

    /// Adds `counts(since:)` of another histogram to a copy of its earlier state and adopts its edges. Returns false
    /// and changes nothing if they do not fit together.
    package mutating func add(_ counts: BucketCounts, edges: Edges) -> Bool {
        let highest = Int64(HistogramBuckets.highest)
        guard edges.minNanoseconds >= 0, edges.minNanoseconds <= edges.maxNanoseconds, edges.maxNanoseconds <= highest,
            edges.sumNanoseconds >= 0, edges.sumNanoseconds.isFinite, counts.total <= Quantity.most - count,
            count > 0 || !counts.isEmpty
        else { return false }
        if !first.isEmpty { fillHistogram() }
        let last = HistogramBuckets.index(of: UInt64(edges.maxNanoseconds))
        guard counts.entries.allSatisfy({ $0.bucket <= last }) else { return false }
        // Recording in ascending order would otherwise make it grow in many small steps.
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

    /// Reads the output of `encode`. Throws on counts that no histogram can have.
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

    /// Writes `counts` by bucket as in HdrHistogram's V2 format (a negative number skips that many empty buckets of a
    /// histogram of nanoseconds with two digits and a lowest value of 512), and `min`, `max` and `sum` in nanoseconds.
    /// An empty distribution is an empty object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        guard let edges else { return }
        try container.encode(counts().runs, forKey: .counts)
        try container.encode(edges.minNanoseconds, forKey: .min)
        try container.encode(edges.maxNanoseconds, forKey: .max)
        try container.encode(edges.sumNanoseconds, forKey: .sum)
    }
}
