import Testing

@testable import KeepAliveAgent

@Suite struct ReferenceIdentityTests {
    @Test(
        "A DNS name matches completely, ignoring case and a trailing dot, or by a wildcard for one label",
        arguments: [
            ("www.example.test", "www.example.test", true),
            ("WWW.Example.TEST", "www.eXample.test", true),
            ("www.example.test.", "www.example.test", true),
            ("www.example.test", "www.example.test.", true),
            ("www.example.test", "example.test", false),
            ("www.example.test", "ww.example.test", false),
            ("www.example.test", "www.example.test\0.evil.test", false),
            ("www.example.test", "www.example.test ", false),
            ("www.example.test", "", false),
            ("www.example.test", "*.example.test", true),
            ("www.example.test", "*.EXAMPLE.test.", true),
            ("a.www.example.test", "*.example.test", false),
            ("example.test", "*.example.test", false),
            (".example.test", "*.example.test", false),
            ("xn--bcher-kva.example.test", "*.example.test", true),
            ("xn--bcher-kva.example.test", "XN--bcher-kva.example.test", true),
            ("xn--bcher-kva.example.test", "xn--*.example.test", false),
            ("www.example.test", "w*.example.test", false),
            ("www.example.test", "*w.example.test", false),
            ("www.example.test", "www.*.test", false),
            ("a.b.example.test", "*.*.example.test", false),
            ("example.test", "*.test", false),
            ("test", "*", false),
            ("test", "*.", false),
            ("localhost", "localhost", true),
            ("127.0.0.1", "127.0.0.1", false),
            ("127.0.0.1", "*.0.0.1", false),
        ])
    func names(asked: String, presented: String, isCovered: Bool) {
        #expect(ReferenceIdentity(host: asked).isCovered(byDNSName: presented.utf8) == isCovered)
    }

    @Test(
        "An IP address matches only an address of the same family, and never a name",
        arguments: [
            ("127.0.0.1", [127, 0, 0, 1] as [UInt8], true),
            ("127.0.0.2", [127, 0, 0, 1], false),
            ("127.0.0.1", [127, 0, 0, 1, 0], false),
            ("127.0.0.1", [], false),
            ("::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("0:0::0:1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("::ffff:127.0.0.1", [127, 0, 0, 1], false),
            ("fe80::1%eth0", [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ("localhost", [127, 0, 0, 1], false),
        ])
    func addresses(asked: String, presented: [UInt8], isCovered: Bool) {
        #expect(ReferenceIdentity(host: asked).isCovered(byAddress: presented) == isCovered)
    }

    @Test(
        "The server name indication contains a name without its trailing dot, and never an address",
        arguments: [
            ("www.example.test", "www.example.test"), ("www.example.test.", "www.example.test"),
            ("WWW.example.test", "www.example.test"), ("127.0.0.1", nil), ("::1", nil), ("fe80::1%eth0", nil),
        ] as [(String, String?)])
    func serverName(host: String, expected: String?) {
        #expect(ReferenceIdentity(host: host).serverName == expected)
    }

    @Test("Reading the facts of any certificate bytes ends without a trap")
    func certificateFacts() throws {
        var bytes: [UInt8] = [0x30, 0x82, 0x01, 0x00, 0x30, 0x81, 0x80]
        #expect(CertificateFacts(der: []) == CertificateFacts() && CertificateFacts(der: bytes) == CertificateFacts())
        bytes = try TLSFixtures.certificate(TLSFixtures.clientOnly).toDERBytes()
        #expect(!CertificateFacts(der: bytes).isForServers && !CertificateFacts(der: bytes).isSelfIssued)
        for count in 0..<bytes.count { _ = CertificateFacts(der: Array(bytes.prefix(count))) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<3 { changed[Int.random(in: 0..<changed.count)] = .random(in: 0...255, using: &random) }
            _ = CertificateFacts(der: changed)
        }
        bytes = try TLSFixtures.certificate(TLSFixtures.selfSigned).toDERBytes()
        #expect(CertificateFacts(der: bytes).isForServers && CertificateFacts(der: bytes).isSelfIssued)
    }
}
