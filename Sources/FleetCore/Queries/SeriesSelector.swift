package import PlainDocuments

/// The series that a user means: `{job="api",zone=~"eu-.*"}`, also without the braces. No name of a metric, because each
/// query has its own.
package struct SeriesSelector: Sendable, Equatable {
    package private(set) var matchers: [LabelMatcher] = []

    /// Limits on what a user writes.
    private static let maxBytes = 4096
    private static let maxMatchers = 32
    private static let allowed = #"job="api",zone=~"eu-.*""#

    /// Every series.
    package init() {}

    /// Quoted values are taken as they are written, because Prometheus reads them again. What ends a value here ends it
    /// there, so no text can leave the braces.
    package init(_ text: String) throws(TextProblem) {
        guard text.utf8.count <= Self.maxBytes else { throw TextProblem("longer than \(Self.maxBytes) bytes") }
        var reader = Reader(rest: Array(text.utf8)[...])
        reader.skipBlanks()
        let isInBraces = reader.take("{")
        reader.skipBlanks()
        while let next = reader.rest.first, next != UInt8(ascii: "}") {
            guard matchers.count < Self.maxMatchers else {
                throw TextProblem("more than \(Self.maxMatchers) conditions")
            }
            matchers.append(try reader.matcher())
            reader.skipBlanks()
            guard reader.take(",") else { break }
            reader.skipBlanks()
        }
        if isInBraces, !reader.take("}") { throw TextProblem("'}' is missing", allowed: Self.allowed) }
        reader.skipBlanks()
        guard reader.rest.isEmpty else { throw Self.problem("something follows", reader.rest) }
    }

    private static func problem(_ text: String, _ rest: ArraySlice<UInt8>) -> TextProblem {
        let place = PlainText.clean(String(decoding: rest.prefix(20), as: UTF8.self))
        return TextProblem(rest.isEmpty ? "\(text) at the end" : "\(text) at '\(place)'", allowed: allowed)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skipBlanks() { rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

        mutating func take(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        mutating func matcher() throws(TextProblem) -> LabelMatcher {
            let start = rest
            let name = String(
                decoding: rest.prefix { ![0x20, 0x09, 0x3D, 0x21, 0x22, 0x2C, 0x7D].contains($0) }, as: UTF8.self)
            guard PromQL.isLabelName(name) else { throw problem("the name of a label is missing", start) }
            guard name != "__name__" else { throw TextProblem("the name of the metric cannot be chosen") }
            rest = rest.dropFirst(name.utf8.count)
            skipBlanks()
            let comparison = try comparison()
            skipBlanks()
            return LabelMatcher(label: name, comparison: comparison, quoted: try quoted())
        }

        private mutating func comparison() throws(TextProblem) -> LabelMatcher.Comparison {
            if take("=~") { return .matches }
            if take("!~") { return .mismatches }
            if take("!=") { return .differs }
            if take("=") { return .equals }
            throw problem("=, !=, =~ or !~ is missing", rest)
        }

        /// A literal in double or single quotes or in backticks, which know no escapes.
        private mutating func quoted() throws(TextProblem) -> String {
            let start = rest
            guard let quote = rest.first, [0x22, 0x27, 0x60].contains(quote) else {
                throw problem("a value in quotes is missing", rest)
            }
            var index = rest.startIndex + 1
            while index < rest.endIndex {
                switch rest[index] {
                case quote:
                    defer { rest = rest[(index + 1)...] }
                    return String(decoding: rest[...index], as: UTF8.self)
                case UInt8(ascii: "\\") where quote != 0x60: index += 2
                case 0x0A where quote != 0x60: throw problem("a value does not end", start)
                default: index += 1
                }
            }
            throw problem("a value does not end", start)
        }

        private func problem(_ text: String, _ rest: ArraySlice<UInt8>) -> TextProblem {
            SeriesSelector.problem(text, rest)
        }
    }
}
