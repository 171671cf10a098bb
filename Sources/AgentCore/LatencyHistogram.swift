internal import Histogram

/// A distribution of durations: an HDR histogram of nanoseconds with two significant digits and about half a
/// microsecond of resolution. It grows only; a reader takes the difference of two copies to see a window of time.
///
/// A copy shares its storage until the next record, so that a snapshot costs a retain, not a walk over the counts. All
/// empty ones share one storage, so that a distribution in which nothing was ever recorded costs no memory.
public struct LatencyHistogram: Sendable, Codable {
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
            lowestDiscernibleValue: 512, highestTrackableValue: highest, numberOfSignificantValueDigits: .two)
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
        let value = UInt64(Swift.max(0, Swift.min(duration, .seconds(86400))))
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
        for entry in histogram.recordedValues() {
            // An entry names the top of its bucket, which may lie above anything that was recorded in it.
            let bottom = histogram.lowestEquivalentForValue(entry.value)
            let before = bottom <= earlier.histogram.maxRecorded ? earlier.histogram.countForValue(bottom) : 0
            guard entry.count > before else { continue }
            let value = Swift.min(entry.value, histogram.maxRecorded)
            window.histogram.record(value, count: entry.count - before)
            window.smallest = Swift.min(window.smallest, Swift.max(smallest, histogram.lowestEquivalentForValue(value)))
        }
        window.sumNanoseconds = sumNanoseconds - earlier.sumNanoseconds
        return window
    }
}
