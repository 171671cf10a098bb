import PoolModel
import Testing

@testable import Dashboard
@testable import Diagnosis

@Suite("Settings that advice names") struct AdvisedSettingTests {
    private static let reuse = Reuse(share: 0.5, openedPerSecond: 100)

    private func closes(_ reason: CloseReason, limit: Double? = nil, maxFree: Int? = nil) -> Cause {
        .lowReuse(Self.reuse, .closes(reason, idleLimitSeconds: limit, maxFree: maxFree, isEstimate: false))
    }

    private func setting(_ cause: Cause) throws -> String? {
        let host = try #require(Told.at90.model.live.host(2))
        return cause.setting(host).map { "\($0.name) \($0.value)" }
    }

    @Test("A cause that a setting of ours mends has it, with the value that its advice says")
    func remedies() throws {
        let small = Waiting(queued: 3, oldestSeconds: 1, why: .poolTooSmall(limit: 8, needed: 12))
        #expect(try setting(.waiting(small)) == "maxSockets 12")
        #expect(Cause.waiting(small).advice.contains("raise maxSockets from 8 to 12"))
        let surplus = Cause.surplus(open: 30, requestsPerSecond: 10, serviceSeconds: 0.1, enough: 3, maxFree: 32)
        #expect(try setting(surplus) == "maxFreeSockets 6")
        #expect(surplus.advice.contains("lower maxFreeSockets from 32 to 6"))
        #expect(try setting(.lowReuse(Self.reuse, .keepAliveOff)) == "keepAlive on")
        #expect(try setting(closes(.idleTimeout, limit: 60)) == "idleTimeout 240s")
        #expect(try setting(closes(.idleLimitHost, maxFree: 4)) == "maxFreeSockets 8")
        #expect(try setting(closes(.maxRequests)) == "maxRequestsPerConnection none")
        #expect(try setting(.unevenLoad(addresses: 2, factor: 2)) == "scheduling round-robin")
        #expect(try setting(.lookupsPerRequest(perRequest: 1, perSecond: 9, cacheIsOn: false)) == "dnsCache on")
        let early = IdleCloses(closes: 3, learnedSeconds: 5, limitSeconds: 60, limitIsKnown: true)
        #expect(try setting(.closesIdle(early)) == "idleTimeout 4500ms")
    }

    @Test("What only others can mend, and what has no known measure, has no setting")
    func others() throws {
        let unmeasured = Waiting(queued: 3, oldestSeconds: 1, why: .poolTooSmall(limit: 8, needed: nil))
        let slow = Waiting(
            queued: 3, oldestSeconds: 1, why: .slowServer(limit: 8, serviceSeconds: 2, usualSeconds: nil))
        let late = IdleCloses(closes: 3, learnedSeconds: 5, limitSeconds: 4, limitIsKnown: true)
        let causes: [Cause] = [
            .waiting(unmeasured), .waiting(slow), .closesIdle(late), .lowReuse(Self.reuse, .wasOff),
            closes(.closeHeaderReceived), closes(.hintMax), closes(.lifetime), closes(.idleLimitHost, maxFree: 64),
            .surplus(open: 30, requestsPerSecond: 10, serviceSeconds: 0.1, enough: 3, maxFree: 6),
            .lookupsPerRequest(perRequest: 1, perSecond: 9, cacheIsOn: true), .goodReuse(Self.reuse, saves: []),
        ]
        for cause in causes { #expect(try setting(cause) == nil, "\(cause)") }
    }
}
