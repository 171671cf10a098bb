// Message → bytes. Owner names, CNAME targets and SOA names are compressed against the names written before them
// (RFC 1035 §4.1.4; RFC 3597 §4 allows it for exactly these well-known types).

extension Message {
    /// The message in wire form, limited to `limit` bytes.
    ///
    /// A message that is too long is not truncated inside a section. It is sent with TC set, with its question and OPT
    /// and without any records, so that no client can mistake part of a record set for the whole (RFC 2181 §9).
    package func encoded(limit: Int = Message.maximumLength) -> [UInt8] {
        var writer = Writer()
        writer.write(self)
        if writer.bytes.count <= min(limit, Self.maximumLength) { return writer.bytes }
        var short = self
        short.isTruncated = true
        short.answers = []
        short.authorities = []
        short.additionals = []
        writer = Writer()
        writer.write(short)
        return writer.bytes
    }
}

private struct Writer {
    private(set) var bytes: [UInt8] = []
    /// The offsets of names and of their tails. There are few per message, so a linear search is faster than hashing.
    private var names: [(offset: Int, tail: ArraySlice<UInt8>)] = []

    /// Pointers have fourteen bits.
    private static let maximumPointer = 0x3FFF
    /// Limits the search for tails; later names are still compressed against the first ones.
    private static let maximumTails = 64

    mutating func write(_ message: Message) {
        bytes.reserveCapacity(128)
        uint16(message.id)
        var flags = message.responseCode.rawValue & 0xF | UInt16(message.opcode & 0xF) << 11
        if message.isResponse { flags |= 0x8000 }
        if message.isAuthoritative { flags |= 0x0400 }
        if message.isTruncated { flags |= 0x0200 }
        if message.recursionDesired { flags |= 0x0100 }
        if message.recursionAvailable { flags |= 0x0080 }
        uint16(flags)
        uint16(UInt16(clamping: message.questions.count))
        uint16(UInt16(clamping: message.answers.count))
        uint16(UInt16(clamping: message.authorities.count))
        uint16(UInt16(clamping: message.additionals.count + (message.edns == nil ? 0 : 1)))
        for question in message.questions {
            name(question.name)
            uint16(question.type.rawValue)
            uint16(question.recordClass.rawValue)
        }
        for section in [message.answers, message.authorities, message.additionals] {
            for item in section { record(item) }
        }
        if let edns = message.edns { opt(edns, message.responseCode) }
    }

    private mutating func opt(_ edns: EDNS, _ code: ResponseCode) {
        bytes.append(0)
        uint16(RecordType.opt.rawValue)
        uint16(edns.payloadSize)
        uint32(UInt32(code.rawValue >> 4 & 0xFF) << 24 | UInt32(edns.version) << 16 | (edns.dnssecOK ? 0x8000 : 0))
        uint16(0)
    }

    private mutating func record(_ record: Record) {
        name(record.name)
        uint16(record.type.rawValue)
        uint16(record.recordClass.rawValue)
        uint32(record.ttlSeconds)
        let lengthAt = bytes.count
        uint16(0)
        switch record.data {
        case .address(let address): bytes += address.bytes
        case .cname(let target): name(target)
        case .soa(let soa):
            name(soa.primaryServer)
            name(soa.mailbox)
            for value in [
                soa.serial, soa.refreshSeconds, soa.retrySeconds, soa.expireSeconds, soa.minimumSeconds,
            ] { uint32(value) }
        case .other(let raw): bytes += raw.prefix(Int(UInt16.max))
        }
        let length = UInt16(clamping: bytes.count - lengthAt - 2)
        bytes[lengthAt] = UInt8(length >> 8)
        bytes[lengthAt + 1] = UInt8(truncatingIfNeeded: length)
    }

    private mutating func name(_ name: DomainName) {
        var start = 0
        while name.wire[start] != 0 {
            let tail = name.wire[start...]
            if let known = names.first(where: { DomainName.equal($0.tail, tail) }) {
                uint16(0xC000 | UInt16(known.offset))
                return
            }
            if bytes.count <= Self.maximumPointer, names.count < Self.maximumTails { names.append((bytes.count, tail)) }
            let end = start + 1 + Int(name.wire[start])
            bytes += name.wire[start..<end]
            start = end
        }
        bytes.append(0)
    }

    private mutating func uint16(_ value: UInt16) {
        bytes.append(UInt8(value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    private mutating func uint32(_ value: UInt32) {
        uint16(UInt16(value >> 16))
        uint16(UInt16(truncatingIfNeeded: value))
    }
}
