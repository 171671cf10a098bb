import PoolModel
import Testing

@testable import Diagnosis

@Suite("Sick hosts") struct SickHostTests {
    @Test("Every ailment has its diagnosis, in its words", arguments: sickHosts)
    func diagnosis(_ sick: SickHost) throws {
        let main = try #require(sick.ailment.findings.main)
        #expect(main.level == sick.level)
        #expect(main.label == sick.label)
        #expect(main.shortText == sick.short)
        #expect(main.headline == sick.headline)
        #expect(main.advice.contains(sick.remedy), "\(main.advice)")
        #expect(main.certainty == .exact && main.hostID == 3 && main.host == sick.name)
    }

    @Test("The short form fits into 24 columns, whatever the figures", arguments: sickHosts)
    func shortForms(_ sick: SickHost) {
        var ailment = sick.ailment
        for scale in [1, 1000, 1_000_000] {
            for (status, count) in sick.ailment.gained.statuses { ailment.gained.statuses[status] = count * scale }
            ailment.host.silentSeconds = sick.ailment.host.silentSeconds.map { $0 * Double(scale) }
            for finding in ailment.findings.all { #expect(finding.shortText.count <= 24, "\(finding.shortText)") }
        }
    }

    @Test("A host that is well has praise and no blame")
    func well() {
        let findings = Ailment("catalog").findings
        #expect(findings.all.map(\.label) == ["goodReuse"])
        #expect(!findings.isFailing)
    }

    @Test("A few failures are counted, and only many have a share")
    func fewEvents() {
        var ailment = Ailment("shop")
        ailment.answer([503: 12])
        #expect(ailment.findings.main?.shortText == "503 ×12")
        #expect(ailment.findings.main?.headline == "shop: answers 503 Service Unavailable (×12)")
        #expect(ailment.findings.main?.advice.hasPrefix("all 12 answers in 10 s are 503 Service Unavailable") == true)
        ailment.answer([200: 62, 503: 38])
        #expect(ailment.findings.main?.shortText == "503 38.0%")
        #expect(ailment.findings.main?.advice.hasPrefix("38.0%, 38 of 100 answers in 10 s are 503") == true)
        ailment.fail([.peerReset: 1], answered: 10)
        #expect(ailment.findings.main?.headline == "shop: server reset the connection")
        #expect(ailment.findings.main?.level == .warn, "one of eleven may be chance")
    }

    @Test(
        "Failures are BAD where chance cannot explain them",
        arguments: [
            (failed: 1, of: 1, level: Level.bad), (1, 10, .warn), (2, 100, .warn), (5, 100, .warn), (10, 100, .bad),
            (67, 3330, .warn), (200, 3330, .bad), (3, 20, .bad),
        ])
    func levels(failed: Int, of all: Int, level: Level) {
        var ailment = Ailment("shop")
        ailment.answer([200: all - failed, 502: failed])
        #expect(ailment.findings.main?.level == level)
        ailment.fail([.peerReset: failed], answered: all - failed)
        #expect(ailment.findings.main?.level == level)
    }

    @Test("A few 404s are part of many an interface") func fewClientErrors() {
        var ailment = Ailment("shop")
        ailment.answer([200: 995, 404: 5])
        #expect(ailment.findings.all.map(\.label) == ["goodReuse"])
        ailment.answer([200: 900, 404: 100])
        #expect(ailment.findings.main?.level == .warn)
        ailment.answer([200: 300, 429: 100])
        #expect(ailment.findings.main?.level == .bad, "too many requests is the server's refusal")
    }

    @Test("Where new connections fail and open ones work, it is a warning") func carryingOn() throws {
        var ailment = Ailment("shop")
        ailment.host.lastConnectFailure = .connectRefused
        let main = try #require(ailment.findings.main)
        #expect(main.level == .warn && main.advice.contains("2 open connections still work"))
        ailment.open()
        #expect(ailment.findings.main?.level == .bad)
    }

    @Test("A host that usually takes long is given longer before it is called silent") func patience() {
        var ailment = Ailment("reports")
        ailment.open(active: 1)
        ailment.hang(1, seconds: 4)
        ailment.host.silentSeconds = 4
        #expect(ailment.findings.main?.label == "noResponse")
        ailment.host.metrics.latency.service.record(.seconds(3))
        #expect(ailment.findings.main?.label != "noResponse", "one answer tells as much")
        for _ in 0..<30 { ailment.host.metrics.latency.service.record(.seconds(3)) }
        #expect(ailment.findings.main?.label != "noResponse")
        ailment.host.silentSeconds = 7
        #expect(ailment.findings.main?.label == "noResponse")
    }

    @Test("Answers of a second are slow before the slowest of them have come") func slowFromTheStart() {
        var ailment = Ailment("shop")
        ailment.service = 0.88
        ailment.firstByte = 0.88
        #expect(ailment.findings.main?.headline == "shop: answers take 880 ms")
        ailment.service = 0.6
        #expect(ailment.findings.main?.label == "goodReuse")
    }

    @Test("A body that stalls is measured from its last byte, though heads came later") func stalledBodies() {
        var ailment = Ailment("shop")
        ailment.answer(0)
        ailment.open(active: 64, queued: 44)
        ailment.hang(64, seconds: 5, inBody: 64)
        ailment.host.silentSeconds = 2.2
        ailment.host.bodySilentSeconds = 5.4
        #expect(ailment.findings.main?.shortText == "body stalls 5.4 s")
    }

    @Test("Requests that hang while others are answered are counted apart") func someHang() {
        var ailment = Ailment("shop")
        ailment.open(active: 3)
        ailment.hang(3, seconds: 12)
        #expect(ailment.findings.main?.shortText == "3 hang >12 s")
        #expect(ailment.findings.main?.level == .warn)
        ailment.open(active: 40)
        ailment.hang(40, seconds: 12)
        #expect(ailment.findings.main?.level == .bad, "they hold most of the connections that it may have")
    }

    @Test("A pool that is too small is told from a server that is slow") func waiting() {
        var ailment = Ailment("shop")
        ailment.answer(10_000)
        ailment.service = 0.08
        ailment.open(active: 64, queued: 20)
        ailment.host.oldestWaitSeconds = 0.3
        #expect(ailment.findings.main?.label == "poolTooSmall")
        #expect(ailment.findings.main?.advice.hasSuffix("raise maxSockets from 64 to 120") == true)
        for _ in 0..<100 { ailment.host.metrics.latency.service.record(.milliseconds(2)) }
        #expect(ailment.findings.main?.label == "slowServer")
        ailment.service = 1.5
        #expect(ailment.findings.main?.label == "slowServer")
        ailment.open(active: 10, queued: 20, connecting: 4)
        #expect(ailment.findings.main?.label == "slowDials")
    }
}
