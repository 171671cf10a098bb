package import PlainDocuments
import Wording

/// Counts with `k` (thousand) and `M` (million): `64`, `10k`, `1.5M`.
package enum CountText {
    package static func parse(_ text: String, in range: ClosedRange<Int>) throws(TextProblem) -> Int {
        let allowed = "\(range.lowerBound) " + (range.upperBound == .max ? "and more" : "to \(range.upperBound)")
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative { rest.removeFirst() }
        guard let number = DecimalText.take(from: &rest), let factor = factor(of: rest) else {
            let suffixes = range.upperBound >= 1000 ? ", with k and M as in 10k and 1.5M" : ""
            throw TextProblem("'\(text)' is not a count", allowed: allowed + suffixes)
        }
        guard let count = number.whole(times: isNegative ? -factor : factor) else {
            let isLarge = number.asDouble >= Double(Int.max)
            throw TextProblem("'\(text)' is \(isLarge ? "out of range" : "not a whole number")", allowed: allowed)
        }
        guard range.contains(count) else { throw TextProblem("'\(text)' is out of range", allowed: allowed) }
        return count
    }

    /// 1, 1,000 or 1,000,000 for nothing, `k` and `M`; nil for anything else.
    package static func factor(of suffix: Substring) -> Int128? {
        switch suffix {
        case "": 1
        case "k", "K": 1000
        case "M": 1_000_000
        default: nil
        }
    }
}

/// Rates: `50` or `50/s` a second, `200k/min` a minute.
package enum RateText {
    package static let examples = "100, 100/s, 200k/min"
    private static let most = 100_000_000.0
    private static let least = 1.0 / 10_800

    /// Requests a second, zero included.
    package static func parse(_ text: String) throws(TextProblem) -> Double {
        let problem = TextProblem("'\(text)' is not a rate", allowed: examples)
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard var rest = parts.first else { throw problem }
        if rest.first == "-" { throw TextProblem("'\(text)' is negative", allowed: examples) }
        guard let number = DecimalText.take(from: &rest), let factor = CountText.factor(of: rest) else { throw problem }
        let seconds: Double
        switch parts.dropFirst().first {
        case nil, "s", "sec", "second": seconds = 1
        case "min", "minute": seconds = 60
        case "h", "hour": seconds = 3600
        default: throw problem
        }
        let rate = number.asDouble * Double(factor) / seconds
        guard rate <= most else { throw TextProblem("'\(text)' is more than 100M a second") }
        guard rate == 0 || rate >= least else { throw TextProblem("'\(text)' is less than 1 in three hours") }
        return rate
    }

    /// `parse` reads it back to the very same value: a minute's figure where that is round, else a second's.
    package static func format(_ perSecond: Double) -> String {
        let perMinute = (perSecond * 60).rounded()
        if perSecond != perSecond.rounded(), perMinute / 60 == perSecond { return "\(plain(perMinute))/min" }
        let perHour = (perSecond * 3600).rounded()
        if perSecond > 0, perSecond < 0.001, perHour / 3600 == perSecond { return "\(plain(perHour))/h" }
        return "\(plain(perSecond))/s"
    }

    private static func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? value.description }
}

/// Shares: `0.2` or `20%`.
package enum ShareText {
    package static func parse(_ text: String) throws(TextProblem) -> Double {
        let problem = TextProblem("'\(text)' is not a share", allowed: "0 to 1, or 0% to 100%")
        var rest = text[...]
        guard let number = DecimalText.take(from: &rest), rest.isEmpty || rest == "%" else { throw problem }
        let share = rest.isEmpty ? number.asDouble : number.asDouble / 100
        guard (0...1).contains(share) else { throw problem }
        return share
    }
}

/// Switches: `on` and `off`, and the two words that YAML and JSON have for them.
enum SwitchText {
    static func parse(_ text: String) throws(TextProblem) -> Bool {
        switch text {
        case "on", "true": true
        case "off", "false": false
        default: throw TextProblem("'\(text)' is not a switch", allowed: "on, off")
        }
    }
}
