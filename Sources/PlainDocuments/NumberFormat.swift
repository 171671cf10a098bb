import Glibc
import Wording

/// Figures for reports: three or four significant digits, and a unit. Digits and their groups are those of `Amount`, which
/// the screen has; only how many digits there are differs.
package enum NumberFormat {
    /// `0`, `4.25`, `33.3`, `3,333`; whole numbers are never given decimals.
    package static func count(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        if value == value.rounded() || abs(value) >= 1000 { return grouped(value.rounded()) }
        let size = abs(value)
        if size < 0.001 { return scientific(value, 1) }
        return fixed(value, size < 1 ? 3 : size < 10 ? 2 : 1)
    }

    package static func count(_ value: Int) -> String { grouped(Double(value)) }

    /// Per second; always with decimals below 1,000, so that columns of rates can be compared.
    package static func rate(_ perSecond: Double?) -> String {
        guard let perSecond, perSecond.isFinite else { return "-" }
        if perSecond >= 999.95 { return grouped(perSecond.rounded()) }
        return fixed(perSecond, perSecond > 0 && perSecond < 10 ? 2 : 1)
    }

    package static func percent(_ share: Double?) -> String {
        guard let share, share.isFinite else { return "-" }
        if share == 0 || share == 1 { return fixed(share * 100, 0) + "%" }
        // 99.96 % is not rounded to 100 %, and a small share is not rounded to 0 %.
        if share > 0.9995, share < 1 { return fixed(min(share * 100, 99.99), 2) + "%" }
        if share > 0, share < 0.0005 { return fixed(max(share * 100, 0.01), 2) + "%" }
        return fixed(share * 100, 1) + "%"
    }

    /// `312us`, `1.23ms`, `45.6ms`, `1.50s`.
    package static func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        let size = abs(seconds)
        if size == 0 { return "0" }
        if size < 0.0000995 { return scaled(seconds * 1e6, "us") }
        if size < 0.0009995 { return fixed(seconds * 1e6, 0) + "us" }
        return size < 0.9995 ? scaled(seconds * 1e3, "ms") : scaled(seconds, "s")
    }

    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 { return unit == "B" ? "\(count) B" : "\(fixed(value, 1)) \(unit)" }
            value /= 1024
        }
        return "\(fixed(value, 1)) TiB"
    }

    /// With this many decimal places.
    package static func decimals(_ value: Double, _ places: Int) -> String {
        value.isFinite ? fixed(value, places) : "-"
    }

    private static func scaled(_ value: Double, _ unit: String) -> String {
        let size = abs(value)
        return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0) + unit
    }

    private static func fixed(_ value: Double, _ places: Int) -> String { Amount.fixed(value, places) }

    private static func grouped(_ value: Double) -> String {
        abs(value) < 1e15 ? Amount.grouped(Int(value)) : scientific(value, 3)
    }

    private static func scientific(_ value: Double, _ places: Int32) -> String {
        // The longest has a sign, five digits, a point and an exponent of four characters.
        String(unsafeUninitializedCapacity: 32) { bytes in
            bytes.withMemoryRebound(to: CChar.self) { buffer in
                withVaList([places, value]) { Int(vsnprintf(buffer.baseAddress, buffer.count, "%.*e", $0)) }
            }
        }
    }
}
