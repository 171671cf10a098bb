/// One value of a YAML document, with the line where it begins.
struct YAMLNode {
    struct Entry {
        var key: String
        /// Where the key stands.
        var line: Int
        var value: YAMLNode
    }

    enum Content {
        /// The characters as they stand in the file; `isPlain`: without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    var content: Content
    var line: Int

    var scalar: String? { if case .scalar(let text, _) = content { text } else { nil } }
    var sequence: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
    var mapping: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }

    /// Nothing, `~` or `null`.
    var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }
}
