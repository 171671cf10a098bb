/// The validated host and port of a URI (RFC 3986 §3.2.2, §3.2.3): everything in an http or https origin except its
/// scheme.
///
/// There is only one way to read a host, so that no two parts of a program can read the same text differently. A host
/// is a name of letters, digits, hyphens and underscores, an IPv4 address in four decimal parts, or an IPv6 address in
/// brackets, with its zone after `%25` if it is link-local (RFC 6874). Other notations for addresses (`127.1`,
/// `0x7f.1`, `010.0.0.1`), which programs read differently, are refused, as are user information and percent-encoding.
package struct Authority: Hashable, Sendable {
    /// A name in lower case with its trailing dot if it had one; or an address in the form of RFC 5952, without
    /// brackets, with a zone after `%`.
    package let host: String
    /// nil if the host is a name.
    package let address: IPAddress?
    /// nil if no port was given, or nothing follows the colon.
    package let port: Int?
    /// True if the original text can be used as a Host field unchanged.
    package let isHostField: Bool

    package init(_ text: some StringProtocol) throws(AuthorityError) {
        let bytes = Substring(text).utf8
        do throws(AuthorityError) {
            if bytes.first == UInt8(ascii: "[") {
                self = try Self.bracketed(bytes)
            } else {
                self = try Self.named(bytes)
            }
        } catch {
            // With user information present, the rest of the text may be anything, so that is the error to report.
            throw bytes.contains(UInt8(ascii: "@")) ? .userInformation : error
        }
    }

    private init(host: String, address: IPAddress?, port: Int?, isHostField: Bool) {
        self.host = host
        self.address = address
        self.port = port
        self.isHostField = isHostField
    }

    /// Reads a host without a port: a name, an IPv4 address, or an IPv6 address in brackets.
    package static func host(_ text: some StringProtocol) throws(AuthorityError) -> Authority {
        let authority = try Authority(text)
        guard authority.port == nil, !text.hasSuffix(":") else { throw .notName("\(text)") }
        return authority
    }

    // MARK: Text out

    /// The host as sent to the server, without the zone, which has a meaning only on this machine (RFC 6874 §4).
    private var sentHost: String {
        guard let address, address.family == .v6 else { return host }
        return "[\(address.withoutZone)]"
    }

    /// The value of the Host field, with the port only if one was given.
    package var hostField: String { port.map { "\(sentHost):\($0)" } ?? sentHost }

    /// Host and port as written in a URL; no port if it is nil.
    package static func text(host: String, port: Int?) -> String {
        let suffix = port.map { ":\($0)" } ?? ""
        guard host.contains(":") else { return host + suffix }
        guard let percent = host.firstIndex(of: "%") else { return "[\(host)]" + suffix }
        return "[\(host[..<percent])%25\(host[percent...].dropFirst())]" + suffix
    }
}

// MARK: Text in

extension Authority {
    private typealias Bytes = Substring.UTF8View

    private static func bracketed(_ text: Bytes) throws(AuthorityError) -> Authority {
        guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw .openBracket("\(Substring(text))") }
        let inside = text[text.index(after: text.startIndex)..<end]
        var literal = String(Substring(inside))
        var hasZone = false
        if let percent = literal.utf8.firstIndex(of: UInt8(ascii: "%")) {
            guard literal[percent...].hasPrefix("%25") else { throw .badZone(literal) }
            literal = String(literal[..<percent]) + "%" + literal[percent...].dropFirst(3)
            hasZone = true
        }
        guard let address = IPAddress(literal), address.family == .v6 else {
            throw hasZone ? .badZone(String(Substring(inside))) : .notIPv6(literal)
        }
        let (port, isPlain) = try port(text[text.index(after: end)...])
        let host = "\(address)"
        return Authority(
            host: host, address: address, port: port, isHostField: isPlain && !hasZone && host == literal)
    }

    private static func named(_ text: Bytes) throws(AuthorityError) -> Authority {
        let name = text.prefix { $0 != UInt8(ascii: ":") }
        let rest = text[name.endIndex...]
        if rest.dropFirst().contains(UInt8(ascii: ":")) { throw .bareIPv6("\(Substring(text))") }
        guard !name.isEmpty else { throw .noHost }
        let scan = try NameScan(name)
        let (port, isPlain) = try port(rest)
        let host = String(Substring(name))
        var address: IPAddress?
        if scan.endsInNumber {
            address = IPAddress(dotted: name)
            guard address != nil else { throw .notIPv4(host) }
        }
        return Authority(
            host: scan.hasUpperCase ? host.lowercased() : host, address: address, port: port,
            isHostField: isPlain && !scan.hasUpperCase)
    }

    /// Reads `:PORT` or nothing. Leading zeros are ignored; a colon without digits means no port (RFC 3986 §3.2.3).
    private static func port(_ text: Bytes) throws(AuthorityError) -> (port: Int?, isPlain: Bool) {
        guard let colon = text.first else { return (nil, true) }
        let digits = text.dropFirst()
        guard colon == UInt8(ascii: ":") else { throw .notName("\(Substring(text))") }
        guard !digits.isEmpty else { return (nil, false) }
        var port = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), port <= 65_535 else {
                throw .badPort("\(Substring(digits))")
            }
            port = port * 10 + Int(digit - UInt8(ascii: "0"))
        }
        guard (1...65_535).contains(port) else { throw .badPort("\(Substring(digits))") }
        return (port, digits.first != UInt8(ascii: "0"))
    }
}

/// Scans a name in one pass: RFC 1123 labels, plus underscores, which are used in practice; a final dot is allowed.
private struct NameScan {
    private(set) var hasUpperCase = false
    /// The last label is a number, as in `127.0.0.1`. Such a name must be an address, in the one notation that every
    /// program reads the same way.
    private(set) var endsInNumber = false

    init(_ name: Substring.UTF8View) throws(AuthorityError) {
        let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
        var length = 0
        var label = NumericLabel()
        var previous = dot
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): break
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUpperCase = true
            case hyphen where previous != dot: break
            case dot where previous != dot && previous != hyphen: break
            default: throw Self.problem(name)
            }
            length += 1
            if byte == dot {
                endsInNumber = label.isNumber
                label = NumericLabel()
            } else {
                label.append(byte)
                if label.length > 63 { throw Self.problem(name) }
            }
            previous = byte
        }
        if previous != dot { endsInNumber = label.isNumber }
        if previous == hyphen || length > (previous == dot ? 254 : 253) { throw Self.problem(name) }
    }

    private static func problem(_ name: Substring.UTF8View) -> AuthorityError {
        if name.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return .controlCharacter }
        let text = "\(Substring(name))"
        return name.contains { $0 >= 0x80 } ? .notASCII(text) : .notName(text)
    }
}

/// Detects labels that some program could read as a number: decimal, or hexadecimal with `0x`.
private struct NumericLabel {
    private(set) var length = 0
    private var isDecimal = true
    private var isHexadecimal = true

    var isNumber: Bool { length > 0 && (isDecimal || isHexadecimal && length > 1) }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        let letter = byte | 0x20
        switch length {
        case 0: isHexadecimal = byte == UInt8(ascii: "0")
        case 1: isHexadecimal = isHexadecimal && letter == UInt8(ascii: "x")
        default:
            let isLetter = letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f")
            isHexadecimal = isHexadecimal && (isDigit || isLetter)
        }
        isDecimal = isDecimal && isDigit
        length += 1
    }
}

/// Why a text is not an authority. The payload is the invalid part.
package enum AuthorityError: Error, Hashable, Sendable {
    case noHost
    case userInformation
    case controlCharacter
    case notName(String)
    case notASCII(String)
    case notIPv4(String)
    case notIPv6(String)
    case bareIPv6(String)
    case openBracket(String)
    case badZone(String)
    case badPort(String)

    /// A sentence for users.
    package var sentence: String {
        switch self {
        case .noHost: "The authority has no host."
        case .userInformation: "The authority has user information, which is not sent."
        case .controlCharacter: "The authority has a control character."
        case .notName: "The authority's host is not a name."
        case .notASCII: "The authority's host has letters outside of ASCII; they are written in punycode (xn--…)."
        case .notIPv4: "The authority's host ends in a number and is not an IPv4 address."
        case .notIPv6: "The authority's host is not an IPv6 address."
        case .bareIPv6: "An IPv6 address in an authority stands in brackets."
        case .openBracket: "The bracket in the authority is not closed."
        case .badZone: "A zone stands behind %25 of a link-local IPv6 address."
        case .badPort: "The port is not 1 to 65535."
        }
    }
}
