import DNSWire
import Testing

@Suite("DNS: verdicts on responses")
struct DNSVerdictTests {
    private let query = Message.query(id: 9, name: name("www.test"), type: .a)

    private func verdict(_ change: (inout Message) -> Void) -> ResponseVerdict {
        var response = query.response()
        response.recursionAvailable = true
        change(&response)
        return response.verdict(for: query)
    }

    private func expect(
        _ expected: ResponseVerdict, sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout Message) -> Void
    ) {
        let actual = verdict(change)
        #expect(actual == expected, sourceLocation: sourceLocation)
    }

    @Test("A message that does not match the query is not an answer")
    func notAnAnswerToThisQuery() {
        expect(.unrelated) { $0.id = 8 }
        expect(.unrelated) { $0.isResponse = false }
        expect(.unrelated) { $0.opcode = 4 }
        expect(.unrelated) { $0.questions = [] }
        expect(.unrelated) { $0.questions = [Question(name: name("ww2.test"), type: .a)] }
        expect(.unrelated) { $0.questions = [Question(name: name("www.test"), type: .aaaa)] }
        let chaos = Question(name: name("www.test"), type: .a, recordClass: RecordClass(rawValue: 3))
        expect(.unrelated) { $0.questions = [chaos] }
        expect(.unrelated) { $0.questions += $0.questions }
    }

    @Test("The case of the echoed question does not matter")
    func caseOfTheEchoDoesNotMatter() {
        let answer = Record.address(name("WWW.test"), address("192.0.2.1"), ttlSeconds: 5)
        let expected = ResponseVerdict.addresses([address("192.0.2.1")], ttlSeconds: 5)
        expect(expected) {
            $0.questions = [Question(name: name("wWw.TEST"), type: .a)]
            $0.answers = [answer]
        }
    }

    @Test("The lowest TTL of the chain applies")
    func theLeastTTLOfTheChainHolds() {
        let records: [Record] = [
            .address(name("c.test"), address("192.0.2.1"), ttlSeconds: 60),
            .cname(name("b.test"), name("c.test"), ttlSeconds: 20),
            .address(name("c.test"), address("192.0.2.2"), ttlSeconds: 50),
            .cname(name("www.test"), name("b.test"), ttlSeconds: 30),
            // Records of another name or type and duplicates are ignored.
            .address(name("other.test"), address("192.0.2.9"), ttlSeconds: 1),
            .address(name("c.test"), .loopbackV6, ttlSeconds: 1),
            .address(name("c.test"), address("192.0.2.1"), ttlSeconds: 60),
        ]
        let expected = ResponseVerdict.addresses([address("192.0.2.1"), address("192.0.2.2")], ttlSeconds: 20)
        expect(expected) { $0.answers = records }
        expect(expected) { $0.answers = records.reversed() }
    }

    @Test("A circle of aliases is a negative answer for one second", arguments: [0, 9, 3600] as [UInt32])
    func anAliasLoopEnds(_ ttl: UInt32) {
        let loop: [Record] = [
            .cname(name("www.test"), name("b.test"), ttlSeconds: ttl),
            .cname(name("b.test"), name("www.test"), ttlSeconds: ttl),
        ]
        expect(.noData(ttlSeconds: 1)) { $0.answers = loop }
        expect(.noData(ttlSeconds: 1)) { $0.answers = [.cname(name("www.test"), name("www.test"), ttlSeconds: ttl)] }
        let authority = soa(ttlSeconds: 60, minimumSeconds: 60)
        expect(.noData(ttlSeconds: 1)) {
            $0.answers = loop
            $0.authorities = [authority]
        }
    }

    @Test("At most sixteen aliases are followed")
    func aliasesAreLimited() {
        func chain(_ length: Int) -> [Record] {
            let aliases = (0..<length).map { Record.cname(name("\($0).test"), name("\($0 + 1).test"), ttlSeconds: 9) }
            let first = Record.cname(name("www.test"), name("0.test"), ttlSeconds: 9)
            return [first] + aliases + [.address(name("\(length).test"), address("192.0.2.1"), ttlSeconds: 9)]
        }
        expect(.addresses([address("192.0.2.1")], ttlSeconds: 9)) { $0.answers = chain(15) }
        expect(.noData(ttlSeconds: 1)) { $0.answers = chain(16) }
    }

    @Test("The number of addresses is limited")
    func addressesAreLimited() {
        let many = (0..<200).map { Record.address(name("www.test"), IPAddress(v4: $0), ttlSeconds: 1) }
        guard case .addresses(let taken, _) = verdict({ $0.answers = many }) else {
            Issue.record("addresses expected")
            return
        }
        #expect(taken.count == 64)
    }

    @Test(
        "The negative TTL is the lower of the SOA's TTL and minimum, at most three hours (RFC 2308 §5)",
        arguments: [(60, 5, 5), (5, 60, 5), (100_000, 100_000, 10_800), (0, 60, 0)] as [(UInt32, UInt32, UInt32)])
    func negative(_ ttl: UInt32, _ minimum: UInt32, _ expected: UInt32) {
        let authority = soa(ttlSeconds: ttl, minimumSeconds: minimum)
        expect(.noData(ttlSeconds: expected)) { $0.authorities = [authority] }
        expect(.noName(ttlSeconds: expected)) {
            $0.responseCode = .nameError
            $0.authorities = [authority]
        }
    }

    @Test("A negative answer without an SOA is cached for one second, even behind an alias with TTL zero")
    func withoutSOA() {
        expect(.noData(ttlSeconds: 1)) { _ in }
        expect(.noName(ttlSeconds: 1)) { $0.responseCode = .nameError }
        let alias = Record.cname(name("www.test"), name("b.test"), ttlSeconds: 0)
        expect(.noData(ttlSeconds: 1)) { $0.answers = [alias] }
        expect(.noName(ttlSeconds: 1)) {
            $0.responseCode = .nameError
            $0.answers = [alias]
        }
    }

    @Test("A referral is not an answer")
    func aReferralIsNoAnswer() {
        let referral = Record(name: name("test"), type: .ns, ttlSeconds: 9, data: .other([0]))
        expect(.failed) {
            $0.recursionAvailable = false
            $0.authorities = [referral]
        }
        expect(.noData(ttlSeconds: 1)) { $0.authorities = [referral] }
    }

    @Test("Each response code has the right verdict")
    func codes() {
        expect(.failed) { $0.responseCode = .serverFailure }
        expect(.failed) { $0.responseCode = .refused }
        expect(.failed) { $0.responseCode = ResponseCode(rawValue: 23) }
        expect(.ednsRefused) { $0.responseCode = .formatError }
        expect(.ednsRefused) { $0.responseCode = .badVersion }
        expect(.ednsRefused) {
            $0.responseCode = .notImplemented
            $0.questions = []
        }
        expect(.truncated) { $0.isTruncated = true }
        var plain = Message.query(id: 9, name: name("www.test"), type: .a, edns: false)
        let refusal = plain.response(.formatError)
        #expect(refusal.verdict(for: plain) == .failed)
        plain.questions = []
        #expect(refusal.verdict(for: plain) == .unrelated)
    }
}
