/// Two things that a certificate says and the TLS library does not tell (RFC 5280 §4.1). They explain a refusal and
/// decide nothing. Any bytes can be read: what is not understood counts as not said.
struct CertificateFacts: Equatable {
    /// Issuer and subject are the same name.
    var isSelfIssued = false
    /// No extended key usage, or one that has servers in it.
    var isForServers = true

    init() {}

    init(der: [UInt8]) {
        var certificate = DERReader(der[...])
        guard var outer = certificate.enter(0x30), var fields = outer.enter(0x30) else { return }
        if fields.peek == 0xA0 { _ = fields.next() }
        // Serial number, signature algorithm.
        _ = fields.next()
        _ = fields.next()
        let issuer = fields.next()
        // Validity.
        _ = fields.next()
        let subject = fields.next()
        isSelfIssued = issuer != nil && issuer?.content == subject?.content
        while let field = fields.next() {
            guard field.tag == 0xA3 else { continue }
            var wrapper = DERReader(field.content)
            if var extensions = wrapper.enter(0x30) { readPurpose(&extensions) }
        }
    }

    /// `id-ce-extKeyUsage`, `id-kp-serverAuth`, `anyExtendedKeyUsage`.
    private static let usage: [UInt8] = [0x55, 0x1D, 0x25]
    private static let server: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]
    private static let any: [UInt8] = [0x55, 0x1D, 0x25, 0x00]

    private mutating func readPurpose(_ extensions: inout DERReader) {
        while var one = extensions.enter(0x30) {
            guard let name = one.next(), name.content.elementsEqual(Self.usage) else { continue }
            if one.peek == 0x01 { _ = one.next() }
            guard let value = one.next(), value.tag == 0x04 else { continue }
            var octets = DERReader(value.content)
            guard var purposes = octets.enter(0x30) else { continue }
            isForServers = false
            while let purpose = purposes.next() {
                if purpose.content.elementsEqual(Self.server) || purpose.content.elementsEqual(Self.any) {
                    isForServers = true
                }
            }
        }
    }
}

/// Elements of DER, one after the other (X.690 §8.1). nil: the end, or bytes that are none.
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var peek: UInt8? { rest.first }

    mutating func next() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard let tag = rest.first, let first = rest.dropFirst().first else { return nil }
        var body = rest.dropFirst(2)
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), body.count >= count else { return nil }
            length = body.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            body = body.dropFirst(count)
        }
        guard body.count >= length else { return nil }
        rest = body.dropFirst(length)
        return (tag, body.prefix(length))
    }

    /// The elements of the next element, if it has this tag.
    mutating func enter(_ tag: UInt8) -> DERReader? {
        guard rest.first == tag, let element = next() else { return nil }
        return DERReader(element.content)
    }
}
