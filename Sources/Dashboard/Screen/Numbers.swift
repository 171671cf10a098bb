import Wording

/// The screen's name for figures as text of a few columns, which diagnoses share.
typealias Numbers = Amount

extension Amount {
    /// A waiting time in at most 5 columns, beside a count: `<1ms`, `42ms`, `3.4s`, `62min`.
    static func wait(_ seconds: Double) -> String {
        if seconds < 0.001 { return "<1ms" }
        let text = seconds < 0.9995 ? fixed(seconds * 1000, 0) + "ms" : duration(seconds)
        return text.filter { $0 != " " }
    }

    /// Containers: with a decimal below ten, where whole numbers would hide changes, and rounded up above.
    static func containers(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        return value < 9.95 ? fixed(value, 1) : grouped(Int(min(value, 1e12).rounded(.up)))
    }

    /// Seconds with one decimal up to 100, so that an elapsed time keeps its unit: `0.7 s`, `41.0 s`.
    static func runningSeconds(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        return abs(seconds) < 99.95 ? fixed(seconds, 1) + " s" : duration(seconds)
    }

    /// An age as `00:02:10`, in days from 100 hours on.
    static func age(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
        let whole = Int(seconds)
        if whole >= 360_000 { return String(whole / 86_400) + " days" }
        return two(whole / 3600) + ":" + two(whole / 60 % 60) + ":" + two(whole % 60)
    }

    /// A position in a recording, `2:05` or `1:02:05`.
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
            // A reduction is shown as 100% only if nothing is left.
            let shown = after > 0 ? min(99.9, -percent) : 100
            return minus + (shown > 99 && shown < 100 ? fixed(shown, 1) : fixed(shown, 0)) + "%"
        }
        if percent <= 200 { return "+" + fixed(percent, 0) + "%" }
        return times + rate(factor)
    }

    private static func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
}
