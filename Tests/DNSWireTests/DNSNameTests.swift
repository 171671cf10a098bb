import DNSWire
import Testing

@Suite("DNS: names")
struct DNSNameTests {
    private static let label63 = String(repeating: "a", count: 63)
    private static let name253 = [label63, label63, label63, String(repeating: "b", count: 61)].joined(separator: ".")

    @Test(
        "Names survive reading and writing",
        arguments: [
            ("example.org", "example.org"), ("example.org.", "example.org"), (".", "."), ("a", "a"),
            ("_http._tcp.x", "_http._tcp.x"), (#"a\.b.c"#, #"a\.b.c"#), (#"a\\b"#, #"a\\b"#),
            (#"\065\255"#, #"A\255"#), (#"a\000b"#, #"a\000b"#), (#"a\009b"#, #"a\009b"#), ("a b", #"a\032b"#),
        ])
    func presentation(_ text: String, _ expected: String) throws {
        let parsed = try #require(DomainName(text))
        #expect(parsed.description == expected)
        #expect(DomainName(parsed.description) == parsed)
    }

    @Test(
        "Texts that are not names are refused",
        arguments: ["", "..", ".a", "a..b", "a..", #"a\"#, #"a\25"#, #"a\256"#, #"a\2x5"#])
    func refused(_ text: String) { #expect(DomainName(text) == nil) }

    @Test("Names have length limits")
    func lengthLimits() throws {
        #expect(DomainName(Self.label63 + "a") == nil)
        #expect(try #require(DomainName(Self.name253)).wire.count == 255)
        #expect(DomainName(Self.name253 + ".") != nil)
        #expect(DomainName(Self.name253 + "b") == nil)
        #expect(DomainName(Self.name253 + ".c") == nil)
        #expect(try #require(DomainName(Self.name253)).appending(name("c")) == nil)
        #expect(name("a.b").appending(name("c.d")) == name("a.b.c.d"))
    }

    @Test("Names are compared without regard to case")
    func caseDoesNotMatter() {
        #expect(name("ExAmple.ORG") == name("example.org"))
        #expect(name("ExAmple.ORG").hashValue == name("example.org").hashValue)
        #expect(name("ExAmple.ORG").description == "ExAmple.ORG")
        // Only letters fold: '[' and '{' differ by the same bit.
        #expect(name("[") != name("{"))
        #expect(name("@") != name("`"))
    }

    @Test("A name is recognised as below a zone")
    func belowAZone() {
        #expect(name("a.b.test").isWithin(name("B.test")))
        #expect(name("b.test").isWithin(name("b.test")))
        #expect(name("b.test").isWithin(.root))
        #expect(!name("xb.test").isWithin(name("b.test")))
        #expect(!name("test").isWithin(name("b.test")))
    }
}
