/// A JSON document as a value; objects keep the order of their members.
///
/// Foundation's encoder either sorts keys or leaves their order undefined, but a report for people and a golden file
/// need the documented order.
package enum JSONValue: Sendable, Equatable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    case integer(Int)
    case unsigned(UInt64)
    case number(Double)
    case bool(Bool)
    case null

    package struct Member: Sendable, Equatable {
        package var key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member(key: $0.key, value: $0.value) })
    }

    package static func integer(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    package static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    package static func string(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    /// The members of an object; empty for anything else.
    package var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    package subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }

    /// An integer or a number as a double; nil for anything else.
    package var asDouble: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .number(let value): value
        case .object, .array, .string, .bool, .null: nil
        }
    }

    /// The value at a path of keys.
    package func at(_ path: some Sequence<Substring>) -> JSONValue? {
        var value = self
        for key in path {
            guard let next = value[String(key)] else { return nil }
            value = next
        }
        return value
    }
}

extension JSONValue {
    /// The document on one line.
    package var line: String {
        var text = ""
        write(to: &text, indent: nil)
        return text
    }

    /// Indented by two spaces per level; objects that contain only scalars stay on one line if it is short.
    package var pretty: String {
        var text = ""
        write(to: &text, indent: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        // JSON cannot represent values that are not finite.
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): text += Self.quoted(value)
        case .array(let items): Self.write(items.map { (nil, $0) }, ["[", "]"], to: &text, indent: indent)
        case .object(let members):
            Self.write(members.map { ($0.key, $0.value) }, ["{", "}"], to: &text, indent: indent)
        }
    }

    private static func write(
        _ items: [(key: String?, value: JSONValue)], _ brackets: [String], to text: inout String, indent: Int?
    ) {
        let isFlat = items.allSatisfy(\.value.isSingle)
        var flat = brackets[0]
        if indent == nil || isFlat {
            for (index, item) in items.enumerated() {
                if index > 0 { flat += indent == nil ? "," : ", " }
                if let key = item.key { flat += quoted(key) + (indent == nil ? ":" : ": ") }
                item.value.write(to: &flat, indent: nil)
            }
            flat += brackets[1]
        }
        guard let indent, !(isFlat && flat.utf8.count <= 100) else {
            text += flat
            return
        }
        let margin = String(repeating: " ", count: indent + 2)
        text += brackets[0]
        for (index, item) in items.enumerated() {
            text += index > 0 ? ",\n\(margin)" : "\n\(margin)"
            if let key = item.key { text += quoted(key) + ": " }
            item.value.write(to: &text, indent: indent + 2)
        }
        text += "\n" + String(repeating: " ", count: indent) + brackets[1]
    }

    private var isSingle: Bool {
        switch self {
        case .object(let members): members.isEmpty
        case .array(let items): items.isEmpty
        case .string, .integer, .unsigned, .number, .bool, .null: true
        }
    }

    /// Escapes the characters that JSON requires, and every invisible character or one that might affect a terminal.
    package static func quoted(_ text: String) -> String {
        PlainText.quoted(text) { scalar in
            String(scalar).utf16.map { "\\u" + PlainText.hex($0, digits: 4) }.joined()
        }
    }
}
