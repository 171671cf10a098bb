/// The labels of a sample as they are written, without the braces: `host="api",url_scheme="https"`.
///
/// Values come from outside: command lines, names of hosts, labels of an endpoint. They are cut, control characters
/// become U+FFFD, and quotes, backslashes and line breaks are escaped.
struct Labels: Sendable, Hashable {
    private(set) var bytes: [UInt8] = []

    /// The longest value in bytes; the names of hosts in DNS have at most 253.
    static let maxValueBytes = 256

    init() {}

    init(_ name: String, _ value: String) { add(name, value) }

    mutating func add(_ name: String, _ value: String) {
        if !bytes.isEmpty { bytes.append(Ascii.comma) }
        bytes.append(contentsOf: name.utf8)
        bytes.append(Ascii.equals)
        bytes.append(Ascii.quote)
        var room = Self.maxValueBytes
        for scalar in value.unicodeScalars {
            let utf8 = UTF8.width(scalar)
            guard utf8 <= room else { break }
            room -= utf8
            add(scalar)
        }
        bytes.append(Ascii.quote)
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\\": bytes += [Ascii.backslash, Ascii.backslash]
        case "\"": bytes += [Ascii.backslash, Ascii.quote]
        case "\n": bytes += [Ascii.backslash, Ascii.lowerN]
        case "\0"..<" ", "\u{7F}"..<"\u{A0}": bytes.append(contentsOf: "\u{FFFD}".utf8)
        default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}
