import MetricsText

/// A condition on one label.
package struct LabelMatcher: Sendable, Equatable {
    package enum Comparison: String, Sendable {
        case equals = "="
        case differs = "!="
        case matches = "=~"
        case mismatches = "!~"
    }

    package let label: String
    package let comparison: Comparison
    /// The value as it is written, in quotes.
    let quoted: String

    package init(_ label: String, _ comparison: Comparison, _ value: String) {
        self.init(label: label, comparison: comparison, quoted: PromQL.quoted(value))
    }

    init(label: String, comparison: Comparison, quoted: String) {
        self.label = label
        self.comparison = comparison
        self.quoted = quoted
    }

    var text: String { label + comparison.rawValue + quoted }
}

extension LabelMatcher {
    /// Values of conditions are words that mean themselves in a regular expression.
    init(_ condition: DialectSeries.Condition) {
        switch condition {
        case .has(let label, let values):
            self.init(label, values.count == 1 ? .equals : .matches, values.joined(separator: "|"))
        case .hasNone(let label, let values):
            self.init(label, values.count == 1 ? .differs : .mismatches, values.joined(separator: "|"))
        case .hasAny(let label): self.init(label, .differs, "")
        case .lacks(let label): self.init(label, .equals, "")
        }
    }
}

/// The parts that queries are put together from. Each result of a function is a call or a selector, so it needs no
/// parentheses as an operand.
enum PromQL {
    /// `name{a="b",c=~"d"}`.
    static func selector(_ name: String, _ matchers: [LabelMatcher]) -> String {
        matchers.isEmpty ? name : "\(name){\(matchers.map(\.text).joined(separator: ","))}"
    }

    static func rate(_ selector: String, window: String, offset: String? = nil) -> String {
        "rate(\(selector)[\(window)]\(offset.map { " offset \($0)" } ?? ""))"
    }

    /// Without labels it sums everything.
    static func sum(_ expression: String, by labels: [String]) -> String {
        aggregate("sum", expression, by: labels)
    }

    static func max(_ expression: String, by labels: [String]) -> String {
        aggregate("max", expression, by: labels)
    }

    static func aggregate(_ operation: String, _ expression: String, by labels: [String]) -> String {
        labels.isEmpty
            ? "\(operation)(\(expression))" : "\(operation) by (\(labels.joined(separator: ", "))) (\(expression))"
    }

    /// The quantile of summed buckets.
    static func quantile(_ quantile: Double, ofBuckets rate: String, by labels: [String]) -> String {
        "histogram_quantile(\(quantile), \(sum(rate, by: labels + ["le"])))"
    }

    /// `90s`, `1500ms`: the units that PromQL takes without fractions.
    static func duration(_ seconds: Double) -> String {
        let milliseconds = Int((Swift.min(Swift.max(seconds, 0.001), 1e9) * 1000).rounded())
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    /// A string literal; its escapes are those of Go.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case "\0"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// A text that a regular expression of Prometheus takes for itself.
    static func escapedForRegularExpression(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if #"\.+*?()|[]{}^$"#.contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    /// True for what may be the name of a label.
    static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 256 else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") }
        return isLetter(first) && name.utf8.allSatisfy { isLetter($0) || $0 &- 0x30 < 10 }
    }
}
