import PlainDocuments

/// Writes a document as YAML in block style, in the order it has.
enum YAMLText {
    static func text(_ value: JSONValue) -> String { lines(value).joined(separator: "\n") + "\n" }

    private static func lines(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            return members.flatMap { member in entry(prefix: "\(scalar(.string(member.key))):", value: member.value) }
        case .array(let items):
            return items.flatMap { item -> [String] in
                let inner = isNested(item) ? lines(item) : [scalar(item)]
                return inner.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
            }
        case .string, .integer, .unsigned, .number, .bool, .null: return [scalar(value)]
        }
    }

    private static func entry(prefix: String, value: JSONValue) -> [String] {
        guard isNested(value) else { return ["\(prefix) \(scalar(value))"] }
        return [prefix] + lines(value).map { "  " + $0 }
    }

    private static func isNested(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let members): !members.isEmpty
        case .array(let items): !items.isEmpty
        case .string, .integer, .unsigned, .number, .bool, .null: false
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): isPlain(text) ? text : quoted(text)
        case .array: "[]"
        case .object: "{}"
        case .integer, .unsigned, .number, .bool, .null: value.line
        }
    }

    /// True for words and figures that need no quotes and cannot be taken for anything else in YAML.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.isASCII,
            first.properties.isAlphabetic || ("0"..."9").contains(first)
        else { return false }
        guard !["null", "Null", "NULL"].contains(text), !text.hasSuffix(":") else { return false }
        return !text.contains(": ") && !text.contains(" #")
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "@", "=", "~", "%", "+", "<", ">", " ":
                    true
                default: false
                }
            } && text.last != " "
    }

    /// YAML 1.1 §5.7; escapes by code point, where JSON has surrogates.
    private static func quoted(_ text: String) -> String {
        PlainText.quoted(text) { "\\U" + PlainText.hex($0.value, digits: 8) }
    }

    /// NUL ends strings on their way through libYAML.
    static func isForbidden(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0 }
}
