import DNSWire
import Testing

@Suite("DNS: messages")
struct DNSMessageTests {
    static func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

    @Test("A query has the bytes given in the RFC")
    func aQueryIsTheBytesOfTheRFC() throws {
        let query = Message.query(id: 0x1234, name: try Self.name("a.bc"), type: .aaaa)
        let expected: [UInt8] =
            [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1]
            + [1, 0x61, 2, 0x62, 0x63, 0, 0, 28, 0, 1]
            + [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]
        #expect(query.encoded() == expected)
        #expect(try Message(decoding: expected) == query)
    }

    @Test("Every kind of record survives encoding and decoding")
    func everyRecordKindComesBack() throws {
        let owner = try Self.name("www.example.org")
        let target = try Self.name("cdn.example.org")
        var response = Message.query(id: 7, name: owner, type: .a).response()
        response.recursionAvailable = true
        response.answers = [
            .cname(owner, target, ttlSeconds: 60),
            .address(target, IPAddress(v4: 0xC000_0201), ttlSeconds: 30),
            .address(target, .loopbackV6, ttlSeconds: 0x7FFF_FFFF),
            Record(name: target, type: .ns, ttlSeconds: 1, data: .other([0])),
        ]
        let soa = StartOfAuthority(
            primaryServer: try Self.name("ns.example.org"), mailbox: try Self.name("root.example.org"), serial: 1,
            refreshSeconds: 2, retrySeconds: 3, expireSeconds: 4, minimumSeconds: 5)
        response.authorities = [.soa(try Self.name("example.org"), soa, ttlSeconds: 9)]
        response.additionals = [.address(try Self.name("ns.example.org"), .loopbackV4, ttlSeconds: 2)]
        response.responseCode = .badVersion
        let bytes = response.encoded()
        #expect(try Message(decoding: bytes) == response)
        // "example.org" stands in the bytes once; all the other times it is a pointer.
        #expect(bytes.indices.filter { bytes[$0...].starts(with: Array("example".utf8)) }.count == 1)
    }

    @Test("A message above the limit is truncated without partial record sets")
    func tooMuchForTheLimitIsTruncatedWhole() throws {
        let owner = try Self.name("many.example.org")
        let query = Message.query(id: 7, name: owner, type: .a)
        var response = query.response()
        response.answers = (0..<100).map { .address(owner, IPAddress(v4: $0), ttlSeconds: 1) }
        #expect(response.encoded().count > 1232)
        let short = try Message(decoding: response.encoded(limit: query.udpResponseLimit))
        #expect(short.isTruncated && short.answers.isEmpty && short.questions == query.questions && short.edns != nil)
        response.answers = Array(response.answers.prefix(70))
        #expect(response.encoded(limit: query.udpResponseLimit).count <= 1232)
        #expect(try !Message(decoding: response.encoded(limit: query.udpResponseLimit)).isTruncated)
    }
}
