// Validation of the parts of a request.

extension RequestBytes {
    /// The caller's fields, divided into those that are sent unchanged and those that affect a decision.
    struct SortedFields {
        var lines: [UInt8] = []
        var host: String?
        /// Connection options other than `close` and `keep-alive`.
        var options: [String] = []

        init(_ fields: [(name: String, value: String)]) throws(RequestError) {
            for (name, value) in fields {
                let value = try RequestBytes.checkedValue(name, value)
                // Most names are not reserved, as their length shows.
                guard Self.reservedLengths.contains(name.utf8.count) else {
                    RequestBytes.append(name, value, to: &lines)
                    continue
                }
                switch name.lowercased() {
                case "host":
                    guard host == nil else { throw .duplicateHost }
                    host = value
                case "content-length", "transfer-encoding":
                    throw .reservedField
                case "connection":
                    options += try Self.options(value)
                default:
                    RequestBytes.append(name, value, to: &lines)
                }
            }
        }

        private static let reservedLengths: [Int] = [4, 10, 14, 17]

        private static func options(_ value: String) throws(RequestError) -> [String] {
            var options: [String] = []
            for part in value.utf8.split(separator: .comma) {
                let option = RequestBytes.trimmed(Substring(part))
                if option.isEmpty { continue }
                guard RequestBytes.isToken(option) else { throw .badFieldValue }
                guard !["close", "keep-alive"].contains(option.lowercased()) else { throw .reservedField }
                options.append(option)
            }
            return options
        }
    }

    /// The value without surrounding blanks, if name and value are valid.
    package static func checkedValue(_ name: String, _ value: String) throws(RequestError) -> String {
        guard isToken(name) else { throw .badFieldName }
        guard !value.utf8.contains(where: \.isForbiddenControl) else { throw .badFieldValue }
        let isTrimmed = value.utf8.first?.isBlank != true && value.utf8.last?.isBlank != true
        return isTrimmed ? value : trimmed(value[...])
    }

    /// The name of the first field that is invalid on its own, so that it can be shown; nil if there is none.
    package static func refusedField(in fields: [(name: String, value: String)]) -> String? {
        let refused = fields.first { field in
            do throws(RequestError) { _ = try SortedFields([field]) } catch { return true }
            return false
        }
        return refused.map { visible($0.name) }
    }

    /// The text limited to one line, with question marks for characters that could affect a terminal.
    package static func visible(_ text: String) -> String {
        String(decoding: text.utf8.prefix(64).map { $0 > .space && $0 < 0x7F ? $0 : 0x3F }, as: UTF8.self)
    }

    static func trimmed(_ text: Substring) -> String {
        let rest = text.utf8.drop(while: \.isBlank)
        let end = rest.lastIndex { !$0.isBlank }.map { rest.index(after: $0) } ?? rest.startIndex
        return String(Substring(rest[..<end]))
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(\.isToken)
    }

    /// Three of the four forms of RFC 9112 §3.2. The fourth, a complete URI, is for proxies. A server has to prefer its
    /// authority to the Host field (§3.2.2), so the request could go to another origin than its connection.
    static func isTarget(_ target: String, _ method: String) -> Bool {
        guard target.utf8.allSatisfy({ $0 > .space && $0 < 0x7F && $0 != 0x23 }) else { return false }
        if method == "CONNECT" { return isAuthority(target) }
        if target == "*" { return method == "OPTIONS" }
        return target.utf8.first == UInt8(ascii: "/")
    }

    /// CONNECT needs the port (RFC 9110 §9.3.6).
    private static func isAuthority(_ target: String) -> Bool {
        guard isHost(target), let colon = target.utf8.lastIndex(of: .colon) else { return false }
        let port = target.utf8[colon...].dropFirst()
        return !port.isEmpty && port.allSatisfy(\.isDigit)
    }

    /// `uri-host [":" port]` (RFC 3986 §3.2.2): the characters of a name or an address, without user information.
    static func isHost(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.first != .colon && host.utf8.allSatisfy(isHostCharacter)
    }

    /// Letters, digits, `-._~`, `%`, sub-delims, and `[`, `]`, `:` for addresses and the port. One bit per character.
    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        let bits: UInt64 = byte < 64 ? 0x2FFF_7FF2_0000_0000 : 0x47FF_FFFE_AFFF_FFFE
        return byte < 0x80 && (bits >> UInt64(byte & 63)) & 1 == 1
    }
}
