/// Texts of `/proc` as bytes: names of programs need not be UTF-8.
package typealias ProcBytes = ArraySlice<UInt8>

extension ArraySlice where Element == UInt8 {
    /// The parts between spaces and tabs, without empty ones.
    var words: [ArraySlice<UInt8>] { split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
    var lines: [ArraySlice<UInt8>] { split(separator: UInt8(ascii: "\n")) }

    /// A number without sign; nil for anything else and for what does not fit.
    func number<Number: FixedWidthInteger>(_: Number.Type, radix: Number = 10) -> Number? {
        guard !isEmpty else { return nil }
        var value: Number = 0
        for byte in self {
            guard let digit = Self.digit(byte), digit < radix else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            let (sum, overflowed) = product.addingReportingOverflow(Number(digit))
            guard !overflow, !overflowed else { return nil }
            value = sum
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The text with a replacement for what is not UTF-8.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The rest after a prefix; nil: it begins with something else.
    func after(_ prefix: StaticString) -> ArraySlice<UInt8>? {
        prefix.withUTF8Buffer { unsafe starts(with: $0) ? dropFirst($0.count) : nil }
    }
}
