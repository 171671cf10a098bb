import Foundation
import Testing

@testable import PoolModel

/// Buckets by number, and histograms taken apart and put together again.
@Suite struct HistogramBucketsTests {
    static let values: [UInt64] = [
        0, 1, 511, 512, 131_071, 131_072, 131_073, 262_143, 262_144, 1_000_000, 999_999_999, 3_600_000_000_000,
        HistogramBuckets.highest,
    ]

    @Test("A bucket contains its own bounds", arguments: values) func aBucketHoldsItsValues(value: UInt64) {
        let index = HistogramBuckets.index(of: value)
        #expect(HistogramBuckets.bottom(of: index) <= value && value <= HistogramBuckets.top(of: index))
        #expect(HistogramBuckets.index(of: HistogramBuckets.bottom(of: index)) == index)
        #expect(HistogramBuckets.index(of: HistogramBuckets.top(of: index)) == index)
    }

    @Test("Adjacent buckets leave no gap")
    func bucketsJoin() {
        for index in 0..<HistogramBuckets.count {
            #expect(HistogramBuckets.bottom(of: index + 1) == HistogramBuckets.top(of: index) + 1)
        }
    }

    private func histogram(_ values: ArraySlice<UInt64>) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for value in values { histogram.record(Nanoseconds(value)) }
        return histogram
    }

    private func expectSame(_ one: LatencyHistogram, _ other: LatencyHistogram) {
        #expect(one.counts() == other.counts())
        #expect(one.edges == other.edges)
        for percent in [0, 1, 50, 90, 99, 99.9, 100] {
            #expect(one.seconds(atPercentile: percent) == other.seconds(atPercentile: percent))
        }
        #expect(one.count(in: 0.0001..<0.5) == other.count(in: 0.0001..<0.5))
    }

    /// The numbers that HdrHistogram's own Python library gives to the same values.
    @Test("Buckets equal those of HdrHistogram")
    func bucketsAreThoseOfHdrHistogram() {
        #expect(
            [511, 131_071, 131_072, 1_000_000, 25_000_000].map { HistogramBuckets.index(of: $0) } == [
                0, 255, 256, 628, 1214,
            ])
    }

    @Test("Bucket differences add up to the original")
    func differencesAddUpToTheSame() throws {
        let early = histogram(Self.values.prefix(7))
        var whole = early
        for value in Self.values { whole.record(Nanoseconds(value)) }
        var copy = LatencyHistogram()
        let (first, then) = (try #require(early.edges), try #require(whole.edges))
        let isFirstAdded = copy.add(early.counts(), edges: first)
        expectSame(copy, early)
        let isThenAdded = copy.add(whole.counts(since: early), edges: then)
        expectSame(copy, whole)
        #expect(isFirstAdded && isThenAdded)
        #expect(whole.counts(since: whole).isEmpty)
    }

    @Test("Counts survive JSON exactly")
    func jsonIsExact() throws {
        for count in [Self.values.count, 1, 0] {
            let before = histogram(Self.values.prefix(count))
            let data = try JSONEncoder().encode(before)
            expectSame(try JSONDecoder().decode(LatencyHistogram.self, from: data), before)
        }
        #expect(String(decoding: try JSONEncoder().encode(LatencyHistogram()), as: UTF8.self) == "{}")
    }

    @Test(
        "Counts that no histogram can have are an error",
        arguments: [
            #"{"counts":[0],"min":0,"max":0,"sum":0}"#, #"{"counts":[-9000000000000000000,1],"min":0,"max":0,"sum":0}"#,
            #"{"counts":[1,9000000000000000000],"min":0,"max":0,"sum":0}"#, #"{"counts":[1],"min":5,"max":4,"sum":0}"#,
            #"{"counts":[-600,1],"min":0,"max":9,"sum":0}"#, #"{"counts":[1],"min":-1,"max":4,"sum":0}"#,
            #"{"counts":[1],"min":0,"max":9000000000000000000,"sum":0}"#, #"{"counts":[1],"min":0,"max":4,"sum":-1}"#,
            #"{"counts":[],"min":0,"max":4,"sum":1}"#, #"{"counts":[-5],"min":0,"max":4,"sum":1}"#, #"{"counts":[1]}"#,
            #"{"counts":[999999999999999,2],"min":0,"max":600,"sum":0}"#,
        ]) func whatNoHistogramCanHaveIsAnError(text: String)
    {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(LatencyHistogram.self, from: Data(text.utf8)) }
    }
}
