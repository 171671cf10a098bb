/// The `Keep-Alive` field: `timeout=5, max=100`.
///
/// The field was never standardised (RFC 2068 §19.7.1.1 has the last description), so it is read leniently: parameters
/// in any order, separated by commas, semicolons or blanks; numbers with or without quotes, with a fraction (dropped)
/// or a trailing `s`; everything else is skipped. Of several values the smallest counts, because it is the safe one.
struct KeepAliveField: Sendable {
    var timeoutSeconds: Int?
    var max: Int?

    mutating func read(_ span: RawSpan, _ range: Range<Int>) {
        let end = range.upperBound
        var index = range.lowerBound
        while index < end {
            let nameStart = index
            while index < end, span[index].isToken { index += 1 }
            let name = nameStart..<index
            while index < end, span[index].isBlank { index += 1 }
            guard !name.isEmpty, index < end, span[index] == .equals else {
                if index == nameStart { index += 1 }
                continue
            }
            index += 1
            while index < end, span[index].isBlank { index += 1 }
            let number = Self.readNumber(span, &index, end)
            if span.matches(name, "timeout") {
                timeoutSeconds = Self.smaller(timeoutSeconds, number)
            } else if span.matches(name, "max") {
                max = Self.smaller(max, number)
            }
        }
    }

    private static func smaller(_ known: Int?, _ read: Int?) -> Int? {
        guard let known, let read else { return known ?? read }
        return Swift.min(known, read)
    }

    /// Reads up to the next separator. A number too large for `Int` counts as `Int.max`.
    private static func readNumber(_ span: RawSpan, _ index: inout Int, _ end: Int) -> Int? {
        func skip(_ byte: UInt8) -> Bool {
            guard index < end, span[index].lowercased == byte else { return false }
            index += 1
            return true
        }
        let isQuoted = skip(.quote)
        let isNegative = skip(.minus)
        let digits = index
        var value = 0
        while index < end, span[index].isDigit {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLargeToo) = product.addingReportingOverflow(Int(span[index] &- .zero))
            value = tooLarge || tooLargeToo ? .max : sum
            index += 1
        }
        var isNumber = index > digits
        if skip(.dot) { while index < end, span[index].isDigit { index += 1 } }
        _ = skip(0x73)
        if isQuoted { isNumber = skip(.quote) && isNumber }
        isNumber = isNumber && (index == end || isSeparator(span[index]))
        while index < end, !isSeparator(span[index]) { index += 1 }
        return isNumber ? (isNegative ? -value : value) : nil
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == .comma || byte == .semicolon || byte.isBlank
    }
}
