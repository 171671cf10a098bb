import Foundation
import Testing

@testable import PoolModel
@testable import Recordings

/// Interval logs as HdrHistogram's own tools read them.
@Suite struct HdrLogTests {
    /// These values in the V2 encoding according to HdrHistogram's Python library 0.10.3 (`encode()`, its zlib stream
    /// decompressed), for 512…86400e9 and two digits.
    private static let values: [(nanoseconds: Int64, count: Int)] = [
        (0, 1), (511, 1), (512, 2), (131_071, 3), (131_072, 1), (1_000_000, 400), (1_004_000, 1),
        (25_000_000, 70_000), (3_600_000_000_000, 5),
    ]
    private static let vector =
        "1c849313000000130000000000000002000000000000020000004e94914f00003ff00000000000000404f9030602e505a006028f09"
        + "e0c508a3220a"

    private func histogram() -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for (value, count) in Self.values {
            for _ in 0..<count { histogram.record(value) }
        }
        return histogram
    }

    @Test("The encoding equals that of HdrHistogram")
    func theEncodingIsThatOfHdrHistogram() {
        let payload = HdrHistogramPayload.payload(of: histogram().counts())
        #expect(payload.map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined() == Self.vector)
    }

    /// RFC 1950 and 1951: two bytes of header, one stored block, a checksum (of Python's zlib.adler32).
    @Test("The stream is valid zlib")
    func theStreamIsZlib() {
        let payload = HdrHistogramPayload.payload(of: histogram().counts())
        let head: [UInt8] = [0x1C, 0x84, 0x93, 0x14, 0, 0, 0, UInt8(payload.count + 11), 0x78, 1]
        let block: [UInt8] = [1, UInt8(payload.count), 0, ~UInt8(payload.count), 0xFF]
        let checksum: [UInt8] = [0xD9, 0x51, 0x0A, 0x01]
        #expect(HdrHistogramPayload.bytes(of: histogram().counts()) == head + block + payload + checksum)
    }

    /// The longest that there can be fits into its one block.
    @Test("A histogram with all buckets fits")
    func allBucketsFit() throws {
        let count = Quantity.most / HistogramBuckets.count
        let counts = try #require(BucketCounts(runs: Array(repeating: count, count: HistogramBuckets.count)))
        let bytes = HdrHistogramPayload.bytes(of: counts)
        let length = Int(bytes[11]) | Int(bytes[12]) << 8
        #expect(length == HdrHistogramPayload.payload(of: counts).count && bytes.count == 8 + 7 + length + 4)
    }

    @Test("Lines have tags, times and the maximum in milliseconds")
    func linesHaveTagsTimesAndTheMaximumInMilliseconds() throws {
        var first = SnapshotFixture.first
        first.hosts[0].name = "a b,\u{1B}c"
        var last = SnapshotFixture.last
        last.hosts[0].name = first.hosts[0].name
        let text = HdrLogSink.lines(from: first, to: last, base: 0.5)
        let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        #expect(
            lines.map { Array($0.dropLast()) } == [
                ["Tag=host=a_b_?c;phase=response", "0.500", "10.000", "99.500"],
                ["Tag=host=a_b_?c;phase=connect", "0.500", "10.000", "0.250"],
                ["Tag=host=payments;phase=response", "0.500", "10.000", "20.000"],
            ])
        #expect(lines.allSatisfy { $0[4].hasPrefix("HISTFAAA") })
        #expect(HdrLogSink.lines(from: last, to: last, base: 0).isEmpty)
    }

    @Test("The header contains the base time of the start times")
    func theHeadSaysFromWhenStartsCount() {
        #expect(
            HdrLogSink.head(startedAt: SnapshotFixture.startedAt).split(separator: "\n") == [
                "#[Logged by pooltop 0.1.0: values in nanoseconds, maximum in milliseconds]",
                "#[Histogram log format version 1.3]",
                "#[StartTime: 1795350053.125 (seconds since epoch), 2026-11-22T12:20:53.125Z]",
                "#[BaseTime: 1795350053.125 (seconds since epoch)]",
                "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"",
            ])
    }
}
