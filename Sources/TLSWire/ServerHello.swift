/// A server's choice for a TLS session (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3).
package struct ServerHello: Sendable, Equatable {
    /// 0x0303 for TLS 1.2, 0x0304 for TLS 1.3.
    package var version: UInt16
    package var cipher: UInt16
    /// TLS 1.2: the server keeps the session under this id. In TLS 1.3 the id is only an echo of the client's.
    package var hasSessionID: Bool
    /// TLS 1.3: the session is resumed (RFC 8446 §4.2.11).
    package var hasPreSharedKey: Bool

    package var isVersion13: Bool { version >= 0x0304 }

    private static let preSharedKey: UInt16 = 41
    private static let supportedVersions: UInt16 = 43
    /// The random value of a HelloRetryRequest (RFC 8446 §4.1.3), which precedes the real hello.
    private static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
        0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]

    package init(version: UInt16, cipher: UInt16, hasSessionID: Bool, hasPreSharedKey: Bool = false) {
        self.version = version
        self.cipher = cipher
        self.hasSessionID = hasSessionID
        self.hasPreSharedKey = hasPreSharedKey
    }

    /// Reads the body of a `serverHello`; nil for a HelloRetryRequest and for anything else.
    package init?(_ body: [UInt8]) {
        guard body.count > 34, body[2..<34] != Self.retryRandom[...] else { return nil }
        func word(_ index: Int) -> UInt16? {
            index + 1 < body.count ? UInt16(body[index]) << 8 | UInt16(body[index + 1]) : nil
        }
        let idLength = Int(body[34])
        guard let legacyVersion = word(0), let cipher = word(35 + idLength) else { return nil }
        self.init(version: legacyVersion, cipher: cipher, hasSessionID: idLength > 0)
        // The cipher is followed by one byte of compression and two with the length of the extensions.
        var index = 35 + idLength + 5
        while let type = word(index), let length = word(index + 2) {
            if type == Self.supportedVersions, let selected = word(index + 4) { version = selected }
            if type == Self.preSharedKey { hasPreSharedKey = true }
            index += 4 + Int(length)
        }
    }
}
