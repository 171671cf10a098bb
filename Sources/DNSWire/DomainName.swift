/// A domain name in wire form without compression: length-prefixed labels, ended by the root's zero byte.
///
/// Stored in one array of bytes, so that comparing the name in an answer with the name in the question is one pass over
/// memory. Comparison ignores ASCII case (RFC 4343); the original case is preserved, because answers echo it.
package struct DomainName: Sendable {
    /// RFC 1035 §2.3.4, including the root's byte.
    package static let maximumLength = 255
    package static let maximumLabelLength = 63
    package static let root = DomainName(uncheckedWire: [0])

    package let wire: [UInt8]

    /// For bytes that are known to be a well-formed name.
    init(uncheckedWire wire: [UInt8]) { self.wire = wire }

    /// Reads presentation form: `www.example.org`, with or without the trailing dot; `\.` and `\065` as in RFC 1035 §5.1.
    ///
    /// Nil for an empty text, an empty label, a label over 63 bytes or a name over 255.
    package init?(_ text: some StringProtocol) {
        guard text != "." else {
            self = .root
            return
        }
        var wire: [UInt8] = [0]
        var labelStart = 0
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            var value = byte
            if byte == UInt8(ascii: ".") {
                guard Self.close(&wire, labelStart) else { return nil }
                labelStart = wire.count
                wire.append(0)
                continue
            }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = Self.unescape(&bytes) else { return nil }
                value = escaped
            }
            wire.append(value)
            guard wire.count <= Self.maximumLength else { return nil }
        }
        // A trailing dot produces an empty last label, which is the root; otherwise the root must be appended.
        if labelStart == 0 || labelStart + 1 < wire.count {
            guard Self.close(&wire, labelStart) else { return nil }
            wire.append(0)
        }
        guard wire.count <= Self.maximumLength else { return nil }
        self.wire = wire
    }

    /// Writes the length of the label that began at `start`.
    private static func close(_ wire: inout [UInt8], _ start: Int) -> Bool {
        let length = wire.count - start - 1
        guard (1...maximumLabelLength).contains(length) else { return false }
        wire[start] = UInt8(length)
        return true
    }

    private static func unescape(_ bytes: inout some IteratorProtocol<UInt8>) -> UInt8? {
        guard let first = bytes.next() else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard digits.contains(first) else { return first }
        guard let second = bytes.next(), let third = bytes.next(), digits.contains(second), digits.contains(third)
        else {
            return nil
        }
        let zero = Int(UInt8(ascii: "0"))
        return UInt8(exactly: (Int(first) - zero) * 100 + (Int(second) - zero) * 10 + Int(third) - zero)
    }

    /// This name below `parent`; nil if the result would be too long.
    package func appending(_ parent: DomainName) -> DomainName? {
        guard wire.count - 1 + parent.wire.count <= Self.maximumLength else { return nil }
        return DomainName(uncheckedWire: wire.dropLast() + parent.wire)
    }

    /// Whether this name equals `ancestor` or is below it.
    package func isWithin(_ ancestor: DomainName) -> Bool {
        var start = 0
        while start < wire.count {
            if wire.count - start == ancestor.wire.count {
                return Self.equal(wire[start...], ancestor.wire[...])
            }
            guard wire[start] != 0 else { return false }
            start += Int(wire[start]) + 1
        }
        return false
    }

    /// The labels from the left, without the root.
    package var labels: [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = 0
        while start < wire.count, wire[start] != 0 {
            let end = start + 1 + Int(wire[start])
            result.append(wire[start + 1..<end])
            start = end
        }
        return result
    }
}

extension DomainName: Hashable {
    /// Length bytes are below 64 and therefore not letters, so folding the whole wire form affects only the labels.
    static func fold(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    static func equal(_ lhs: ArraySlice<UInt8>, _ rhs: ArraySlice<UInt8>) -> Bool {
        guard lhs.count == rhs.count else { return false }
        return zip(lhs, rhs).allSatisfy { $0 == $1 || fold($0) == fold($1) }
    }

    package static func == (lhs: DomainName, rhs: DomainName) -> Bool {
        lhs.wire == rhs.wire || equal(lhs.wire[...], rhs.wire[...])
    }

    package func hash(into hasher: inout Hasher) {
        for byte in wire { hasher.combine(Self.fold(byte)) }
    }
}

extension DomainName: CustomStringConvertible {
    /// Presentation form without the trailing dot (`.` for the root); dots, backslashes and unprintable bytes are
    /// escaped.
    package var description: String {
        if wire.count == 1 { return "." }
        return labels.map { label in label.map(Self.escape).joined() }.joined(separator: ".")
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 0x21...0x7E: String(UnicodeScalar(byte))
        default: "\\" + String(repeating: "0", count: byte < 10 ? 2 : byte < 100 ? 1 : 0) + String(byte)
        }
    }
}
