/// How `LatencyHistogram` divides time: the buckets of an HdrHistogram with two significant digits over units of 512 ns.
///
/// The first 256 buckets are one unit wide; each following half of 128 is twice as wide as the one before. A bucket is
/// known by its number, which is what files of histograms are made of.
package enum HistogramBuckets {
    /// The lowest duration that is told from zero, in nanoseconds.
    package static let lowestDiscernible: UInt64 = 512
    /// Durations above a day are recorded as a day, in nanoseconds.
    package static let highest: UInt64 = 86_400_000_000_000
    package static let significantDigits = 2

    private static let unitMagnitude = 9
    private static let halfMagnitude = 7
    private static let half = 1 << halfMagnitude
    private static let mask = UInt64(2 * half - 1) << unitMagnitude

    /// As many as it takes to hold `highest`.
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

/// Counts by bucket as HdrHistogram's V2 format has them: a positive number is the count of the next bucket, a negative
/// one passes over that many empty ones.
package struct BucketCounts: Sendable, Equatable {
    /// Bucket numbers, rising, with their counts, all above zero.
    package private(set) var entries: [(bucket: Int, count: Int)] = []

    package init() {}

    package static func == (left: BucketCounts, right: BucketCounts) -> Bool {
        left.entries.elementsEqual(right.entries) { $0 == $1 }
    }

    /// Nil where the numbers are no counts: a run or a count of zero, more buckets than there are, or more in all than
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

    /// Without a run at the end.
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

    /// `bucket` lies beyond those that are there.
    mutating func append(_ count: Int, to bucket: Int) { entries.append((bucket, count)) }
}

/// How large a count may be that comes from outside: sums over all hosts stay far below what an `Int` holds.
package enum Quantity {
    package static let most = 1_000_000_000_000_000
}
