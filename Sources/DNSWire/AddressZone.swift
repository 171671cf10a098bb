/// The network interface that an address of link-local scope belongs to (RFC 4007 §11): `eth0` in `fe80::1%eth0`.
///
/// Stores the interface's name rather than its number, which only the kernel knows and which changes when an interface
/// is recreated; sockets look the number up when they connect. The bytes are stored inline (a name has at most fifteen,
/// IFNAMSIZ), so that an address stays a trivial value.
package struct AddressZone: Hashable, Sendable {
    package static let maximumLength = 15

    private let head: UInt64
    private let tail: UInt64

    /// No zone.
    static let none = AddressZone(head: 0, tail: 0)

    private init(head: UInt64, tail: UInt64) {
        self.head = head
        self.tail = tail
    }

    /// Reads the name or number of an interface: letters, digits, `-`, `.`, `_` and `~`, the characters that a URL can
    /// contain unescaped (RFC 3986 §2.3).
    package init?(_ text: some Collection<UInt8>) {
        guard (1...Self.maximumLength).contains(text.count), text.allSatisfy(Self.isAllowed) else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for byte in text { words = (words.0 << 8 | words.1 >> 56, words.1 << 8 | UInt64(byte)) }
        self.init(head: words.0, tail: words.1)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension AddressZone: CustomStringConvertible {
    package var description: String {
        let bytes = [head, tail].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
        return String(decoding: bytes.drop { $0 == 0 }, as: UTF8.self)
    }
}
