import AgentCore

/// The authority of an `http+unix` URL is the percent-encoded path of a socket.
extension Origin {
    static let unixScheme = "http+unix"

    static func isUnix(_ scheme: some StringProtocol) -> Bool {
        scheme.utf8.count == unixScheme.utf8.count && scheme.lowercased() == unixScheme
    }

    /// The kernel accepts at most 107 bytes (unix(7)).
    static func socketPath(of authority: some StringProtocol) throws(AgentError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(authority.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
            else {
                throw .invalidRequest("The socket's path is not percent-encoded.")
            }
            bytes.append(high << 4 | low)
        }
        guard (1...107).contains(bytes.count), !bytes.contains(0), let path = String(validating: bytes, as: UTF8.self)
        else { throw .invalidRequest("The socket's path is not 1 to 107 bytes of UTF-8.") }
        return path
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    static func encoded(_ path: String) -> String {
        path.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default:
                (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
