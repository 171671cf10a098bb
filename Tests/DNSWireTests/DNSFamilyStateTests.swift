import Testing

@testable import DNSWire

/// Each (state, verdict) pair of `FamilyState`, for the try on its way and for an earlier one.
@Suite("DNS: family state")
struct DNSFamilyStateTests {
    private static let running = FamilyState.Try(number: 2, serial: 7, deadline: 100, anyAnswer: false)
    private static let asking = FamilyState.asking(running)
    private static let found = FamilyState.addresses([.loopbackV4], ttlSeconds: 5)

    private static let verdicts: [ResponseVerdict] = [
        .unrelated, .truncated, .addresses([.loopbackV4], ttlSeconds: 5), .noData(ttlSeconds: 4),
        .noName(ttlSeconds: 3),
        .ednsRefused, .failed,
    ]

    private static func steps(_ state: FamilyState, serial: UInt32) -> [FamilyState.Step] {
        verdicts.map { state.step(after: $0, serial: serial, edns: true, isStream: false) }
    }

    @Test("Final states do not change")
    func finalStatesStay() {
        let final: [FamilyState] = [.skipped, Self.found, .noData(ttlSeconds: 4), .noName(ttlSeconds: 3)]
        for state in final {
            #expect(Self.steps(state, serial: 7) == Self.verdicts.map { _ in .stay })
        }
    }

    @Test("The try in progress follows its verdict")
    func theTryOnItsWay() {
        #expect(
            Self.steps(Self.asking, serial: 7) == [
                .stay,
                .ask(.init(number: 2, anyAnswer: false, edns: true, isStream: true)),
                .become(Self.found),
                .become(.noData(ttlSeconds: 4)),
                .become(.noName(ttlSeconds: 3)),
                .ask(.init(number: 2, anyAnswer: true, edns: false, isStream: false)),
                .ask(.init(number: 3, anyAnswer: true, edns: true, isStream: false)),
            ])
    }

    @Test("From an earlier try only an answer counts", arguments: [true, false])
    func anEarlierTryOrAFailedFamily(_ isAsking: Bool) {
        let state = isAsking ? Self.asking : .failed(anyAnswer: true)
        #expect(
            Self.steps(state, serial: isAsking ? 6 : 7) == [
                .stay, .stay, .become(Self.found), .become(.noData(ttlSeconds: 4)), .become(.noName(ttlSeconds: 3)),
                .stay,
                .stay,
            ])
    }

    @Test("A TCP query without EDNS stays on TCP")
    func aStreamStaysAStreamWithoutEDNS() {
        let step = Self.asking.step(after: .ednsRefused, serial: 7, edns: true, isStream: true)
        #expect(step == .ask(.init(number: 2, anyAnswer: true, edns: false, isStream: true)))
        let truncated = Self.asking.step(after: .truncated, serial: 7, edns: false, isStream: false)
        #expect(truncated == .ask(.init(number: 2, anyAnswer: false, edns: false, isStream: true)))
    }
}
