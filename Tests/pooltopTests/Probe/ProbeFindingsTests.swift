import DNSWire
import HTTP1
import PoolModel
import Testing

@testable import Prober

@Suite struct ProbeFindingsTests {
    private typealias Fixture = ProbeFixture

    private func refused(_ persistence: Persistence, minorVersion: Int = 1) -> ProbeFindings {
        var seen = ProbeObservations()
        let response = Fixture.response(minorVersion: minorVersion, persistence: persistence)
        seen.openings = [Fixture.opening(response)]
        return ProbeFindings(seen)
    }

    @Test("Only a second response proves keep-alive")
    func onlyASecondResponseProvesThatConnectionsAreKept() {
        var seen = ProbeObservations()
        seen.openings = [Fixture.opening()]
        #expect(ProbeFindings(seen).keepsConnections == nil)
        seen.repeats = [.success(Fixture.response())]
        #expect(ProbeFindings(seen).keepsConnections == true)
    }

    static let refusals: [(Persistence, ProbeFindings.Refusal)] = [
        (.closeHeader, .closeHeader), (.http10, .http10), (.untilClose, .untilClose),
        (.suspectFraming, .suspectFraming), (.upgraded, .upgraded),
    ]

    @Test("A response that ends its connection gives the reason", arguments: refusals)
    func aResponseThatEndsItsConnectionSaysWhy(persistence: Persistence, refusal: ProbeFindings.Refusal) {
        let findings = refused(persistence)
        #expect(findings.keepsConnections == false && findings.refusal == refusal)
    }

    @Test("The HTTP version is that of the response")
    func theVersionIsThatOfTheResponse() {
        #expect(refused(.http10, minorVersion: 0).httpVersion == "1.0")
        #expect(refused(.closeHeader).httpVersion == "1.1" && refused(.closeHeader).status == 200)
    }

    /// One connection that died can have died of anything.
    @Test("An unannounced close must occur twice")
    func aCloseWithoutAWordHasToComeTwice() {
        let gone = ProbeFailure(cause: .peerClosed, close: .fin)
        var seen = ProbeObservations()
        seen.openings = [Fixture.opening(), Fixture.opening()]
        seen.repeats = [.failure(gone)]
        #expect(ProbeFindings(seen).keepsConnections == nil)
        seen.repeats.append(.failure(gone))
        #expect(ProbeFindings(seen).keepsConnections == false && ProbeFindings(seen).refusal == .unannounced)
        #expect(ProbeFindings(seen).closes == .fin)
        seen.repeats[1] = .failure(ProbeFailure(cause: .peerReset, sawByte: true, close: .reset))
        #expect(ProbeFindings(seen).keepsConnections == nil, "it had begun to answer")
        seen.repeats[1] = .failure(ProbeFailure(cause: .requestTimeout))
        #expect(ProbeFindings(seen).keepsConnections == nil, "it may only be slow")
    }

    @Test("The smallest hint counts")
    func theSmallestHintCounts() {
        var seen = ProbeObservations()
        seen.openings = [(60, 99), (5, 100), (60, 100)].map {
            Fixture.opening(Fixture.response(timeout: $0.0, max: $0.1))
        }
        #expect(ProbeFindings(seen).hintTimeoutSeconds == 5 && ProbeFindings(seen).hintMax == 99)
    }

    @Test("The manner of closing idle connections takes precedence")
    func theWayOfClosingIsTheIdleOneFirst() {
        let run = ProbeObservations.Run(responses: 5, end: .announced, close: .closeNotify)
        var seen = Fixture.keeping(held: Fixture.closed([2, 2.1], .reset), runs: [run, run])
        #expect(ProbeFindings(seen).closes == .reset)
        seen.held = []
        #expect(ProbeFindings(seen).closes == .closeNotify)
        seen.runs = []
        #expect(ProbeFindings(seen).closes == nil)
        seen.closeAfterLastResponse = .fin
        #expect(ProbeFindings(seen).closes == .fin)
    }

    @Test("Medians have their sample sizes")
    func mediansAndCounts() {
        let latency = ProbeFindings(Fixture.full).latency
        #expect(latency.dns == 0.002 && latency.connect == 0.001 && latency.tls == 0.009)
        #expect(latency.firstByteNew == 0.005 && latency.firstByteReused == 0.002)
        #expect(latency.newSamples == 3 && latency.reusedSamples == 3)
        #expect(ProbeFindings.median([]) == nil && ProbeFindings.median([1, 4, 2, 3]) == 2.5)
    }

    /// A resolver on the way counts its TTL down.
    @Test("The highest TTL counts")
    func theLargestTTLCounts() throws {
        let dns = try #require(ProbeFindings(Fixture.full).dns)
        #expect(dns.ttlSeconds == 30 && dns.negativeTTLSeconds == 5 && dns.source == .dns)
        #expect(dns.addresses == [Fixture.address])
    }

    @Test("A name from the hosts file has no TTL")
    func aNameFromAFileHasNoTTL() throws {
        var seen = ProbeObservations()
        seen.lookups = [Fixture.lookup(ttl: 3600, .hostsFile)]
        let dns = try #require(ProbeFindings(seen).dns)
        #expect(dns.ttlSeconds == nil && dns.source == .hostsFile)
        #expect(ProbeFindings(seen).latency.dns == nil, "nobody was asked")
        #expect(ProbeFindings(ProbeObservations()).dns == nil)
    }
}
