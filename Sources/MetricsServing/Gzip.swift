/// Packs a text as gzip (RFC 1952), in one block of DEFLATE with the fixed codes (RFC 1951 §3.2.6).
///
/// It stands here because zlib would be one system package more to build with. Metrics repeat their names and labels line
/// after line, which the search for repetitions finds; codes made for the text would gain little beyond that.
enum Gzip {
    static func packed(_ bytes: [UInt8]) -> [UInt8] {
        // Magic, method, no flags, no time, no level, an unknown system.
        var writer = BitWriter(bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
        writer.bytes.reserveCapacity(bytes.count / 4 + 64)
        // The last block, with fixed codes.
        writer.put(0b011, bits: 3)
        deflate(bytes, into: &writer)
        writer.put(literal: 256)
        writer.align()
        for word in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
            for shift in stride(from: 0, to: 32, by: 8) {
                writer.bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
            }
        }
        return writer.bytes
    }

    private static let shortest = 4
    private static let longest = 258
    private static let window = 32_768
    /// So many earlier places with the same beginning are looked at.
    private static let mostTries = 16
    private static let hashBits = 15

    private static func deflate(_ bytes: [UInt8], into writer: inout BitWriter) {
        bytes.withUnsafeBufferPointer { bytes in
            // The latest place of each beginning, and of each place the one before it with the same beginning.
            var heads = [Int32](repeating: -1, count: 1 << hashBits)
            var earlier = [Int32](repeating: -1, count: bytes.count)
            var place = 0
            func remember(_ place: Int) {
                guard place + shortest <= bytes.count else { return }
                let hash = hash(bytes, place)
                earlier[place] = heads[hash]
                heads[hash] = Int32(truncatingIfNeeded: place)
            }
            while place < bytes.count {
                var best = (length: 0, distance: 0)
                if place + shortest <= bytes.count {
                    var candidate = Int(heads[hash(bytes, place)])
                    var tries = mostTries
                    while candidate >= 0, place - candidate <= window, tries > 0 {
                        let length = common(bytes, candidate, place)
                        if length > best.length { best = (length, place - candidate) }
                        candidate = Int(earlier[candidate])
                        tries -= 1
                    }
                }
                if best.length >= shortest {
                    writer.put(length: best.length, distance: best.distance)
                    for passed in place..<place + best.length { remember(passed) }
                    place += best.length
                } else {
                    writer.put(literal: Int(bytes[place]))
                    remember(place)
                    place += 1
                }
            }
        }
    }

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        let word = (0..<shortest).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[place + $1]) }
        return Int((word &* 2_654_435_761) >> UInt32(32 - hashBits))
    }

    private static func common(_ bytes: UnsafeBufferPointer<UInt8>, _ first: Int, _ second: Int) -> Int {
        let most = min(longest, bytes.count - second)
        var length = 0
        while length < most, bytes[first + length] == bytes[second + length] { length += 1 }
        return length
    }

    // MARK: Checksum

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)] }
    }
}

/// Bits from the lowest of each byte on, as DEFLATE has them.
private struct BitWriter {
    var bytes: [UInt8]
    private var held: UInt64 = 0
    private var count = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func put(_ value: Int, bits: Int) {
        held |= UInt64(value) << UInt64(count)
        count += bits
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: held))
            held >>= 8
            count -= 8
        }
    }

    /// Codes begin with their highest bit, unlike numbers.
    private mutating func put(code: Int, bits: Int) {
        put((0..<bits).reduce(0) { $0 << 1 | code >> $1 & 1 }, bits: bits)
    }

    mutating func align() {
        if count > 0 { put(0, bits: 8 - count) }
    }

    /// A byte, or the end of the block (256).
    mutating func put(literal: Int) {
        switch literal {
        case ..<144: put(code: 0x30 + literal, bits: 8)
        case ..<256: put(code: 0x190 + literal - 144, bits: 9)
        case ..<280: put(code: literal - 256, bits: 7)
        case _: put(code: 0xC0 + literal - 280, bits: 8)
        }
    }

    mutating func put(length: Int, distance: Int) {
        let long = Self.range(of: length, in: Self.lengths)
        put(literal: 257 + long.index)
        put(length - long.base, bits: long.extra)
        let far = Self.range(of: distance, in: Self.distances)
        put(code: far.index, bits: 5)
        put(distance - far.base, bits: far.extra)
    }

    private typealias Range = (index: Int, base: Int, extra: Int)

    private static func range(of value: Int, in ranges: [(base: Int, extra: Int)]) -> Range {
        let index = (ranges.firstIndex { $0.base > value } ?? ranges.count) - 1
        return (index, ranges[index].base, ranges[index].extra)
    }

    /// The shortest length of each code, and how many bits say what it is longer by. The last code is that of 258 alone.
    private static let lengths: [(base: Int, extra: Int)] =
        ranges(from: 3, extras: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5])
        + [(258, 0)]
    private static let distances = ranges(
        from: 1,
        extras: [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13])

    private static func ranges(from first: Int, extras: [Int]) -> [(base: Int, extra: Int)] {
        var base = first
        return extras.map { extra in
            defer { base += 1 << extra }
            return (base, extra)
        }
    }
}
