import AgentCore
import DNSWire
import PoolModel
import Testing

/// How long a snapshot says that hosts are waited for.
@Suite struct WaitTests {
    private func inFlight() throws -> (Rig, HostID, Int, ConnectionID) {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.write(request)
        return (rig, host, request, id)
    }

    private func waits(_ rig: inout Rig) -> HostSnapshot { rig.snapshot().hosts[0] }

    @Test("A host is silent for as long as nothing came from it while a request was in flight")
    func silence() throws {
        var (rig, host, request, _) = try inFlight()
        #expect(waits(&rig).silentSeconds == nil, "it has just been asked")
        rig.pass(12)
        #expect(waits(&rig).silentSeconds == 12)
        #expect(waits(&rig).oldestActiveSeconds == 12)
        #expect(waits(&rig).inFlightAges == [InFlightAge(atLeastSeconds: 12, requests: 1, inBody: 0)])
        try rig.head(request)
        #expect(waits(&rig).silentSeconds == nil, "its head came")
        rig.pass(3.5)
        #expect(waits(&rig).silentSeconds == 3.5)
        #expect(waits(&rig).inFlightAges == [InFlightAge(atLeastSeconds: 15, requests: 1, inBody: 1)])
        #expect(waits(&rig).bodySilentSeconds == 3.5)
        try rig.end(request)
        rig.pass(3)
        #expect(waits(&rig).silentSeconds == nil, "nothing is in flight")
        #expect(waits(&rig).inFlightAges == [])
        // The silence of an idle time is none of the request that ends it.
        rig.arrive(host)
        rig.pass(2)
        #expect(waits(&rig).silentSeconds == 2)
    }

    @Test("A host that answers one of two requests is not silent, and the other one's age is seen") func oneHangs()
        throws
    {
        var (rig, host, _, _) = try inFlight()
        for _ in 0..<40 {
            rig.pass(0.5)
            try rig.exchange(host, orConnect: true)
        }
        #expect(waits(&rig).silentSeconds == nil)
        #expect(waits(&rig).inFlightAges == [InFlightAge(atLeastSeconds: 20, requests: 1, inBody: 0)])
    }

    @Test("Bytes that are no fact of their own end a silence") func pieces() throws {
        var (rig, _, _, id) = try inFlight()
        rig.pass(9)
        rig.machine.heard(on: id, now: rig.now)
        rig.pass(2)
        #expect(waits(&rig).silentSeconds == 2)
    }

    @Test("A caller that does not read, or that has not sent its body, is to blame itself") func held() throws {
        var (rig, host, request, id) = try inFlight()
        try rig.head(request)
        rig.machine.readingHeld(true, on: id, now: rig.now)
        rig.pass(8)
        #expect(waits(&rig).silentSeconds == nil && waits(&rig).oldestActiveSeconds == 8)
        rig.machine.readingHeld(false, on: id, now: rig.now)
        rig.pass(4)
        #expect(waits(&rig).silentSeconds == 4)
        try rig.end(request)
        let taken = rig.take(host)
        let upload = try #require(taken)
        rig.send(.requestWritten(upload, bytes: 100, bodyFollows: true))
        rig.pass(8)
        #expect(waits(&rig).silentSeconds == nil)
        rig.send(.requestBodyWritten(upload, bytes: 100, isLast: true))
        rig.pass(2)
        #expect(waits(&rig).silentSeconds == 10, "it has been in flight for so long, and nothing has come")
    }

    @Test("Ages are rounded down to steps that grow with them") func steps() throws {
        var (rig, host) = Rig.one { $0.firstByteTimeout = nil }
        for wait in [4000.0, 330, 55, 4.9] {
            let request = rig.arrive(host)
            try rig.connect()
            try rig.write(request)
            rig.pass(wait)
        }
        #expect(waits(&rig).inFlightAges?.map(\.atLeastSeconds) == [4, 59, 380, 4380])
    }

    @Test("A dial shows when it has taken a second, with what it waits for") func dials() throws {
        var rig = Rig()
        _ = rig.addHost("a", dnsName: "a.test")
        rig.arrive(HostID(0))
        rig.pass(0.9)
        #expect(waits(&rig).oldestDial == nil)
        rig.pass(0.6)
        #expect(waits(&rig).oldestDial == DialProgress(state: .resolving, seconds: 1.5))
        try rig.answer([0x7F00_0001])
        rig.pass(2)
        #expect(waits(&rig).oldestDial == DialProgress(state: .connecting, seconds: 2))
    }

    @Test("A name that is looked up in vain says how, since when, and how many stale answers were served")
    func names() throws {
        var rig = Rig { $0.keepAlive = .off }
        let host = rig.addHost("a", dnsName: "a.test")
        rig.arrive(host)
        try rig.answer([0x7F00_0001], ttl: 1)
        try rig.connect()
        #expect(waits(&rig).nameFailure == nil)
        rig.pass(2)
        try rig.answer(.timeout)
        rig.arrive(host)
        rig.pass(11)
        let failure = try #require(waits(&rig).nameFailure)
        #expect(failure.name == "a.test" && failure.cause == .dnsTimeout && failure.sinceSeconds == 12)
        #expect(failure.staleHits > 0)
        rig.arrive(host)
        #expect(waits(&rig).nameFailure?.staleHits == failure.staleHits + 1)
        while !rig.lookups.isEmpty { try rig.answer(.notFound(ttlSeconds: 5)) }
        #expect(waits(&rig).nameFailure?.cause == .dnsNotFound)
        rig.pass(6)
        rig.arrive(host)
        try rig.answer([0x7F00_0001])
        #expect(waits(&rig).nameFailure == nil)
    }

    @Test("A query without an answer shows before its limit") func unansweredQueries() throws {
        var rig = Rig()
        let host = rig.addHost("a", dnsName: "a.test")
        rig.arrive(host)
        rig.pass(1.9)
        #expect(waits(&rig).nameFailure == nil)
        rig.pass(0.6)
        #expect(waits(&rig).nameFailure == NameFailure(name: "a.test", cause: .dnsTimeout, sinceSeconds: 2.5))
        try rig.answer([0x7F00_0001])
        #expect(waits(&rig).nameFailure == nil)
    }

    @Test("Heads that come do not hide that bodies stall") func stalledBodies() throws {
        var (rig, host) = Rig.one()
        for _ in 0..<6 {
            let request = rig.arrive(host)
            try rig.connect()
            try rig.write(request)
            try rig.head(request)
            rig.pass(0.5)
        }
        #expect(waits(&rig).silentSeconds == nil)
        #expect(waits(&rig).bodySilentSeconds == 3)
        #expect(waits(&rig).inFlightAges?.reduce(0) { $0 + $1.inBody } == 5)
    }

    @Test("The longest pause of bodies that went on is known, as streams of events make them") func pauses() throws {
        var (rig, _, request, id) = try inFlight()
        rig.pass(2)
        try rig.head(request)
        for pause in [0.5, 9, 4] {
            rig.pass(pause)
            rig.machine.heard(on: id, now: rig.now)
            #expect(waits(&rig).longestBodyPauseSeconds == (pause < 1 ? nil : 9))
        }
        rig.pass(12)
        #expect(waits(&rig).bodySilentSeconds == 12)
        #expect(waits(&rig).longestBodyPauseSeconds == 9, "it has not gone on yet")
    }

    @Test("Over several loops a host is silent only where every loop that waits for it hears nothing") func merging()
        throws
    {
        var (busy, host, _, _) = try inFlight()
        busy.pass(5)
        var (fresh, _, request, _) = try inFlight()
        fresh.pass(3)
        func merged(_ rigs: [AgentSnapshot]) -> HostSnapshot? { AgentSnapshot.merged(rigs)?.hosts[host.index] }
        var (first, second) = (busy.snapshot(), fresh.snapshot())
        #expect(merged([first, second])?.silentSeconds == 3)
        #expect(merged([first, second])?.inFlightAges?.map(\.atLeastSeconds) == [3, 5])
        try fresh.head(request)
        second = fresh.snapshot()
        #expect(merged([first, second])?.silentSeconds == nil)
        #expect(merged([second, first])?.silentSeconds == nil)
        try fresh.end(request)
        second = fresh.snapshot()
        #expect(merged([first, second])?.silentSeconds == 5)
        #expect(merged([second, first])?.silentSeconds == 5)
        first.hosts[0].inFlightAges = nil
        #expect(merged([first, second])?.inFlightAges == nil, "what one does not know, the sum does not")
    }

    @Test(
        "With very many connections the ages are counted once a second, and no request that has ended keeps a host silent"
    )
    func manyConnections() throws {
        var (rig, host) = Rig.one {
            $0.maxSocketsPerHost = 5000
            $0.maxTotalSockets = 5000
            $0.maxDialsPerHost = 5000
        }
        let requests = (0..<4200).map { _ in rig.arrive(host) }
        while !rig.connects.isEmpty { try rig.connect() }
        for request in requests { try rig.write(request) }
        rig.pass(3)
        #expect(waits(&rig).inFlightAges == [InFlightAge(atLeastSeconds: 3, requests: 4200, inBody: 0)])
        for request in requests {
            try rig.head(request)
            try rig.end(request)
        }
        rig.jump(0.5)
        #expect(waits(&rig).silentSeconds == nil)
        rig.pass(1)
        #expect(waits(&rig).inFlightAges == [])
    }
}
