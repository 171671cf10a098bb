/// The bytes of an exposition while it is written. Numbers and labels are written digit by digit into one array, because
/// a String per sample would cost more than everything else.
struct TextBuffer {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(_ number: Int) {
        if number < 0 { bytes.append(Ascii.minus) }
        append(digitsOf: number.magnitude)
    }

    private mutating func append(digitsOf number: UInt) {
        if number < 10 { return bytes.append(Ascii.zero + UInt8(number)) }
        let start = bytes.count
        var rest = number
        while rest > 0 {
            bytes.append(Ascii.zero + UInt8(rest % 10))
            rest /= 10
        }
        var (low, high) = (start, bytes.count - 1)
        while low < high {
            bytes.swapAt(low, high)
            low += 1
            high -= 1
        }
    }

    /// Writes billionths as a decimal fraction without trailing zeros: 1_500_000_000 is `1.5`, and 2_000_000_000 is
    /// `2.0`, the canonical form of OpenMetrics.
    mutating func append(billionths: Int) {
        if billionths < 0 { bytes.append(Ascii.minus) }
        let (whole, fraction) = billionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        append(digitsOf: whole)
        bytes.append(Ascii.point)
        var rest = fraction
        var place: UInt = 100_000_000
        repeat {
            bytes.append(Ascii.zero + UInt8(rest / place))
            rest %= place
            place /= 10
        } while rest > 0
    }

    /// Writes a number of seconds to the nanosecond. Values that no clock shows are clamped.
    mutating func append(seconds: Double) {
        let most = 9e9
        append(billionths: Int((min(max(seconds, -most), most) * 1e9).rounded()))
    }
}

/// Bytes that the formats give a meaning.
enum Ascii {
    static let newline: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let tab: UInt8 = 0x09
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let hash: UInt8 = 0x23
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let point: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let colon: UInt8 = 0x3A
    static let equals: UInt8 = 0x3D
    static let backslash: UInt8 = 0x5C
    static let underscore: UInt8 = 0x5F
    static let openBrace: UInt8 = 0x7B
    static let closeBrace: UInt8 = 0x7D
    static let lowerN: UInt8 = 0x6E

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}
