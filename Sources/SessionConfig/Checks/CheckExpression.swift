package import PlainDocuments
import PoolModel
import Wording

/// One condition on a run: `reuse > 0.95`, `p99 < 250ms @catalog`, `newConnections/s < 5`.
package struct CheckExpression: Sendable, Equatable {
    package enum Comparison: String, CaseIterable, Sendable {
        case atMost = "<="
        case atLeast = ">="
        case equal = "=="
        case different = "!="
        case below = "<"
        case above = ">"

        package func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .atMost: value <= limit
            case .atLeast: value >= limit
            case .equal: value == limit
            case .different: value != limit
            case .below: value < limit
            case .above: value > limit
            }
        }
    }

    /// As it was written, blanks at the ends cut off.
    package var text: String
    package var metric: MetricName
    /// The figure is divided by the measured time in units of this many seconds (1 for `/s`, 60 for `/min`); nil: not.
    package var perSeconds: Double?
    package var comparison: Comparison
    /// In the metric's unit; durations in seconds.
    package var limit: Double
    /// The host it is about, by a target's name, its authority or its origin; nil: all together.
    package var host: String?

    package static let examples = "'reuse > 0.95', 'p99 < 250ms', 'errors == 0', 'newConnections/s < 5 @catalog'"

    package static func parse(_ text: String) throws(TextProblem) -> CheckExpression {
        let text = text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmed
        let (bare, host) = try cutHost(from: text)
        guard let start = bare.firstIndex(where: { "<>=!".contains($0) }) else {
            throw TextProblem("'\(text)' compares nothing", allowed: examples)
        }
        let sign = String(bare[start...].prefix { "<>=!".contains($0) })
        guard let comparison = Comparison(rawValue: sign) else {
            throw TextProblem("unknown comparison '\(sign)' in '\(text)'", allowed: "<, <=, >, >=, ==, !=")
        }
        let name = String(bare[..<start]).trimmed
        guard !name.isEmpty else { throw TextProblem("'\(text)' names no metric", allowed: MetricName.known) }
        var (metric, perSeconds) = try parseMetric(name)
        if perSeconds != nil { metric.unit = .number }
        if host != nil, !metric.isPerHost {
            throw TextProblem("\(name) exists once for all hosts, so @ has no meaning")
        }
        let value = String(bare[start...].dropFirst(sign.count)).trimmed
        let limit = try parseLimit(value, of: name, unit: metric.unit)
        return CheckExpression(
            text: text, metric: metric, perSeconds: perSeconds, comparison: comparison, limit: limit, host: host)
    }

    /// `@host` may stand at the beginning, at the end, or right after the metric.
    private static func cutHost(from text: String) throws(TextProblem) -> (bare: String, host: String?) {
        guard let at = text.firstIndex(of: "@") else { return (text, nil) }
        let host = text[at...].dropFirst().prefix { !$0.isWhitespace && !"<>=!".contains($0) }
        guard !host.isEmpty else { throw TextProblem("'\(text)' has no host after @", allowed: examples) }
        let bare = text[..<at] + " " + text[host.endIndex...]
        guard !bare.contains("@") else { throw TextProblem("'\(text)' names two hosts", allowed: examples) }
        return (String(bare).trimmed, String(host))
    }

    private static func parseMetric(_ name: String) throws(TextProblem) -> (MetricName, Double?) {
        for (suffix, seconds) in [("/s", 1.0), ("/min", 60.0)] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count)).trimmed
            let metric = try MetricName.named(base)
            guard metric.grows else { throw TextProblem("\(base) is no count that grows, so \(suffix) has no meaning") }
            return (metric, seconds)
        }
        return (try MetricName.named(name), nil)
    }

    private static func parseLimit(
        _ text: String, of name: String, unit: MetricName.Unit
    ) throws(TextProblem) -> Double {
        switch unit {
        case .seconds:
            do { return try DurationText.parse(text).asSeconds } catch {
                throw TextProblem("\(name) is a duration, and \(error.problem)", allowed: error.allowed)
            }
        case .ratio, .number:
            let allowed = unit == .ratio ? "0 to 1, or 0% to 100%" : "a number, with k and M for thousands and millions"
            let problem = TextProblem("\(name) is compared with '\(text)'", allowed: allowed)
            var rest = text[...]
            let isNegative = rest.first == "-"
            if isNegative { rest.removeFirst() }
            guard let number = DecimalText.take(from: &rest) else { throw problem }
            let value = isNegative ? -number.asDouble : number.asDouble
            if rest == "%", unit == .ratio { return value / 100 }
            guard let factor = CountText.factor(of: rest) else { throw problem }
            return value * Double(factor)
        }
    }
}

extension String {
    /// Without blanks at both ends.
    package var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
