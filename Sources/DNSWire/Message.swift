/// One DNS message (RFC 1035 §4), query or response, with EDNS0 (RFC 6891) extracted from the additional section.
///
/// Used by both sides: the stub resolver encodes queries and decodes responses, the bundled DNS server does the
/// reverse. `MessageDecoder.swift` documents what is refused, `MessageEncoder.swift` what is written.
package struct Message: Sendable, Equatable {
    /// No sensible server sends more in 64 KiB; more are refused with `MessageError.tooManyRecords`.
    package static let maximumRecords = 512
    package static let maximumLength = 65_535
    /// The size that needs no fragmentation on any path (DNS Flag Day 2020). We offer and accept it.
    package static let ednsPayloadSize: UInt16 = 1232
    /// The limit for a client that does not support EDNS (RFC 1035 §4.2.1).
    package static let plainPayloadSize: UInt16 = 512

    package var id: UInt16
    package var isResponse = false
    /// Zero is a standard query, the only kind that we send.
    package var opcode: UInt8 = 0
    package var isAuthoritative = false
    package var isTruncated = false
    package var recursionDesired = true
    package var recursionAvailable = false
    package var responseCode = ResponseCode.noError
    package var questions: [Question] = []
    package var answers: [Record] = []
    package var authorities: [Record] = []
    package var additionals: [Record] = []
    package var edns: EDNS?

    package init(id: UInt16) { self.id = id }

    /// A query for one name and type, recursion desired.
    package static func query(id: UInt16, name: DomainName, type: RecordType, edns: Bool = true) -> Message {
        var message = Message(id: id)
        message.questions = [Question(name: name, type: type)]
        if edns { message.edns = EDNS() }
        return message
    }

    /// Creates a response to this query with the same id, question, opcode and RD, and with EDNS if the client supports
    /// it.
    ///
    /// Add records to `answers` and `authorities`; for NXDOMAIN or NODATA add the zone's SOA to the authorities.
    package func response(_ code: ResponseCode = .noError, authoritative: Bool = true) -> Message {
        var response = Message(id: id)
        response.isResponse = true
        response.opcode = opcode
        response.recursionDesired = recursionDesired
        response.isAuthoritative = authoritative
        response.responseCode = code
        response.questions = questions
        if edns != nil { response.edns = EDNS() }
        return response
    }

    /// The largest response that the sender of this query accepts over UDP: at least 512, and at most the 1232 that we
    /// send.
    package var udpResponseLimit: Int {
        guard let edns else { return Int(Self.plainPayloadSize) }
        return Int(min(max(edns.payloadSize, Self.plainPayloadSize), Self.ednsPayloadSize))
    }
}

/// A question: the name, type and class that are asked for.
package struct Question: Sendable, Hashable {
    package var name: DomainName
    package var type: RecordType
    package var recordClass: RecordClass

    package init(name: DomainName, type: RecordType, recordClass: RecordClass = .internet) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
    }
}

/// One resource record.
package struct Record: Sendable, Equatable {
    package var name: DomainName
    package var type: RecordType
    package var recordClass: RecordClass
    /// Seconds. A value with the top bit set reads as zero (RFC 2181 §8).
    package var ttlSeconds: UInt32
    package var data: RecordData

    package init(
        name: DomainName, type: RecordType, recordClass: RecordClass = .internet, ttlSeconds: UInt32, data: RecordData
    ) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
        self.ttlSeconds = ttlSeconds
        self.data = data
    }

    /// An A or AAAA record, by the address's family.
    package static func address(_ name: DomainName, _ address: IPAddress, ttlSeconds: UInt32) -> Record {
        Record(name: name, type: .init(address.family), ttlSeconds: ttlSeconds, data: .address(address))
    }

    package static func cname(_ name: DomainName, _ target: DomainName, ttlSeconds: UInt32) -> Record {
        Record(name: name, type: .cname, ttlSeconds: ttlSeconds, data: .cname(target))
    }

    package static func soa(_ name: DomainName, _ soa: StartOfAuthority, ttlSeconds: UInt32) -> Record {
        Record(name: name, type: .soa, ttlSeconds: ttlSeconds, data: .soa(soa))
    }
}

/// A record's content, to the extent that a stub resolver has to understand it.
package enum RecordData: Sendable, Equatable {
    case address(IPAddress)
    case cname(DomainName)
    case soa(StartOfAuthority)
    /// Any other type or class: the bytes as received. They may contain compression pointers into the original message,
    /// so they can be inspected but not sent on.
    case other([UInt8])
}

/// The zone's data, which includes the lifetime of negative answers (RFC 2308 §4).
package struct StartOfAuthority: Sendable, Equatable {
    package var primaryServer: DomainName
    package var mailbox: DomainName
    package var serial: UInt32
    package var refreshSeconds: UInt32
    package var retrySeconds: UInt32
    package var expireSeconds: UInt32
    /// The TTL of negative answers.
    package var minimumSeconds: UInt32

    package init(
        primaryServer: DomainName, mailbox: DomainName, serial: UInt32 = 1, refreshSeconds: UInt32 = 3600,
        retrySeconds: UInt32 = 600, expireSeconds: UInt32 = 86_400, minimumSeconds: UInt32
    ) {
        self.primaryServer = primaryServer
        self.mailbox = mailbox
        self.serial = serial
        self.refreshSeconds = refreshSeconds
        self.retrySeconds = retrySeconds
        self.expireSeconds = expireSeconds
        self.minimumSeconds = minimumSeconds
    }
}

/// The content of the OPT pseudo-record. Options are skipped.
package struct EDNS: Sendable, Equatable {
    /// The largest UDP message that the sender accepts, in bytes.
    package var payloadSize: UInt16
    package var version: UInt8
    package var dnssecOK: Bool

    package init(payloadSize: UInt16 = Message.ednsPayloadSize, version: UInt8 = 0, dnssecOK: Bool = false) {
        self.payloadSize = payloadSize
        self.version = version
        self.dnssecOK = dnssecOK
    }
}

/// A record type by its number; unknown types are preserved.
package struct RecordType: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let aaaa = RecordType(rawValue: 28)
    package static let opt = RecordType(rawValue: 41)
    package static let any = RecordType(rawValue: 255)

    package init(_ family: IPAddress.Family) {
        switch family {
        case .v4: self = .a
        case .v6: self = .aaaa
        }
    }
}

/// A record class by its number.
package struct RecordClass: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let internet = RecordClass(rawValue: 1)
}

/// A response code, including the extended bits of EDNS.
package struct ResponseCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let noError = ResponseCode(rawValue: 0)
    package static let formatError = ResponseCode(rawValue: 1)
    package static let serverFailure = ResponseCode(rawValue: 2)
    /// NXDOMAIN.
    package static let nameError = ResponseCode(rawValue: 3)
    package static let notImplemented = ResponseCode(rawValue: 4)
    package static let refused = ResponseCode(rawValue: 5)
    package static let badVersion = ResponseCode(rawValue: 16)
}

/// Why bytes are not a valid DNS message.
package enum MessageError: String, Error, Sendable, CaseIterable {
    /// The bytes end inside a field, or a count exceeds the records that are present.
    case truncated
    /// Longer than 65,535 bytes.
    case tooLong
    /// More records than `Message.maximumRecords`.
    case tooManyRecords
    /// A label type other than plain and pointer (RFC 6891 §5 retired the others).
    case badLabel
    /// A name over 255 bytes.
    case nameTooLong
    /// A compression pointer that does not point backwards.
    case badPointer
    /// A record's data is longer or shorter than its type requires.
    case badRecordLength
    /// A second OPT record, or one whose name is not the root (RFC 6891 §6.1.1).
    case badOPT
    /// Bytes after the last record.
    case trailingBytes
}
