import DNSWire
import Testing

@Suite("DNS: malicious messages")
struct DNSMessageAttackTests {
    /// A response header with these counts.
    private static func header(_ questions: UInt8 = 0, answers: UInt8 = 0, additionals: UInt8 = 0) -> [UInt8] {
        [0, 1, 0x80, 0, 0, questions, 0, answers, 0, 0, 0, additionals]
    }
    private static let typeAndClass: [UInt8] = [0, 1, 0, 1]
    private static let opt: [UInt8] = [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]
    static let cases: [(String, [UInt8], MessageError)] = [
        ("nothing", [], .truncated),
        ("half a header", [0, 1, 0x80, 0, 0], .truncated),
        ("a promised question is missing", header(1), .truncated),
        ("too many records", [0, 1, 0x80, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .tooManyRecords),
        ("a name that points to itself", header(1) + [0xC0, 12] + typeAndClass, .badPointer),
        ("a name that points ahead", header(1) + [0xC0, 14, 0, 0] + typeAndClass, .badPointer),
        ("a name that points behind the end", header(1) + [0xFF, 0xFF] + typeAndClass, .badPointer),
        ("a label and then itself", header(1) + [1, 0x61, 0xC0, 12] + typeAndClass, .badPointer),
        ("half a pointer", header(1) + [0xC0], .truncated),
        ("a label over the end", header(1) + [63, 0x61], .truncated),
        ("label type 01", header(1) + [0x41, 0] + typeAndClass, .badLabel),
        ("label type 10", header(1) + [0x80, 0] + typeAndClass, .badLabel),
        ("a question without class", header(1) + [0, 0, 1, 0], .truncated),
        ("a name of 256 bytes", header(1) + [UInt8](repeating: 1, count: 256) + [0] + typeAndClass, .nameTooLong),
        (
            "an A of three bytes", header(answers: 1) + [0] + typeAndClass + [0, 0, 0, 1, 0, 3, 1, 2, 3],
            .badRecordLength
        ),
        (
            "an AAAA of four bytes", header(answers: 1) + [0, 0, 28, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3, 4],
            .badRecordLength
        ),
        ("data over the end", header(answers: 1) + [0] + typeAndClass + [0, 0, 0, 1, 0, 4, 1, 2, 3], .truncated),
        (
            "an alias longer than its data", header(answers: 1) + [0, 0, 5, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0x61, 0],
            .badRecordLength
        ),
        (
            "an alias shorter than its data", header(answers: 1) + [0, 0, 5, 0, 1, 0, 0, 0, 1, 0, 2, 0, 0],
            .badRecordLength
        ),
        ("an empty SOA", header(answers: 1) + [0, 0, 6, 0, 1, 0, 0, 0, 1, 0, 0], .truncated),
        ("two OPT", header(additionals: 2) + opt + opt, .badOPT),
        ("an OPT with a name", header(additionals: 1) + [1, 0x61] + opt, .badOPT),
        ("something after the end", header() + [0], .trailingBytes),
        ("more than 64 KiB", header() + [UInt8](repeating: 0, count: 65_524), .tooLong),
    ]

    @Test("A malicious message is refused with the reason", arguments: cases.map(\.0))
    func refused(_ title: String) throws {
        let (_, bytes, expected) = try #require(Self.cases.first { $0.0 == title })
        #expect(throws: expected) { try Message(decoding: bytes) }
    }

    @Test("A pointer to an earlier name is followed")
    func aPointerToAnEarlierNameIsRead() throws {
        let bytes =
            Self.header(2) + [1, 0x61, 1, 0x62, 0] + Self.typeAndClass + [1, 0x63, 0xC0, 14] + Self.typeAndClass
        #expect(try Message(decoding: bytes).questions.map(\.name) == [name("a.b"), name("c.b")])
    }

    /// Each name is a pointer to the pointer before: 200 jumps, all backwards, are slow to nobody.
    @Test("A chain of pointers is followed")
    func aChainOfPointersIsRead() throws {
        var bytes: [UInt8] = [0, 1, 0x80, 0, 0, 200, 0, 0, 0, 0, 0, 0] + [1, 0x61, 0] + Self.typeAndClass
        var previous = 12
        for _ in 1..<200 {
            let here = bytes.count
            bytes += [0xC0 | UInt8(previous >> 8), UInt8(previous & 255)] + Self.typeAndClass
            previous = here
        }
        #expect(try Message(decoding: bytes).questions.allSatisfy { $0.name == name("a") })
    }

    @Test("A TTL with its top bit set is zero")
    func aTTLWithItsTopBitIsZero() throws {
        let bytes = Self.header(answers: 1) + [0] + Self.typeAndClass + [0x80, 0, 0, 1, 0, 4, 1, 2, 3, 4]
        #expect(try Message(decoding: bytes).answers.first?.ttlSeconds == 0)
    }

    /// 512 records whose names all point at one long name: the costliest message there is stays cheap.
    @Test("Amplification by compression is bounded")
    func amplificationIsBounded() throws {
        let long = Array(repeating: [UInt8(1), 0x61], count: 126).joined() + [0]
        var bytes: [UInt8] = [0, 1, 0x80, 0, 0, 1, 0x01, 0xFF, 0, 0, 0, 0] + long + Self.typeAndClass
        for _ in 0..<511 { bytes += [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 1, 0, 2, 0xC0, 12] }
        #expect(try Message(decoding: bytes).answers.count == 511)
    }

    @Test("Unknown types and classes are preserved")
    func unknownTypesAndClassesAreKept() throws {
        let bytes = Self.header(answers: 1) + [0, 0, 1, 0, 3, 0, 0, 0, 1, 0, 3, 1, 2, 3]
        let record = try #require(try Message(decoding: bytes).answers.first)
        #expect(record.data == .other([1, 2, 3]))
    }
}
