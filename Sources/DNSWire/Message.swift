/// One DNS message (RFC 1035 §4), query or response, with EDNS0 (RFC 6891) lifted out of the additional section.
///
/// Used from both ends: the stub resolver encodes queries and decodes responses, the bundled DNS server the reverse.
/// `MessageDecoder.swift` says what is refused, `MessageEncoder.swift` what is written.
package struct Message: Sendable, Equatable {
    /// More than any server sends in 64 KiB of sense; one more is `MessageError.tooManyRecords`.
    package static let maximumRecords = 512
    package static let maximumLength = 65_535
    /// The size that survives every path without fragments (DNS Flag Day 2020); what we offer and what we accept.
    package static let ednsPayloadSize: UInt16 = 1232
    /// What a client takes that does not speak EDNS (RFC 1035 §4.2.1).
    package static let plainPayloadSize: UInt16 = 512

    package var id: UInt16
    package var isResponse = false
    /// Zero is a standard query, the only one we ask.
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

    /// The beginnings of a response to `self`: same id, question, opcode and RD; EDNS where the client speaks it.
    ///
    /// Add records with `answers`, `authorities`; for NXDOMAIN or NODATA put the zone's SOA among the authorities.
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

    /// The largest response that the sender of this query takes over UDP: at least 512, and never over 1232 from us.
    package var udpResponseLimit: Int {
        guard let edns else { return Int(Self.plainPayloadSize) }
        return Int(min(max(edns.payloadSize, Self.plainPayloadSize), Self.ednsPayloadSize))
    }
}

/// What is asked.
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

/// A record's content, as far as a stub resolver has to understand it.
package enum RecordData: Sendable, Equatable {
    case address(IPAddress)
    case cname(DomainName)
    case soa(StartOfAuthority)
    /// Any other type or class: the bytes as they came. They may hold compression pointers into the message they came
    /// from, so they are for looking at and not for sending on.
    case other([UInt8])
}

/// The zone's data, which carries the lifetime of negative answers (RFC 2308 §4).
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

/// The OPT pseudo-record's content. Options are read over.
package struct EDNS: Sendable, Equatable {
    /// The largest UDP message that the sender takes, in bytes.
    package var payloadSize: UInt16
    package var version: UInt8
    package var dnssecOK: Bool

    package init(payloadSize: UInt16 = Message.ednsPayloadSize, version: UInt8 = 0, dnssecOK: Bool = false) {
        self.payloadSize = payloadSize
        self.version = version
        self.dnssecOK = dnssecOK
    }
}

/// A record type by its number; unknown ones are kept.
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

/// A response code, the extended bits of EDNS included.
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

/// Why bytes are no DNS message.
package enum MessageError: String, Error, Sendable, CaseIterable {
    /// The bytes end inside a field, or a count promises more than there is.
    case truncated
    /// Longer than 65,535 bytes.
    case tooLong
    /// More records than `Message.maximumRecords`.
    case tooManyRecords
    /// A label type other than plain and pointer (RFC 6891 §5 retired the rest).
    case badLabel
    /// A name over 255 bytes.
    case nameTooLong
    /// A compression pointer that does not point backwards.
    case badPointer
    /// A record's data is longer or shorter than its type demands.
    case badRecordLength
    /// A second OPT record, or one whose name is not the root (RFC 6891 §6.1.1).
    case badOPT
    /// Bytes after the last record.
    case trailingBytes
}
