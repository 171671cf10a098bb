/// Tells a resumed TLS session from a full handshake by the server's own first flight, which is in the clear.
///
/// The TLS library does not say. TLS 1.3: the ServerHello of a resumed session carries `pre_shared_key` (RFC 8446
/// §4.2.11). TLS 1.2: a full handshake goes on with a Certificate, a resumed one does not (RFC 5246 §7.3).
struct ServerFlight {
    private var records: [UInt8] = []
    private var messages: [UInt8] = []

    /// Of what was not understood yet. A server's first flight is a few certificates at most.
    private static let maxBytes = 32 << 10
    private static let handshakeRecord: UInt8 = 22
    private static let serverHello: UInt8 = 2
    private static let certificate: UInt8 = 11
    private static let preSharedKey = 41
    private static let supportedVersions = 43
    /// What a HelloRetryRequest has for a random (RFC 8446 §4.1.3); the real ServerHello follows later.
    private static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]

    /// Nil while it cannot be told yet.
    mutating func isResumed(after bytes: some Sequence<UInt8>) -> Bool? {
        records += bytes
        guard records.count + messages.count <= Self.maxBytes else { return false }
        while records.count >= 5 {
            let length = Int(records[3]) << 8 | Int(records[4])
            guard records.count >= 5 + length else { break }
            if records[0] == Self.handshakeRecord { messages += records[5..<(5 + length)] }
            records.removeFirst(5 + length)
        }
        return verdict()
    }

    private func verdict() -> Bool? {
        var hello: (isVersion13: Bool, hasPreSharedKey: Bool)?
        var start = 0
        while start + 4 <= messages.count {
            let length = Int(messages[start + 1]) << 16 | Int(messages[start + 2]) << 8 | Int(messages[start + 3])
            let body = (start + 4)..<(start + 4 + length)
            guard body.upperBound <= messages.count else { return nil }
            if messages[start] == Self.serverHello {
                hello = readHello(messages[body])
            } else if hello?.isVersion13 == false {
                return messages[start] != Self.certificate
            }
            if let hello, hello.isVersion13 { return hello.hasPreSharedKey }
            start = body.upperBound
        }
        // TLS 1.2 resumed without a new ticket: the hello is all there is in the clear.
        return hello == nil ? nil : true
    }

    /// Nil for a HelloRetryRequest.
    private func readHello(_ body: ArraySlice<UInt8>) -> (isVersion13: Bool, hasPreSharedKey: Bool)? {
        let bytes = Array(body)
        guard bytes.count > 35, Array(bytes[2..<34]) != Self.retryRandom else { return nil }
        // Version, random, session id, cipher suite, compression, length of the extensions.
        var index = 35 + Int(bytes[34]) + 3 + 2
        var types: Set<Int> = []
        while index + 4 <= bytes.count {
            types.insert(Int(bytes[index]) << 8 | Int(bytes[index + 1]))
            index += 4 + (Int(bytes[index + 2]) << 8 | Int(bytes[index + 3]))
        }
        return (types.contains(Self.supportedVersions), types.contains(Self.preSharedKey))
    }
}
