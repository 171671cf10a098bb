import Foundation
import Testing

@testable import DNSWire

@Suite("Authorities and URLs") struct AuthorityTests {
    private func problem(_ text: String) -> AuthorityError? {
        do {
            _ = try Authority(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A host is read the same way in any case, with any zeros and groups",
        arguments: [
            ("a", "a", nil, "a"), ("A.Example", "a.example", nil, "a.example"), ("a.test.", "a.test.", nil, "a.test."),
            ("a_b-c.test:1", "a_b-c.test", 1, "a_b-c.test:1"), ("a:", "a", nil, "a"), ("a:0080", "a", 80, "a:80"),
            ("a:65535", "a", 65_535, "a:65535"), ("a:00000000000000000443", "a", 443, "a:443"),
            ("127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080"), ("[::1]", "::1", nil, "[::1]"),
            ("[::1]:", "::1", nil, "[::1]"), ("[0:0:0:0:0:0:0:1]:80", "::1", 80, "[::1]:80"),
            ("[2001:DB8::1]:443", "2001:db8::1", 443, "[2001:db8::1]:443"),
            ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", nil, "[::ffff:127.0.0.1]"),
            ("[fe80::1%25eth0]:80", "fe80::1%eth0", 80, "[fe80::1]:80"),
            ("[fe80::1%251]", "fe80::1%1", nil, "[fe80::1]"), ("1a", "1a", nil, "1a"), ("0xg", "0xg", nil, "0xg"),
            ("xn--bcher-kva.test", "xn--bcher-kva.test", nil, "xn--bcher-kva.test"),
        ] as [(String, String, Int?, String)])
    func hosts(text: String, host: String, port: Int?, field: String) throws {
        let authority = try Authority(text)
        #expect(authority.host == host && authority.port == port && authority.hostField == field)
        #expect(authority.isHostField == (text == field), "only what is written as it is sent may be sent as written")
        #expect((authority.address != nil) == (host.contains(":") || host.hasPrefix("127")))
        let again = try Authority(Authority.text(host: host, port: port ?? 80))
        #expect(again.host == host && again.address == authority.address)
    }

    @Test(
        "An invalid host is refused with a reason",
        arguments: [
            ("", .noHost), (":80", .noHost), ("u@a", .userInformation), ("u:p@a:80", .userInformation),
            ("u@[::1]", .userInformation), ("a\r\nX: y", .controlCharacter), ("a\0", .controlCharacter),
            ("a b", .notName("a b")), ("-a", .notName("-a")), ("a-", .notName("a-")), ("a-.b", .notName("a-.b")),
            ("a..b", .notName("a..b")), (".a", .notName(".a")), (".", .notName(".")), ("a%2e", .notName("a%2e")),
            ("a*b", .notName("a*b")), ("käse", .notASCII("käse")), ("1.2.3", .notIPv4("1.2.3")),
            ("127.1", .notIPv4("127.1")), ("0x7f.1", .notIPv4("0x7f.1")), ("010.0.0.1", .notIPv4("010.0.0.1")),
            ("2130706433", .notIPv4("2130706433")), ("0x7f000001", .notIPv4("0x7f000001")),
            ("a.0x", .notIPv4("a.0x")), ("127.0.0.1.", .notIPv4("127.0.0.1.")), ("1.2.3.256", .notIPv4("1.2.3.256")),
            ("a.1", .notIPv4("a.1")), ("0x7f.", .notIPv4("0x7f.")), ("[::1", .openBracket("[::1")),
            ("[]", .notIPv6("")), ("[::g]", .notIPv6("::g")), ("[127.0.0.1]", .notIPv6("127.0.0.1")),
            ("[v1.x]", .notIPv6("v1.x")), ("[::1]x", .notName("x")), ("[::1]:x", .badPort("x")),
            ("::1", .bareIPv6("::1")), ("a:80:81", .bareIPv6("a:80:81")), ("[fe80::1%eth0]", .badZone("fe80::1%eth0")),
            ("[fe80::1%25]", .badZone("fe80::1%25")), ("[::1%25eth0]", .badZone("::1%25eth0")),
            ("[fe80::1%25a/b]", .badZone("fe80::1%25a/b")), ("a:0", .badPort("0")), ("a:65536", .badPort("65536")),
            ("a:+8", .badPort("+8")), ("a:8x", .badPort("8x")), ("a: 8", .badPort(" 8")),
            ("a:99999999999999999999999", .badPort("99999999999999999999999")),
        ] as [(String, AuthorityError)])
    func problems(text: String, expected: AuthorityError) {
        #expect(problem(text) == expected)
        #expect(problem(text)?.sentence.hasSuffix(".") == true)
    }

    @Test("Labels and names have the length limits of DNS")
    func lengths() {
        let label = String(repeating: "a", count: 63)
        #expect(problem(label) == nil && problem(label + "a") == .notName(label + "a"))
        let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(problem(name) == nil && problem(name + ".") == nil && problem(name + "c") == .notName(name + "c"))
    }

    @Test("A URL is split exactly as written")
    func urls() throws {
        let url = try HTTPURL("hTTpS://A.test:0443/p/../q?x=%zz#f?g")
        #expect(url.isTLS && url.authority.host == "a.test" && url.port == 443 && url.target == "/p/../q?x=%zz")
        #expect(try HTTPURL("http://a?x").target == "/?x" && HTTPURL("http://a#f").target == "/")
        let problems: [(String, HTTPURLError)] = [
            ("a", .noScheme), ("http:/a", .noScheme), ("ftp://a", .otherScheme("ftp")), ("://a", .otherScheme("")),
            ("http://a/b c", .badPath), ("http://a/\r\nX: y", .badPath), ("http://a/ü", .badPath),
            ("http:///a", .badAuthority(.noHost)), ("http://a\\b/", .badAuthority(.notName("a\\b"))),
        ]
        for (text, expected) in problems { #expect(throws: expected) { try HTTPURL(text) } }
    }

    @Test("Inputs kept from fuzzing are refused, or read the same way twice")
    func corpus() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../Fuzz/Corpus/urls")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 50)
        for file in files {
            #expect(URLFuzzInput(try Data(contentsOf: file)).complaint() == nil, "\(file.lastPathComponent)")
        }
    }
}
