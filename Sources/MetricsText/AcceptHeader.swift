/// Content negotiation (RFC 9110 §12.5.1) for the formats that the writer has.
package enum AcceptHeader {
    /// The longest value that is read; a client with a longer one gets the text format.
    private static let maxBytes = 4096

    /// The format that a client prefers: the highest weight wins, then the more specific range, then the one that stands
    /// first. A client that accepts none, or says nothing, gets the text format, which everything reads.
    package static func format(for value: String?) -> ExpositionFormat {
        guard let value, value.utf8.count <= maxBytes else { return .plainText }
        var best: (format: ExpositionFormat, weight: Int, rank: Int)?
        for element in elements(value) {
            guard let range = MediaRange(element), range.weight > 0, let format = range.format else { continue }
            if let known = best, (known.weight, known.rank) >= (range.weight, range.rank) { continue }
            best = (format, range.weight, range.rank)
        }
        return best?.format ?? .plainText
    }

    /// The elements of a list; a comma in a quoted string does not separate.
    private static func elements(_ value: String) -> [Substring] {
        var isQuoted = false
        return value.split(omittingEmptySubsequences: true) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == "," && !isQuoted
        }
    }

    /// One element: `application/openmetrics-text; version=1.0.0; q=0.5`.
    private struct MediaRange {
        private var type: String
        private var version: String?
        /// Thousandths.
        private(set) var weight = 1000

        init?(_ element: Substring) {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map { Self.trim($0) }
            guard let first = parts.first, first.contains("/") else { return nil }
            type = first.lowercased()
            for part in parts.dropFirst() {
                let sides = part.split(separator: "=", maxSplits: 1).map { Self.trim($0) }
                guard sides.count == 2 else { continue }
                switch sides[0].lowercased() {
                case "q": weight = Self.weight(sides[1])
                case "version": version = sides[1].filter { $0 != "\"" }
                default: break
                }
            }
        }

        /// Nil: this writer has no such format.
        var format: ExpositionFormat? {
            switch (type, version) {
            case ("application/openmetrics-text", "1.0.0"), ("application/openmetrics-text", nil): .openMetrics
            case ("application/openmetrics-text", "0.0.1"): .openMetricsDraft
            case ("text/plain", "0.0.4"), ("text/plain", nil), ("text/*", _), ("*/*", _): .plainText
            default: nil
            }
        }

        /// A wildcard is less specific than a type, and a type than one with a version.
        var rank: Int { type == "*/*" ? 0 : type.hasSuffix("/*") ? 1 : version == nil ? 2 : 3 }

        private static func trim(_ text: Substring) -> String {
            let blanks: Set<Character> = [" ", "\t"]
            var text = text.drop { blanks.contains($0) }
            while let last = text.last, blanks.contains(last) { text.removeLast() }
            return String(text)
        }

        /// A weight that cannot be read means that the range is not wanted.
        private static func weight(_ text: String) -> Int {
            guard text.utf8.count <= 5, let value = Double(text), value >= 0, value <= 1 else { return 0 }
            return Int((value * 1000).rounded())
        }
    }
}
