// Classification of single bytes for HTTP/1, and bounds-checked reads from a span.
//
// The two `unsafe` loads below are unsafe only in that they reinterpret memory as integers, for which every bit pattern
// is valid. They trap on reads outside the span, in release builds too.

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let dot: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let backslash: UInt8 = 0x5C
    static let delete: UInt8 = 0x7F

    /// `tchar` of RFC 9110 §5.6.2: the characters of methods and field names. One bit per ASCII character.
    @inline(__always)
    var isToken: Bool {
        let bits: UInt64 = self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return self < 0x80 && (bits >> UInt64(self & 63)) & 1 == 1
    }

    /// A control character other than the horizontal tab; never valid in a field value (RFC 9110 §5.5).
    @inline(__always)
    var isForbiddenControl: Bool { (self < .space && self != .tab) || self == 0x7F }

    /// SP or HTAB, the bytes of OWS and BWS (RFC 9110 §5.6.3).
    @inline(__always)
    var isBlank: Bool { self == .space || self == .tab }

    @inline(__always)
    var isDigit: Bool { self >= .zero && self <= .nine }

    /// Converts ASCII upper case letters to lower case; every other byte is unchanged.
    @inline(__always)
    var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    /// The value of a hexadecimal digit.
    @inline(__always)
    var hexadecimalValue: Int? {
        if isDigit { return Int(self &- .zero) }
        let letter = self | 0x20
        return letter >= 0x61 && letter <= 0x66 ? Int(letter &- 0x57) : nil
    }
}

/// Sixteen consecutive bytes.
typealias Chunk = SIMD16<UInt8>

extension SIMDMask<SIMD16<Int8>> {
    /// The first lane that is set; nil if none is. A lane is all ones or all zeros, so two words hold the mask.
    @inline(__always)
    var firstLane: Int? {
        let words = unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self)
        if words.x != 0 { return UInt64(littleEndian: words.x).trailingZeroBitCount >> 3 }
        if words.y != 0 { return 8 &+ UInt64(littleEndian: words.y).trailingZeroBitCount >> 3 }
        return nil
    }
}

extension RawSpan {
    @inline(__always)
    subscript(index: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) }

    /// Loads an integer from the bytes at `index`, the first byte in the low bits.
    @inline(__always)
    func load<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type, at index: Int) -> Word {
        unsafe Word(littleEndian: unsafeLoadUnaligned(fromByteOffset: index, as: Word.self))
    }

    /// Sixteen bytes from `index`.
    @inline(__always)
    func chunk(at index: Int) -> Chunk { unsafe unsafeLoadUnaligned(fromByteOffset: index, as: Chunk.self) }

    /// `range` without the blanks at both ends.
    @inline(__always)
    func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isBlank { lower &+= 1 }
        while upper > lower, self[upper &- 1].isBlank { upper &-= 1 }
        return lower..<upper
    }

    /// Whether the bytes in `range`, which must not contain CR, equal `name` ignoring case. `name` consists of 2 to 24
    /// lower case letters and hyphens; OR 0x20 produces those only from themselves, upper case letters and CR. The name
    /// must be a literal, so that the compiler knows its length and its words.
    @inline(__always)
    func matches(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { characters in
            let name = unsafe characters.span.bytes
            if name.byteCount > 16, !word(UInt64.self, at: 8, of: range, matches: name) { return false }
            if name.byteCount >= 8 { return ends(of: range, UInt64.self, match: name) }
            if name.byteCount >= 4 { return ends(of: range, UInt32.self, match: name) }
            return ends(of: range, UInt16.self, match: name)
        }
    }

    /// Two words, one at each end, cover a name of up to twice their size.
    @inline(__always)
    private func ends<Word: FixedWidthInteger & BitwiseCopyable>(
        of range: Range<Int>, _ type: Word.Type, match name: RawSpan
    ) -> Bool {
        word(type, at: 0, of: range, matches: name)
            && word(type, at: name.byteCount - MemoryLayout<Word>.size, of: range, matches: name)
    }

    @inline(__always)
    private func word<Word: FixedWidthInteger & BitwiseCopyable>(
        _ type: Word.Type, at index: Int, of range: Range<Int>, matches name: RawSpan
    ) -> Bool {
        let lower = Word(truncatingIfNeeded: 0x2020_2020_2020_2020)
        return load(type, at: range.lowerBound &+ index) | lower == name.load(type, at: index)
    }
}

extension [UInt8] {
    mutating func append(_ span: RawSpan, _ range: Range<Int>) {
        unsafe span.extracting(range).withUnsafeBytes { bytes in unsafe append(contentsOf: bytes) }
    }
}
