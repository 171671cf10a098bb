package import PlainDocuments

/// Durations as people write them: `250us`, `20ms`, `1.5s`, `2m`, `1h`, also `1m30s`.
///
/// The unit has to be written. Node counts in milliseconds and curl in seconds, so a bare `500` would be read wrongly by
/// half of those who write it. Only `0` needs none.
package enum DurationText {
    package static let examples = "250us, 20ms, 1.5s, 2m, 1h"

    private static let units: [(name: String, nanoseconds: Int128)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    package static func parse(_ text: String) throws(TextProblem) -> Duration {
        if text == "0" { return .zero }
        var rest = text[...]
        if rest.first == "-" { throw TextProblem("'\(text)' is negative", allowed: examples) }
        var total: Int128 = 0
        var unitBefore = Int128.max
        repeat {
            guard let number = DecimalText.take(from: &rest) else {
                throw TextProblem("'\(text)' is not a duration", allowed: examples)
            }
            let name = rest.prefix { $0.isLetter }
            rest = rest[name.endIndex...]
            if name.isEmpty, rest.isEmpty { throw TextProblem("'\(text)' has no unit", allowed: examples) }
            guard let unit = units.first(where: { $0.name == name })?.nanoseconds, unit < unitBefore else {
                throw TextProblem("'\(text)' is not a duration", allowed: examples)
            }
            unitBefore = unit
            let (product, overflow) = number.mantissa.multipliedReportingOverflow(by: unit)
            let (sum, overflowed) = total.addingReportingOverflow(product / number.divisor)
            if overflow || overflowed { throw TextProblem("'\(text)' is too long") }
            total = sum
        } while !rest.isEmpty
        guard let nanoseconds = Int64(exactly: total) else { throw TextProblem("'\(text)' is too long") }
        return .nanoseconds(nanoseconds)
    }

    /// The shortest exact form: the largest unit that leaves a whole number. `parse` reads it back to the same value.
    package static func format(_ duration: Duration) -> String {
        let nanoseconds =
            Int128(duration.components.seconds) * 1_000_000_000
            + Int128(duration.components.attoseconds / 1_000_000_000)
        if nanoseconds == 0 { return "0s" }
        let unit = units.last { $0.name != "μs" && $0.name != "µs" && nanoseconds % $0.nanoseconds == 0 }
        guard let unit else { return "\(nanoseconds)ns" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }
}
