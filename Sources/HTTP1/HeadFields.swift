/// A head or trailer section as received, parsed on demand.
///
/// The parser has validated the bytes: every line ends in CRLF, and every field has a name of token characters and a
/// colon. Nothing is allocated; each look-up scans the bytes.
package struct HeadFields: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package let name: ArraySlice<UInt8>
        /// The value without surrounding blanks.
        package let value: ArraySlice<UInt8>
    }

    /// The status line if there is one, the fields, and the empty line.
    package internal(set) var bytes: [UInt8]
    /// False for trailers.
    let hasStatusLine: Bool

    package init() {
        self.init(bytes: [], hasStatusLine: false)
    }

    init(bytes: [UInt8], hasStatusLine: Bool) {
        self.bytes = bytes
        self.hasStatusLine = hasStatusLine
    }

    /// True if nothing was kept, and for a section without fields.
    package var isEmpty: Bool { first(where: { _ in true }) == nil }

    /// The text after the status code; it has no meaning (RFC 9112 §4).
    package var reason: ArraySlice<UInt8> {
        guard hasStatusLine, !bytes.isEmpty else { return [] }
        let end = lineEnd(from: 0)
        return end > 13 ? bytes[13..<end] : []
    }

    /// The value of the first field called `name`, ignoring case.
    package func firstValue(of name: String) -> ArraySlice<UInt8>? {
        first { Self.isSame($0.name, name) }?.value
    }

    /// The values of all fields called `name`, ignoring case, in order.
    package func values(of name: String) -> [ArraySlice<UInt8>] {
        filter { Self.isSame($0.name, name) }.map(\.value)
    }

    private func lineEnd(from start: Int) -> Int {
        bytes[start...].firstIndex(of: .carriageReturn) ?? bytes.endIndex
    }

    private static func isSame(_ name: ArraySlice<UInt8>, _ other: String) -> Bool {
        let other = other.utf8
        return name.count == other.count && zip(name, other).allSatisfy { $0.lowercased == $1.lowercased }
    }
}

extension HeadFields: Sequence {
    package struct Iterator: IteratorProtocol {
        let fields: HeadFields
        var position: Int

        package mutating func next() -> Field? {
            guard position < fields.bytes.count else { return nil }
            let end = fields.lineEnd(from: position)
            let line = fields.bytes[position..<end]
            guard let colon = line.firstIndex(of: .colon) else { return nil }
            position = end + 2
            let value = line[(colon + 1)...].drop(while: \.isBlank)
            let length = value.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? value.startIndex
            return Field(name: line[..<colon], value: value[..<length])
        }
    }

    /// The fields in the order received, including repeated ones.
    package func makeIterator() -> Iterator {
        Iterator(fields: self, position: hasStatusLine && !bytes.isEmpty ? lineEnd(from: 0) + 2 : 0)
    }
}
