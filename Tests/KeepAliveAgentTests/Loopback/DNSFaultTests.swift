import Downstream
import KeepAliveAgent
import PoolModel
import TestSupport
import Testing

extension LoopbackTests {
    /// A DNS server that changes its mind, or fails, and what becomes of connections and requests.
    @Suite struct DNSFaultTests {
        private static let two = [
            Scenario.plain {
                $0.addresses = ["127.0.0.1", "127.0.0.2"]
                $0.ttlSeconds = 1
            }
        ]
        private static let one = [Scenario.plain { $0.ttlSeconds = 1 }]

        /// Both addresses have connections; then one leaves. Its idle ones go after one TTL of grace, its active one
        /// after its response; the other address is not touched.
        @Test("Connections to an address that left the record set are retired")
        func connectionsToAnAddressThatLeftAreRetired() async throws {
            try await withRig(Self.two, { $0.scheduling = .roundRobin }) { rig, fleet in
                let asks = Array(repeating: Ask("plain", "/delay/50ms"), count: 4)
                #expect(try await rig.send(asks) == ["200", "200", "200", "200"])
                async let busy = rig.send(Array(repeating: Ask("plain", "/delay/3s"), count: 2))
                try await eventually("busy") { try await fleet.stats("plain").requests == 6 }
                let before = try await open(rig)
                #expect(before == ["127.0.0.1": 2, "127.0.0.2": 2])
                try await fleet.inject(.dns(.records(addresses: ["127.0.0.2"], ttlSeconds: 1)), into: "plain")
                try await eventually("the idle one is retired") {
                    try await rig.metrics("plain").closes[.dnsRetired] == 1
                }
                #expect(try await open(rig) == ["127.0.0.1": 1, "127.0.0.2": 2])
                #expect(try await busy == ["200", "200"])
                #expect(try await rig.metrics("plain").closes == [.dnsRetired: 2])
                #expect(try await open(rig) == ["127.0.0.1": 0, "127.0.0.2": 2])
                let addresses = try await rig.snapshot().hosts[0].addresses
                #expect(addresses.map(\.isInDNS) == addresses.map { $0.address.hasPrefix("127.0.0.2") })
                try await expectAgreement(rig, fleet)
            }
        }

        private func open(_ rig: Rig) async throws -> [String: Int] {
            let addresses = try await rig.snapshot().hosts[0].addresses
            return Dictionary(
                uniqueKeysWithValues: addresses.map { (String($0.address.prefix { $0 != ":" }), $0.open) })
        }

        @Test("Requests to a name that disappears fail until it returns")
        func aNameThatIsGoneFailsAndComesBack() async throws {
            try await withRig(
                Self.one,
                {
                    $0.dnsMaxTTL = .milliseconds(100); $0.dnsMinTTL = .milliseconds(100)
                }
            ) {
                rig, fleet in
                try await fleet.inject(.dns(.nameError), into: "plain")
                #expect(try await rig.send([Ask("plain"), Ask("plain")]) == ["dnsNotFound", "dnsNotFound"])
                #expect(try await rig.get("plain") == "dnsNotFound")
                let dns = try await rig.snapshot().dns
                #expect(
                    dns.failures == 0 && dns.misses >= 1 && dns.negativeHits + dns.coalesced + dns.misses == dns.lookups
                )
                try await fleet.inject(.recover, into: "plain")
                try await eventually("the name is back") { try await rig.get("plain") == "200" }
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("During a server failure the last answer is used")
        func aFailingServerIsOutlivedByItsLastAnswer() async throws {
            try await withRig(
                Self.one,
                { settings in
                    settings.dnsMaxTTL = .milliseconds(100)
                    settings.dnsMinTTL = .milliseconds(100)
                    settings.keepAlive = .off
                }
            ) { rig, fleet in
                #expect(try await rig.get("plain") == "200")
                try await fleet.inject(.dns(.serverFailure), into: "plain")
                // The first to ask after the end of the TTL may wait in vain; from then on the old answer is served.
                try await eventually("a stale answer is served") {
                    _ = try await rig.get("plain")
                    return try await rig.snapshot().dns.staleHits > 0
                }
                #expect(try await rig.get("plain") == "200")
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("During a server failure without an earlier answer requests fail")
        func aFailingServerWithoutALastAnswerFailsRequests() async throws {
            try await withRig(Self.one) { rig, fleet in
                try await fleet.inject(.dns(.serverFailure), into: "plain")
                #expect(try await rig.get("plain") == "dnsFailure")
                try await fleet.inject(.recover, into: "plain")
                try await eventually("the failure is forgotten") { try await rig.get("plain") == "200" }
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("A lookup without a response ends at the time limit")
        func aSilentServerMeetsTheTimeLimit() async throws {
            try await withRig(Self.one, { $0.dnsTimeout = .milliseconds(200) }) { rig, fleet in
                try await fleet.inject(.dns(.silence), into: "plain")
                #expect(try await rig.get("plain") == "dnsTimeout")
                try await fleet.inject(.recover, into: "plain")
                try await eventually("the failure is forgotten") { try await rig.get("plain") == "200" }
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("A truncated answer is repeated over TCP")
        func aTruncatedAnswerIsAskedForOverTCP() async throws {
            try await withRig(Self.one) { rig, fleet in
                try await fleet.inject(.dns(.truncation), into: "plain")
                #expect(try await rig.get("plain") == "200")
                #expect(try await fleet.dnsStats().queriesOverTCP > 0)
                try await expectAgreement(rig, fleet)
            }
        }
    }
}
