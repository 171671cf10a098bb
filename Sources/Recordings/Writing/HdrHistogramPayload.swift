import PoolModel

/// Counts of durations in nanoseconds in HdrHistogram's compressed V2 encoding, which every library of that family
/// reads: a header of 8 bytes and a zlib stream, which contains a header of 40 bytes and the counts as ZigZag LEB128
/// numbers, where a negative number skips that many empty buckets.
///
/// The stream is stored and not compressed, which is valid zlib (RFC 1950, RFC 1951 §3.2.4) and needs no system
/// library. Compression would make a log of the bundled downstreams a third shorter, which gzip can do afterwards.
enum HdrHistogramPayload {
    /// The cookie includes the word size of the counts, 1.
    private static let cookie: UInt32 = 0x1C84_9303 | 0x10
    private static let compressedCookie: UInt32 = 0x1C84_9304 | 0x10

    static func bytes(of counts: BucketCounts) -> [UInt8] {
        let stream = zlib(payload(of: counts))
        var bytes: [UInt8] = []
        append(compressedCookie, to: &bytes)
        append(UInt32(stream.count), to: &bytes)
        return bytes + stream
    }

    /// The uncompressed V2 encoding.
    static func payload(of counts: BucketCounts) -> [UInt8] {
        let numbers = ZigZag.bytes(of: counts.runs)
        var bytes: [UInt8] = []
        append(cookie, to: &bytes)
        append(UInt32(numbers.count), to: &bytes)
        append(UInt32(0), to: &bytes)  // normalizing index offset
        append(UInt32(HistogramBuckets.significantDigits), to: &bytes)
        append(HistogramBuckets.lowestDiscernible, to: &bytes)
        append(HistogramBuckets.highest, to: &bytes)
        append((1.0).bitPattern, to: &bytes)  // integer to double conversion ratio
        return bytes + numbers
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    /// The bytes as a zlib stream of one stored block, whose limit of 65,535 bytes exceeds the size of all buckets.
    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        var stream: [UInt8] = [0x78, 0x01, 0x01]
        for part in [length, ~length] { stream += [UInt8(truncatingIfNeeded: part), UInt8(part >> 8)] }
        stream += bytes
        append(adler32(bytes), to: &stream)
        return stream
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
