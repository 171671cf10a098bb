import TLSWire

/// Reads the unencrypted messages of a TLS server: the version and cipher in its hello, and tickets of TLS 1.2.
///
/// The TLS library reports neither the cipher nor tickets. In TLS 1.3 tickets are encrypted, so `TLSRecordObserver`
/// counts the records that carry no data.
struct ServerFlight: Sendable, Equatable {
    private(set) var hello: ServerHello?
    /// TLS 1.2 (RFC 5077 §3.3).
    private(set) var hasTicket = false
    /// A few certificates are the longest unencrypted flight; longer messages are ignored.
    private var messages = HandshakeMessages(limit: 256 << 10)

    /// Takes one whole record, including the five bytes of its header.
    mutating func read(record: some Collection<UInt8>) {
        for message in messages.read(record: record) {
            if message.type == HandshakeMessage.serverHello { hello = ServerHello(message.body) ?? hello }
            if message.type == HandshakeMessage.newSessionTicket { hasTicket = true }
        }
    }

    /// True if a client could resume; known for TLS 1.2 only.
    var offersResumptionInTheClear: Bool? {
        guard let hello, !hello.isVersion13 else { return nil }
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

    /// The name of a cipher that the TLS library offers, or the number of any other.
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
