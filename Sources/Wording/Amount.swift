/// Figures as text of a few columns, the same on the screen and in a diagnosis. No locale: a point for decimals, a comma for
/// thousands.
package enum Amount {
    /// Fewer events than this make no percentage: it would be chance.
    package static let leastEvents = 20

    /// A decimal with a fixed number of places, at most 6. Not a number gives `-`.
    package static func fixed(_ value: Double, _ places: Int) -> String {
        let scale = [1.0, 10, 100, 1000, 1e4, 1e5, 1e6][min(6, max(0, places))]
        guard value.isFinite, abs(value) * scale < 9e18 else { return "-" }
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if places <= 0 { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        return sign + String(scaled / Int(scale)) + "." + String(repeating: "0", count: places - fraction.count)
            + fraction
    }

    /// A whole number with commas: `3,333`.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// Things per second in at most 6 columns: `0`, `0.3`, `14`, `3,333`, `33.3k`, `1.2M`.
    package static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        switch abs(value) {
        case ..<0.05: return value == 0 ? "0" : "<0.1"
        case ..<9.95: return fixed(value, 1)
        case ..<9999.5: return grouped(Int(value.rounded()))
        default: return compact(value)
        }
    }

    /// At most 4 columns up to 999k, for where the sign of an estimate takes the fifth: `0`, `0.3`, `14`, `3.3k`, `33k`.
    package static func short(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        switch abs(value) {
        case ..<0.05: return "0"
        case ..<9.95: return fixed(value, 1)
        case ..<999.5: return fixed(value, 0)
        case ..<9950: return fixed(value / 1e3, 1) + "k"
        case ..<999_500: return fixed(value / 1e3, 0) + "k"
        case ..<9_950_000: return fixed(value / 1e6, 1) + "M"
        case ..<999.5e6: return fixed(value / 1e6, 0) + "M"
        default: return fixed(value / 1e9, 0) + "G"
        }
    }

    /// A count of things in at most 5 columns, as rates are written: `7`, `9,999`, `12.0k`.
    package static func shortCount(_ value: Int) -> String {
        value.magnitude < 10_000 ? grouped(value) : compact(Double(value))
    }

    /// A count: with commas while it fits into 7 columns, then `1.23M`.
    package static func count(_ value: Int) -> String {
        value.magnitude < 1_000_000 ? grouped(value) : compact(Double(value))
    }

    /// From 10,000 on: `33.3k`, `1.2M`.
    package static func compact(_ value: Double) -> String {
        switch abs(value) {
        case ..<99_950: fixed(value / 1e3, 1) + "k"
        case ..<999_500: fixed(value / 1e3, 0) + "k"
        case ..<99_950_000: fixed(value / 1e6, 1) + "M"
        case ..<999.5e6: fixed(value / 1e6, 0) + "M"
        default: fixed(value / 1e9, 1) + "G"
        }
    }

    /// A share of one as a percentage in at most 5 columns. What is not all is never rounded up to `100%`, and what
    /// is not nothing never down to `0%`.
    package static func percent(_ share: Double?) -> String {
        guard let share, share.isFinite else { return "-" }
        if share <= 0 { return "0%" }
        if share >= 1 { return "100%" }
        return fixed(min(99.9, max(0.1, share * 100)), 1) + "%"
    }

    /// Milliseconds without their unit, for columns that name it: `0.42`, `4.2`, `88`, `1,204`.
    package static func milliseconds(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        let value = seconds * 1000
        switch value {
        case ..<0.995: return fixed(value, 2)
        case ..<9.95: return fixed(value, 1)
        default: return grouped(Int(min(value, 1e9).rounded()))
        }
    }

    /// A duration with its unit, in at most 6 columns: `8 µs` (as `0.01 ms`), `4.2 ms`, `3.4 s`, `41 s`, `12 min`.
    package static func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        switch abs(seconds) {
        case ..<0.9995: return milliseconds(seconds) + " ms"
        case ..<9.95: return fixed(seconds, 1) + " s"
        case ..<99.5: return fixed(seconds, 0) + " s"
        case ..<5970: return fixed(seconds / 60, 0) + " min"
        default: return fixed(seconds / 3600, 0) + " h"
        }
    }
}
