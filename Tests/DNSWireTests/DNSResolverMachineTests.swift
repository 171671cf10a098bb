import DNSWire
import Testing

@Suite("DNS: resolver machine")
struct DNSResolverMachineTests {
    private static let one = ResolutionOutcome.addresses([address("192.0.2.1")], ttlSeconds: 60, source: .dns)

    // MARK: Without a server

    @Test("Addresses and hosts file names cause no query")
    func addressesAndHostsAskNobody() {
        var world = DNSResolverWorld { $0.hosts = HostsFile(text: "192.0.2.5 web.test\n::5 web.test") }
        world.resolve("2001:DB8::1", number: 0)
        world.resolve("WEB.test.", number: 1)
        world.resolve("localhost", number: 2)
        #expect(world.outcomes[0] == .addresses([address("2001:db8::1")], ttlSeconds: 3600, source: .literal))
        #expect(
            world.outcomes[1]
                == .addresses([address("192.0.2.5"), address("::5")], ttlSeconds: 3600, source: .hostsFile))
        #expect(world.outcomes[2] == .addresses([.loopbackV4, .loopbackV6], ttlSeconds: 3600, source: .hostsFile))
        #expect(world.sent.isEmpty && world.machine.lookupsInFlight == 0 && world.machine.nextDeadline == .max)
    }

    @Test("With IPv6 off, the hosts file gives no IPv6 address")
    func withoutIPv6NoSuchAddressComes() {
        var world = DNSResolverWorld {
            $0.queriesIPv6 = false
            $0.hosts = HostsFile(text: "::5 six.test\n::5 both.test\n192.0.2.5 both.test")
        }
        world.resolve("both.test", number: 0)
        #expect(world.outcomes[0] == .addresses([address("192.0.2.5")], ttlSeconds: 3600, source: .hostsFile))
        world.resolve("six.test", number: 1)
        #expect(world.labels == ["A six.test @1"])
    }

    @Test(
        "Special-use names are never sent to a server (RFC 6761, 7686, 9476)",
        arguments: [
            "onion", "a.onion", "A.b.OniOn.", "expyuzz4wqqyqhjn.onion", "invalid", "www.invalid.", "alt", "gnu.alt",
        ])
    func specialNamesAskNobody(_ text: String) {
        var world = DNSResolverWorld { $0.search = [name("test")] }
        world.resolve(text)
        #expect(world.outcome == .notFound(ttlSeconds: 3600) && world.sent.isEmpty)
        #expect(SpecialUseName(text)?.absence != nil)
        var configured = DNSResolverWorld { $0.hosts = HostsFile(text: "192.0.2.1 \(text)") }
        configured.resolve(text)
        #expect(configured.outcome != world.outcome, "the hosts file may have it")
    }

    @Test("Names similar to special-use names are looked up", arguments: ["onion.test", "xonion", "local"])
    func ordinaryNames(_ text: String) {
        #expect(SpecialUseName(text) == nil)
        var world = DNSResolverWorld()
        world.resolve(text)
        #expect(world.labels == ["A \(text) @1", "AAAA \(text) @1"])
    }

    @Test("`localhost` means this machine even if the hosts file has only its other family")
    func localhostAsksNobody() {
        for hosts in ["", "::1 localhost"] {
            var world = DNSResolverWorld {
                $0.hosts = HostsFile(text: hosts)
                $0.queriesIPv6 = false
            }
            world.resolve("localhost")
            #expect(world.sent.isEmpty)
            #expect(world.outcome == .addresses([.loopbackV4], ttlSeconds: 3600, source: .hostsFile))
        }
    }

    @Test("A search list cannot produce a special-use name")
    func searchListsLeakNothing() throws {
        var world = DNSResolverWorld {
            $0.search = [name("hidden.onion"), name("localhost"), name("ok.test")]
            $0.queriesIPv6 = false
        }
        world.resolve("www")
        try world.answer("A www.ok.test @1", noName())
        try world.answer("A www @1", noName())
        #expect(world.outcome == .notFound(ttlSeconds: 30) && world.sent.count == 2)
    }

    @Test("A new configuration applies at once, and lookups in progress keep their time limit")
    func configurationChanges() throws {
        var world = DNSResolverWorld { $0.queriesIPv6 = false }
        world.resolve("a.test", number: 0)
        world.resolve("b.test", number: 1)
        world.resolve("c.test", number: 2, limitMilliseconds: 3000)
        world.wait(milliseconds: 1000)
        var changed = world.machine.configuration
        changed.servers = [DNSServerAddress(address: .loopbackV4, port: 2)]
        changed.hosts = HostsFile(text: "192.0.2.2 b.test")
        world.handle(.configurationChanged(changed))
        #expect(world.outcomes == [1: .addresses([address("192.0.2.2")], ttlSeconds: 3600, source: .hostsFile)])
        #expect(world.labels.suffix(2) == ["A a.test @2", "A c.test @2"])
        // The old server's word comes too late.
        try world.answer("A a.test @1", addresses("192.0.2.9"))
        try world.answer("A a.test @2", addresses("192.0.2.1"))
        #expect(world.outcome == .addresses([address("192.0.2.1")], ttlSeconds: 60, source: .dns))
        world.wait(milliseconds: 1999)
        #expect(world.outcomes[2] == nil)
        world.wait(milliseconds: 1)
        #expect(world.outcomes[2] == .timeout && world.open.isEmpty && world.machine.lookupsInFlight == 0)
    }

    @Test(
        "An invalid name is reported as not found",
        arguments: ["", ".", "a..b", String(repeating: "a", count: 64), String(repeating: "a.", count: 200)])
    func whatIsNoNameIsNotFound(_ text: String) {
        var world = DNSResolverWorld()
        world.resolve(text)
        #expect(world.outcome == .notFound(ttlSeconds: 0))
        #expect(world.sent.isEmpty)
    }

    // MARK: Two families

    @Test("Both families are returned together")
    func bothFamiliesTogether() throws {
        var world = DNSResolverWorld()
        world.resolve("www.test")
        #expect(world.labels == ["A www.test @1", "AAAA www.test @1"])
        #expect(Set(world.sent.map(\.message.id)).count == 2)
        try world.answer("AAAA www.test @1", addresses("2001:db8::1", ttlSeconds: 20))
        #expect(world.outcome == nil)
        try world.answer("A www.test @1", addresses("192.0.2.1", "192.0.2.2", ttlSeconds: 30))
        let all = [address("192.0.2.1"), address("192.0.2.2"), address("2001:db8::1")]
        #expect(world.outcome == .addresses(all, ttlSeconds: 20, source: .dns))
        #expect(world.open.isEmpty)
    }

    @Test(
        "The second family is awaited for fifty milliseconds", arguments: [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")])
    func theSecondFamilyIsAwaitedFiftyMilliseconds(_ type: String, _ text: String) throws {
        var world = DNSResolverWorld()
        world.resolve("www.test")
        world.wait(milliseconds: 500)
        try world.answer("\(type) www.test @1", addresses(text))
        world.wait(milliseconds: 49)
        #expect(world.outcome == nil)
        world.wait(milliseconds: 1)
        #expect(world.outcome == .addresses([address(text)], ttlSeconds: 60, source: .dns))
        #expect(world.open.isEmpty)
    }

    @Test("A family without data does not shorten the wait for the other")
    func oneFamilyWithoutDataDoesNotHurryTheOther() throws {
        var world = DNSResolverWorld()
        world.resolve("www.test")
        try world.answer("AAAA www.test @1", noData())
        world.wait(milliseconds: 4000)
        try world.answer("A www.test @1", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
    }

    /// RFC 4074 §4.2: servers that say NXDOMAIN where they mean "no AAAA".
    @Test("NXDOMAIN for AAAA does not apply to A")
    func noNameForAAAAIsNotTakenForA() throws {
        var world = DNSResolverWorld()
        world.resolve("www.test")
        try world.answer("AAAA www.test @1", noName())
        world.wait(milliseconds: 1000)
        #expect(world.outcome == nil)
        try world.answer("A www.test @1", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
    }

    @Test("NXDOMAIN for A ends the lookup early")
    func noNameForAEndsItSoon() throws {
        var world = DNSResolverWorld()
        world.resolve("www.test")
        try world.answer("A www.test @1", noName(ttlSeconds: 7))
        world.wait(milliseconds: 50)
        #expect(world.outcome == .notFound(ttlSeconds: 7))
    }

    @Test("Negative answers use the lower TTL")
    func negativeAnswersTakeTheLesserTTL() throws {
        var world = DNSResolverWorld()
        world.resolve("www.test")
        try world.answer("A www.test @1", noData(ttlSeconds: 9))
        try world.answer("AAAA www.test @1", noData(ttlSeconds: 4))
        #expect(world.outcome == .notFound(ttlSeconds: 4))
    }

    @Test("If one family fails, absence is not reported")
    func aFailedFamilyMakesTheAbsenceUncertain() throws {
        var world = DNSResolverWorld { $0.attempts = 1 }
        world.resolve("www.test")
        try world.answer("A www.test @1", code(.serverFailure))
        try world.answer("AAAA www.test @1", noData())
        #expect(world.outcome == .serverFailure)
    }

    @Test("With IPv6 off only A is queried")
    func withoutIPv6OnlyAIsAsked() throws {
        var world = DNSResolverWorld { $0.queriesIPv6 = false }
        world.resolve("www.test")
        #expect(world.labels == ["A www.test @1"])
        try world.answer("A www.test @1", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
    }

    // MARK: Checks

    @Test("Forged answers have no effect")
    func forgeriesChangeNothing() throws {
        var world = DNSResolverWorld(servers: 2) { $0.queriesIPv6 = false }
        world.resolve("www.test")
        let forged = addresses("192.0.2.66")
        try world.answer("A www.test @1", from: DNSServerAddress(address: .loopbackV4, port: 2), forged)
        try world.answer("A www.test @1", from: DNSServerAddress(address: .loopbackV6, port: 1), forged)
        try world.answer("A www.test @1") {
            forged(&$0)
            $0.id ^= 1
        }
        try world.answer("A www.test @1") {
            forged(&$0)
            $0.questions = [Question(name: name("evil.test"), type: .a)]
        }
        try world.answer("A www.test @1") {
            forged(&$0)
            $0.isResponse = false
        }
        #expect(world.outcome == nil && world.machine.ignoredEvents == 5 && world.sent.count == 1)
        try world.answer("A www.test @1", addresses("192.0.2.1"))
        #expect(world.outcome == Self.one)
        try world.answer("A www.test @1", forged)
        #expect(world.machine.ignoredEvents == 6)
    }

    @Test("Message ids come from the generator")
    func idsComeFromTheGenerator() {
        var ids = Set<UInt16>()
        for seed in 0..<50 {
            var world = DNSResolverWorld()
            world.random.state = UInt64(seed)
            world.resolve("www.test")
            ids.formUnion(world.sent.map(\.message.id))
        }
        #expect(ids.count > 95)
    }
}
