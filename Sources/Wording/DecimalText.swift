/// A decimal number as it was written: `mantissa` ÷ 10^`places`, so that 0.1 stays 0.1 until its unit is known.
package struct DecimalText: Equatable {
    var mantissa: Int128
    package var places: Int
    /// The nearest double.
    package var asDouble: Double

    /// The number times `factor` where that is whole; nil where it is not, or does not fit.
    package func whole(times factor: Int128) -> Int? {
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        return overflow || product % divisor != 0 ? nil : Int(exactly: product / divisor)
    }

    /// 10^`places`.
    package var divisor: Int128 { (0..<places).reduce(1) { power, _ in power * 10 } }

    /// Takes digits with at most one point from the front of `text`; nil, and `text` unchanged, where there are none or
    /// more than 30, which no figure here has a use for.
    package static func take(from text: inout Substring) -> DecimalText? {
        var rest = text
        var mantissa: Int128 = 0
        var digits = 0
        var places: Int?
        while let character = rest.first, digits <= 30 {
            if character == ".", places == nil {
                places = 0
            } else if let digit = character.wholeNumberValue, character.isASCII {
                mantissa = mantissa * 10 + Int128(digit)
                digits += 1
                if let count = places { places = count + 1 }
            } else {
                break
            }
            rest.removeFirst()
        }
        let written = text[..<rest.startIndex]
        guard digits > 0, places != 0, let value = Double(written) else { return nil }
        text = rest
        return DecimalText(mantissa: mantissa, places: places ?? 0, asDouble: value)
    }
}
