/// The bucket layout of `LatencyHistogram`: an HdrHistogram with two significant digits and units of 512 ns.
///
/// The first 256 buckets are one unit wide; each following group of 128 is twice as wide as the one before. Histogram
/// files refer to buckets by number.
package enum HistogramBuckets {
    /// The shortest duration that is distinguished from zero, in nanoseconds.
    package static let lowestDiscernible: UInt64 = 512
    /// The longest duration, in nanoseconds. Longer ones are recorded as one day.
    package static let highest: UInt64 = 86_400_000_000_000
    package static let significantDigits = 2

    private static let unitMagnitude = 9
    private static let halfMagnitude = 7
    private static let half = 1 << halfMagnitude
    private static let mask = UInt64(2 * half - 1) << unitMagnitude

    /// The number of buckets needed to hold `highest`.
    package static let count = index(of: highest) + 1

    /// The bucket of a duration in nanoseconds.
    package static func index(of value: UInt64) -> Int {
        let doubling = 64 - unitMagnitude - halfMagnitude - 1 - (value | mask).leadingZeroBitCount
        let inside = Int(value >> (doubling + unitMagnitude))
        return (doubling + 1) << halfMagnitude + inside - half
    }

    /// The shortest duration in a bucket, in nanoseconds. `index` is 0 to `count` - 1.
    package static func bottom(of index: Int) -> UInt64 {
        guard index >= half else { return UInt64(index) << unitMagnitude }
        let doubling = index >> halfMagnitude - 1
        return UInt64(index & (half - 1) + half) << (doubling + unitMagnitude)
    }

    /// The longest duration in a bucket, in nanoseconds.
    package static func top(of index: Int) -> UInt64 { bottom(of: index + 1) - 1 }
}

/// Counts by bucket, encoded as in HdrHistogram's V2 format: a positive number is the count of the next bucket, a
/// negative number skips that many empty ones.
package struct BucketCounts: Sendable, Equatable {
    /// Bucket numbers in ascending order with their counts, all above zero.
    package private(set) var entries: [(bucket: Int, count: Int)] = []

    package init() {}

    package static func == (left: BucketCounts, right: BucketCounts) -> Bool {
        left.entries.elementsEqual(right.entries) { $0 == $1 }
    }

    /// Nil if the numbers are not valid counts: a run or count of zero, too many buckets, or a total above
    /// `Quantity.most`.
    package init?(runs: [Int]) {
        var bucket = 0
        var total = 0
        for run in runs {
            guard run != 0, run >= -HistogramBuckets.count, run <= Quantity.most else { return nil }
            if run < 0 {
                bucket -= run
            } else {
                guard bucket < HistogramBuckets.count else { return nil }
                append(run, to: bucket)
                bucket += 1
                total += run
            }
            guard bucket <= HistogramBuckets.count, total <= Quantity.most else { return nil }
        }
    }

    package var isEmpty: Bool { entries.isEmpty }
    package var total: Int { entries.reduce(0) { $0 + $1.count } }

    /// The encoded counts, without a run of empty buckets at the end.
    package var runs: [Int] {
        var runs: [Int] = []
        var next = 0
        for (bucket, count) in entries {
            if bucket > next { runs.append(next - bucket) }
            runs.append(count)
            next = bucket + 1
        }
        return runs
    }

    /// `bucket` must lie after all existing ones.
    mutating func append(_ count: Int, to bucket: Int) { entries.append((bucket, count)) }
}

/// The maximum for counts that come from outside: low enough that sums over all hosts cannot overflow an `Int`.
package enum Quantity {
    package static let most = 1_000_000_000_000_000
}
