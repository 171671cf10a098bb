/// Figures as text of a few columns. No locale: a point for decimals, a comma for thousands.
enum Numbers {
    /// A decimal with a fixed number of places, at most 6. Not a number gives `-`.
    static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let scale = [1.0, 10, 100, 1000, 1e4, 1e5, 1e6][min(6, max(0, places))]
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if places <= 0 { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        return sign + String(scaled / Int(scale)) + "." + String(repeating: "0", count: places - fraction.count)
            + fraction
    }

    /// A whole number with commas: `3,333`.
    static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// Things per second in at most 6 columns: `0`, `0.3`, `14`, `3,333`, `33.3k`, `1.2M`.
    static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        switch abs(value) {
        case ..<0.05: return value == 0 ? "0" : "<0.1"
        case ..<9.95: return fixed(value, 1)
        case ..<9999.5: return grouped(Int(value.rounded()))
        default: return compact(value)
        }
    }

    /// At most 4 columns up to 999k, for where the sign of an estimate takes the fifth: `0`, `0.3`, `14`, `3.3k`, `33k`.
    static func short(_ value: Double?) -> String {
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
    static func shortCount(_ value: Int) -> String {
        value.magnitude < 10_000 ? grouped(value) : compact(Double(value))
    }

    /// A count: with commas while it fits into 7 columns, then `1.23M`.
    static func count(_ value: Int) -> String {
        value.magnitude < 1_000_000 ? grouped(value) : compact(Double(value))
    }

    private static func compact(_ value: Double) -> String {
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
    static func percent(_ share: Double?) -> String {
        guard let share, share.isFinite else { return "-" }
        if share <= 0 { return "0%" }
        if share >= 1 { return "100%" }
        return fixed(min(99.9, max(0.1, share * 100)), 1) + "%"
    }

    /// Milliseconds without their unit, for columns that name it: `0.42`, `4.2`, `88`, `1,204`.
    static func milliseconds(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        let value = seconds * 1000
        switch value {
        case ..<0.995: return fixed(value, 2)
        case ..<9.95: return fixed(value, 1)
        default: return grouped(Int(min(value, 1e9).rounded()))
        }
    }

    /// A duration with its unit, in at most 6 columns: `8 µs` (as `0.01 ms`), `4.2 ms`, `3.4 s`, `41 s`, `12 min`.
    static func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        switch abs(seconds) {
        case ..<0.9995: return milliseconds(seconds) + " ms"
        case ..<9.95: return fixed(seconds, 1) + " s"
        case ..<99.5: return fixed(seconds, 0) + " s"
        case ..<5970: return fixed(seconds / 60, 0) + " min"
        default: return fixed(seconds / 3600, 0) + " h"
        }
    }

    /// A waiting time in at most 5 columns, beside a count: `<1ms`, `42ms`, `3.4s`, `62min`.
    static func wait(_ seconds: Double) -> String {
        if seconds < 0.001 { return "<1ms" }
        let text = seconds < 0.9995 ? fixed(seconds * 1000, 0) + "ms" : duration(seconds)
        return text.filter { $0 != " " }
    }

    /// Containers: below ten with a decimal, because there one step would hide what changed; then whole ones, as many
    /// as are needed.
    static func containers(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        return value < 9.95 ? fixed(value, 1) : grouped(Int(min(value, 1e12).rounded(.up)))
    }

    /// Seconds with one decimal up to 100, so that a running time does not change its unit: `0.7 s`, `41.0 s`.
    static func runningSeconds(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        return abs(seconds) < 99.95 ? fixed(seconds, 1) + " s" : duration(seconds)
    }

    /// An age as `00:02:10`, from 100 hours on as days.
    static func age(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
        let whole = Int(seconds)
        if whole >= 360_000 { return String(whole / 86_400) + " days" }
        return two(whole / 3600) + ":" + two(whole / 60 % 60) + ":" + two(whole % 60)
    }

    /// A place in a recording, `2:05` or `1:02:05`.
    static func playingTime(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
        let whole = Int(seconds)
        let hours = whole >= 3600 ? "\(whole / 3600):" + two(whole / 60 % 60) : "\(whole / 60)"
        return hours + ":" + two(whole % 60)
    }

    /// The local time of day, `12:04:31`, from seconds since 1970 in local time.
    static func timeOfDay(_ localSeconds: Double) -> String {
        guard localSeconds.isFinite, abs(localSeconds) < 1e12 else { return "--:--:--" }
        let day = Int(localSeconds.rounded(.down)) % 86_400
        return age(Double(day < 0 ? day + 86_400 : day))
    }

    /// `−91%`, `+12%`, `×29`: from three times as much on, a factor says more than a percentage. A change of less than
    /// half a percent is `+0%`; from nothing to something has neither.
    static func change(from before: Double, to after: Double, minus: String, times: String) -> String? {
        guard before.isFinite, after.isFinite, before > 0 else { return nil }
        let factor = after / before
        let percent = (factor - 1) * 100
        if abs(percent) < 0.5 { return "+0%" }
        if percent < 0 {
            // All but gone is not gone.
            let shown = after > 0 ? min(99.9, -percent) : 100
            return minus + (shown > 99 && shown < 100 ? fixed(shown, 1) : fixed(shown, 0)) + "%"
        }
        if percent <= 200 { return "+" + fixed(percent, 0) + "%" }
        return times + (factor < 9.95 ? fixed(factor, 1) : factor < 9999.5 ? fixed(factor, 0) : compact(factor))
    }

    private static func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
}
