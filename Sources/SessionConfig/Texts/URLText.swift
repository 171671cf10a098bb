import AgentCore
package import PlainDocuments
import PoolModel

extension TargetURL {
    /// As it may be shown: names of query parameters, but no values.
    package var shown: String { Redaction.url(text) }
}

/// URLs as a person writes them. What is said of one that is wrong repeats no secret in it.
package enum URLText {
    package static func parse(_ text: String) throws(TextProblem) -> TargetURL {
        do { return try TargetURL.parse(text) } catch {
            var problem = error.problem.replacing(text, with: Redaction.url(text))
            // A password may end up as a host or a port, and a value of a header that was not quoted as a URL.
            if text.contains("@") || !looksLikeOne(text) || isLong(text) { problem = withoutQuotes(problem) }
            throw TextProblem(Redaction.text(problem), allowed: error.allowed)
        }
    }

    /// False for a word that is more likely a mistyped command.
    package static func looksLikeOne(_ text: String) -> Bool {
        text.contains { ".:/=[".contains($0) } || text.hasPrefix("localhost")
    }

    /// Tokens are long, and some have dots as names of hosts have.
    private static func isLong(_ text: String) -> Bool { text.utf8.count > 64 && text.firstRange(of: "://") == nil }

    /// The word in quotes where it may be a command; it may be the second half of a header that was not quoted, too.
    package static func named(_ word: String) -> String {
        let isWord = word.utf8.count <= 16 && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
        return isWord ? "'\(word)'" : "an argument"
    }

    /// Hides the text between quotes.
    private static func withoutQuotes(_ text: String) -> String {
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0.offset % 2 == 0 ? String($0.element) : Redaction.hidden }.joined()
    }
}

/// `--header @FILE`: one `Name: value` a line, as curl reads it.
package enum HeaderFile {
    package static func fields(of path: String, from source: Source) throws(CommandLineError) -> [Sourced<HeaderField>]
    {
        let bytes = try source.read { () throws(TextProblem) in try FileText.bytes(of: path, most: 1 << 20) }.value
        guard let text = String(validating: bytes, as: UTF8.self) else { throw source.error("'\(path)' is not UTF-8") }
        var fields: [Sourced<HeaderField>] = []
        // CRLF is one character.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.allSatisfy(\.isWhitespace) { continue }
            do throws(TextProblem) {
                fields.append(Sourced(try RequestText.parseHeader(String(line)), from: source))
            } catch {
                throw source.error("'\(path)', line \(index + 1): \(error.problem)", allowed: error.allowed)
            }
        }
        return fields
    }
}

extension JSONValue {
    /// Settings that another program may have written, with nothing in them that must not be shown.
    package var withoutSecrets: JSONValue { withoutSecrets(under: "") }

    private func withoutSecrets(under key: String) -> JSONValue {
        switch self {
        case .object(let members):
            return .object(members.map { .init(key: $0.key, value: $0.value.withoutSecrets(under: $0.key)) })
        case .array(let items): return .array(items.map { $0.withoutSecrets(under: key) })
        case .string(let text):
            switch key {
            case "url": return .string(Redaction.url(text))
            case "headers": return .string(Redaction.fieldLine(text))
            case "body", "bodyBase64": return .string(Redaction.hidden)
            default: return .string(Redaction.text(text))
            }
        case .integer, .unsigned, .number, .bool, .null: return self
        }
    }
}
