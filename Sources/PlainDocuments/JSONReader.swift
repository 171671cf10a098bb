/// Reads one JSON document (RFC 8259) from untrusted bytes.
///
/// Integers stay integers; a number with a point or an exponent becomes the nearest double, and one that is too large
/// for it is an error. If several members have the same name, the last one wins.
package struct JSONReader {
    /// A document with deeper nesting is refused.
    package static let mostLevels = 64
    /// An object with more members is refused, because they are searched linearly.
    package static let maxMembers = 4096
    /// A document with more values, including lists and objects, is refused, because each takes ten times the memory of
    /// its text.
    package static let mostValues = 1_000_000
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    private var values = 0

    package static func value(of bytes: ArraySlice<UInt8>) throws(TextProblem) -> JSONValue {
        var reader = JSONReader(bytes: bytes, place: bytes.startIndex)
        let value = try reader.value(level: 0)
        reader.skipBlanks()
        guard reader.place == bytes.endIndex else { throw reader.problem("something follows the value") }
        return value
    }

    private func problem(_ text: String) -> TextProblem {
        TextProblem("not JSON: \(text) at column \(place - bytes.startIndex + 1)")
    }

    private var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func take(_ byte: Character) throws(TextProblem) {
        guard let wanted = byte.asciiValue, next == wanted else { throw problem("'\(byte)' is missing") }
        place += 1
    }

    private mutating func value(level: Int) throws(TextProblem) -> JSONValue {
        guard level < Self.mostLevels else { throw problem("nested too deeply") }
        values += 1
        guard values <= Self.mostValues else { throw problem("more than \(Self.mostValues) values") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(level)
        case UInt8(ascii: "["): return try array(level)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        default: throw problem("a value is missing")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(TextProblem) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw problem("a value is missing") }
        place += word.utf8.count
        return value
    }

    private mutating func object(_ level: Int) throws(TextProblem) -> JSONValue {
        try take("{")
        var members: [JSONValue.Member] = []
        skipBlanks()
        if next == UInt8(ascii: "}") {
            place += 1
            return .object([])
        }
        while true {
            skipBlanks()
            guard members.count < Self.maxMembers else { throw problem("too many members") }
            let key = try string()
            skipBlanks()
            try take(":")
            members.append(.init(key: key, value: try value(level: level + 1)))
            skipBlanks()
            if next == UInt8(ascii: ",") { place += 1 } else { break }
        }
        try take("}")
        return .object(members)
    }

    private mutating func array(_ level: Int) throws(TextProblem) -> JSONValue {
        try take("[")
        var items: [JSONValue] = []
        skipBlanks()
        if next == UInt8(ascii: "]") {
            place += 1
            return .array([])
        }
        while true {
            items.append(try value(level: level + 1))
            skipBlanks()
            if next == UInt8(ascii: ",") { place += 1 } else { break }
        }
        try take("]")
        return .array(items)
    }

    private mutating func number() throws(TextProblem) -> JSONValue {
        let start = place
        var isWhole = true
        while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isWhole = false
            default:
                return try number(String(decoding: bytes[start..<place], as: UTF8.self), isWhole)
            }
            place += 1
        }
        return try number(String(decoding: bytes[start..<place], as: UTF8.self), isWhole)
    }

    private func number(_ text: String, _ isWhole: Bool) throws(TextProblem) -> JSONValue {
        if isWhole, let value = Int(text) { return .integer(value) }
        if isWhole, let value = UInt64(text) { return .unsigned(value) }
        guard let value = Double(text), value.isFinite else { throw problem("a number that cannot be held") }
        return .number(value)
    }

    private mutating func string() throws(TextProblem) -> String {
        try take("\"")
        let start = place
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
        var text = String(decoding: bytes[start..<place], as: UTF8.self)
        while true {
            switch next {
            case UInt8(ascii: "\""):
                place += 1
                return text
            case UInt8(ascii: "\\"):
                place += 1
                text.unicodeScalars.append(try escape())
            case .some(0x20...):
                let start = place
                while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                    place += 1
                }
                text += String(decoding: bytes[start..<place], as: UTF8.self)
            default: throw problem("a string does not end")
            }
        }
    }

    private mutating func escape() throws(TextProblem) -> Unicode.Scalar {
        guard let byte = next else { throw problem("a string does not end") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw problem("an escape that there is not")
        }
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // The first half of a surrogate pair; without the second half it is replaced by U+FFFD.
        guard unit < 0xDC00, bytes[place...].starts(with: #"\u"#.utf8) else { return "\u{FFFD}" }
        place += 2
        let low = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(low) else { return "\u{FFFD}" }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(TextProblem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("an escape that there is not")
            }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}
