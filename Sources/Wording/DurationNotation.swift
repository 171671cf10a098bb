/// Durations as people write them: `250us`, `20ms`, `1.5s`, `2m`, `1h`, also `1m30s`.
///
/// The unit has to be written. Node counts in milliseconds and curl in seconds, so a bare `500` would be read wrongly by
/// half of those who write it. Only `0` needs none.
package enum DurationNotation {
    package enum Problem: Error {
        case negative, notADuration, noUnit, tooLong
    }

    package static let units: [(name: String, nanoseconds: Int128)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    package static func parse(_ text: String) throws(Problem) -> Duration {
        if text == "0" { return .zero }
        var rest = text[...]
        if rest.first == "-" { throw .negative }
        var total: Int128 = 0
        var unitBefore = Int128.max
        repeat {
            guard let number = DecimalText.take(from: &rest) else { throw .notADuration }
            let name = rest.prefix { $0.isLetter }
            rest = rest[name.endIndex...]
            if name.isEmpty, rest.isEmpty { throw .noUnit }
            guard let unit = units.first(where: { $0.name == name })?.nanoseconds, unit < unitBefore else {
                throw .notADuration
            }
            unitBefore = unit
            let (product, overflow) = number.mantissa.multipliedReportingOverflow(by: unit)
            let (sum, overflowed) = total.addingReportingOverflow(product / number.divisor)
            if overflow || overflowed { throw .tooLong }
            total = sum
        } while !rest.isEmpty
        guard let nanoseconds = Int64(exactly: total) else { throw .tooLong }
        return .nanoseconds(nanoseconds)
    }
}
