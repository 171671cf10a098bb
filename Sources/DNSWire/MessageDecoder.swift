// Bytes → Message. Any input gives a message or a `MessageError`: nothing here traps, recurses, or runs longer than the
// limits allow.
//
// Names: a compression pointer must point strictly before the start of the labels that it ends. Each jump therefore
// goes backwards, which rules out loops without counting, and a name is limited to 255 bytes, which bounds the work per
// name. Both known attacks (self-pointing name, chain of pointers) end in `badPointer` or `nameTooLong`.

extension Message {
    package init(decoding bytes: [UInt8]) throws(MessageError) {
        guard bytes.count <= Self.maximumLength else { throw .tooLong }
        var reader = Reader(bytes)
        self.init(id: try reader.uint16())
        let flags = try reader.uint16()
        isResponse = flags & 0x8000 != 0
        opcode = UInt8(flags >> 11 & 0xF)
        isAuthoritative = flags & 0x0400 != 0
        isTruncated = flags & 0x0200 != 0
        recursionDesired = flags & 0x0100 != 0
        recursionAvailable = flags & 0x0080 != 0
        let counts = (
            Int(try reader.uint16()), Int(try reader.uint16()), Int(try reader.uint16()), Int(try reader.uint16())
        )
        guard counts.0 + counts.1 + counts.2 + counts.3 <= Self.maximumRecords else { throw .tooManyRecords }
        for _ in 0..<counts.0 { questions.append(try reader.question()) }
        answers = try reader.records(counts.1)
        authorities = try reader.records(counts.2)
        additionals = try reader.records(counts.3, isAdditional: true)
        guard reader.isAtEnd else { throw .trailingBytes }
        edns = reader.opt?.edns
        responseCode = ResponseCode(rawValue: (reader.opt?.extendedCode ?? 0) << 4 | flags & 0xF)
    }
}

/// A position in the bytes of one message.
private struct Reader {
    struct OPT {
        var edns: EDNS
        var extendedCode: UInt16
    }

    private let bytes: [UInt8]
    private var position = 0
    /// The OPT record, found by `records` in the additional section.
    private(set) var opt: OPT?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func uint16() throws(MessageError) -> UInt16 {
        guard bytes.count - position >= 2 else { throw .truncated }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    mutating func uint32() throws(MessageError) -> UInt32 {
        UInt32(try uint16()) << 16 | UInt32(try uint16())
    }

    mutating func uint64() throws(MessageError) -> UInt64 {
        UInt64(try uint32()) << 32 | UInt64(try uint32())
    }

    mutating func question() throws(MessageError) -> Question {
        Question(
            name: try name(), type: RecordType(rawValue: try uint16()),
            recordClass: RecordClass(rawValue: try uint16()))
    }

    mutating func records(_ count: Int, isAdditional: Bool = false) throws(MessageError) -> [Record] {
        var records: [Record] = []
        // The count comes from the sender, so space is reserved only for what the bytes can contain, at eleven bytes a
        // record.
        records.reserveCapacity(min(count, (bytes.count - position) / 11))
        for _ in 0..<count {
            let name = try name()
            let type = RecordType(rawValue: try uint16())
            let recordClass = try uint16()
            let ttl = try uint32()
            let length = Int(try uint16())
            guard bytes.count - position >= length else { throw .truncated }
            let end = position + length
            if type == .opt, isAdditional {
                guard name.wire.count == 1, opt == nil else { throw .badOPT }
                let edns = EDNS(
                    payloadSize: recordClass, version: UInt8(truncatingIfNeeded: ttl >> 16),
                    dnssecOK: ttl & 0x8000 != 0)
                opt = OPT(edns: edns, extendedCode: UInt16(ttl >> 24))
                position = end
                continue
            }
            let data = try data(type, RecordClass(rawValue: recordClass), end: end)
            guard position == end else { throw .badRecordLength }
            records.append(
                Record(
                    name: name, type: type, recordClass: RecordClass(rawValue: recordClass),
                    ttlSeconds: ttl > 0x7FFF_FFFF ? 0 : ttl, data: data))
        }
        return records
    }

    private mutating func data(
        _ type: RecordType, _ recordClass: RecordClass, end: Int
    ) throws(MessageError) -> RecordData {
        switch (recordClass, type) {
        case (.internet, .a):
            guard end - position == 4 else { throw .badRecordLength }
            return .address(IPAddress(v4: try uint32()))
        case (.internet, .aaaa):
            guard end - position == 16 else { throw .badRecordLength }
            return .address(IPAddress(v6High: try uint64(), low: try uint64()))
        case (.internet, .cname):
            return .cname(try name())
        case (.internet, .soa):
            return .soa(
                StartOfAuthority(
                    primaryServer: try name(), mailbox: try name(), serial: try uint32(),
                    refreshSeconds: try uint32(), retrySeconds: try uint32(), expireSeconds: try uint32(),
                    minimumSeconds: try uint32()))
        default:
            defer { position = end }
            return .other(Array(bytes[position..<end]))
        }
    }

    /// Reads a name and moves to the position after its first pointer or its root byte.
    private mutating func name() throws(MessageError) -> DomainName {
        var wire: [UInt8] = []
        var cursor = position
        var sequenceStart = position
        var afterPointer: Int?
        while true {
            guard cursor < bytes.count else { throw .truncated }
            let length = bytes[cursor]
            switch length >> 6 {
            case 0b00:
                let end = cursor + 1 + Int(length)
                guard end <= bytes.count else { throw .truncated }
                guard wire.count + 1 + Int(length) <= DomainName.maximumLength else { throw .nameTooLong }
                wire += bytes[cursor..<end]
                cursor = end
                if length == 0 {
                    position = afterPointer ?? cursor
                    return DomainName(uncheckedWire: wire)
                }
            case 0b11:
                guard cursor + 1 < bytes.count else { throw .truncated }
                let target = Int(length & 0x3F) << 8 | Int(bytes[cursor + 1])
                guard target < sequenceStart else { throw .badPointer }
                if afterPointer == nil { afterPointer = cursor + 2 }
                sequenceStart = target
                cursor = target
            default:
                throw .badLabel
            }
        }
    }
}
