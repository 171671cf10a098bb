/// Reads what a TLS server says in the clear: the version and cipher of its hello, and tickets of TLS 1.2.
///
/// The TLS library tells neither the cipher nor of tickets. In TLS 1.3 tickets are encrypted; there `TicketWitness` counts
/// the records that carry no data.
struct ServerFlight: Sendable, Equatable {
    struct Hello: Sendable, Equatable {
        /// 0x0303 for TLS 1.2, 0x0304 for TLS 1.3.
        var version: UInt16
        var cipher: UInt16
        /// TLS 1.2: the server keeps the session under this id. TLS 1.3 only echoes the client's.
        var hasSessionID: Bool
    }

    private(set) var hello: Hello?
    /// TLS 1.2 (RFC 5077 §3.3).
    private(set) var hasTicket = false
    private var messages: [UInt8] = []

    private static let handshakeRecord: UInt8 = 22
    private static let serverHello: UInt8 = 2
    private static let newSessionTicket: UInt8 = 4
    private static let supportedVersions: UInt16 = 43
    /// No flight in the clear is longer than a few certificates; what is longer is not read.
    private static let most = 256 << 10
    /// What a HelloRetryRequest has for a random (RFC 8446 §4.1.3): the real hello is still to come.
    private static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]

    /// One whole record, its five bytes of header included.
    mutating func read(record: some Collection<UInt8>) {
        guard record.first == Self.handshakeRecord, messages.count + record.count <= Self.most else { return }
        messages += record.dropFirst(5)
        var start = 0
        while start + 4 <= messages.count {
            let length = Int(messages[start + 1]) << 16 | Int(messages[start + 2]) << 8 | Int(messages[start + 3])
            let body = (start + 4)..<(start + 4 + length)
            guard body.upperBound <= messages.count else { break }
            if messages[start] == Self.serverHello { hello = Self.readHello(Array(messages[body])) ?? hello }
            if messages[start] == Self.newSessionTicket { hasTicket = true }
            start = body.upperBound
        }
        // Once, and not after each message: a record can hold thousands of empty ones.
        messages.removeFirst(start)
    }

    /// nil for a HelloRetryRequest, and for what is no hello.
    private static func readHello(_ body: [UInt8]) -> Hello? {
        guard body.count > 34, Array(body[2..<34]) != retryRandom else { return nil }
        func word(_ index: Int) -> UInt16? {
            index + 1 < body.count ? UInt16(body[index]) << 8 | UInt16(body[index + 1]) : nil
        }
        let idLength = Int(body[34])
        guard let legacyVersion = word(0), let cipher = word(35 + idLength) else { return nil }
        var version = legacyVersion
        var index = 35 + idLength + 5
        while let type = word(index), let length = word(index + 2) {
            if type == supportedVersions, let selected = word(index + 4) { version = selected }
            index += 4 + Int(length)
        }
        return Hello(version: version, cipher: cipher, hasSessionID: idLength > 0)
    }

    /// Whether a client could resume: known for TLS 1.2 only.
    var offersResumptionInTheClear: Bool? {
        guard let hello, hello.version < 0x0304 else { return nil }
        return hasTicket || hello.hasSessionID
    }
}

/// Names of TLS versions and ciphers.
enum TLSNames {
    static func version(_ number: UInt16) -> String {
        switch number {
        case 0x0301: "1.0"
        case 0x0302: "1.1"
        case 0x0303: "1.2"
        case 0x0304: "1.3"
        default: hex(number)
        }
    }

    /// Those that the TLS library offers; the number of any other.
    static func cipher(_ number: UInt16) -> String { ciphers[number] ?? hex(number) }

    private static let ciphers: [UInt16: String] = [
        0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256", 0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384",
        0xC02F: "ECDHE-RSA-AES128-GCM-SHA256", 0xC030: "ECDHE-RSA-AES256-GCM-SHA384",
        0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305", 0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305",
        0xC009: "ECDHE-ECDSA-AES128-SHA", 0xC00A: "ECDHE-ECDSA-AES256-SHA", 0xC013: "ECDHE-RSA-AES128-SHA",
        0xC014: "ECDHE-RSA-AES256-SHA", 0x009C: "AES128-GCM-SHA256", 0x009D: "AES256-GCM-SHA384",
        0x002F: "AES128-SHA", 0x0035: "AES256-SHA",
    ]

    private static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
