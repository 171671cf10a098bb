import Downstream
import TestSupport
import Testing

/// The behaviour of each of the seven downstreams, as a client sees it.
@Suite struct BundledScenarioTests {
    @Test("`catalog` keeps connections open and announces for how long")
    func catalogKeepsConnectionsAndSaysForHowLong() async throws {
        try await withFleet([.catalog]) { fleet in
            let wire = try await Wire(fleet.endpoint("catalog").address)
            for _ in 0..<20 {
                let response = try await wire.get("/")
                #expect(response.status == 200)
                #expect(response.fields["keep-alive"] == "timeout=60")
                #expect(response.fields["connection"] == "keep-alive")
                #expect(response.body.utf8.count == 128)
            }
            let stats = try await fleet.stats("catalog")
            #expect(stats.accepted == 1 && stats.requests == 20 && stats.open == 1 && stats.closedByServer == 0)
        }
    }

    @Test("`search` listens on three addresses and responds slowly")
    func searchListensOnThreeAddressesAndTakesItsTime() async throws {
        try await withFleet([.search]) { fleet in
            let endpoint = try fleet.endpoint("search")
            #expect(endpoint.addresses == (1...3).map { "127.0.0.\($0):\(endpoint.port)" })
            for address in endpoint.addresses {
                let started = ContinuousClock.now
                #expect(try await Wire.get(address, "/").body.utf8.count == 2048)
                // 3.5 deviations below the median is 9 ms.
                #expect(started.duration(to: .now) > .milliseconds(8))
            }
            let accepted = try await fleet.stats("search").acceptedByAddress
            #expect(accepted == ["127.0.0.1": 1, "127.0.0.2": 1, "127.0.0.3": 1])
        }
    }

    @Test("`legacy` closes after every response")
    func legacyClosesAfterEveryResponse() async throws {
        try await withFleet([.legacy]) { fleet in
            for _ in 0..<3 {
                let wire = try await Wire(fleet.endpoint("legacy").address)
                let response = try await wire.get("/")
                #expect(response.status == 200 && response.fields["connection"] == "close")
                #expect(try await wire.rest() == ("", .fin))
            }
            let stats = try await fleet.stats("legacy")
            #expect(stats.accepted == 3 && stats.requests == 3 && stats.closedByServer == 3 && stats.open == 0)
        }
    }

    @Test("`ledger` drops idle connections without notice", arguments: [Scenario.Drop.fin, .reset])
    func ledgerDropsIdleConnectionsWithoutAWord(drop: Scenario.Drop) async throws {
        var ledger = Scenario.ledger
        // Long enough for a busy machine to get the requests across in time.
        ledger.idleLimitSeconds = 5
        ledger.idleDrop = drop
        try await withFleet([ledger]) { fleet in
            let begun = ContinuousClock.now
            let used = try await Wire(fleet.endpoint("ledger").address)
            // Longer in total than the limit: idleness counts, not age.
            try await used.send(String(repeating: "GET /delay/300ms HTTP/1.1\r\nHost: a\r\n\r\n", count: 4))
            let untouched = try await Wire(fleet.endpoint("ledger").address)
            for _ in 0..<4 {
                let response = try await used.response()
                #expect(response.status == 200 && response.fields["connection"] == nil)
            }
            let ended: Ended = drop == .fin ? .fin : .reset
            #expect(try await used.rest() == ("", ended))
            // Four responses that take 0.3 s each, and then the limit.
            #expect(begun.duration(to: .now) >= .milliseconds(6200))
            #expect(try await untouched.rest() == ("", ended))
            try await eventually("the server has closed both") {
                let stats = try await fleet.stats("ledger")
                return stats.closedByServer == 2 && stats.open == 0
            }
        }
    }

    @Test("`images` sends chunked bodies and closes after the hundredth response")
    func imagesAreChunkedAndTheHundredthIsTheLast() async throws {
        try await withFleet([.images]) { fleet in
            let wire = try await Wire(fleet.endpoint("images").address)
            for count in 1...100 {
                let response = try await wire.get("/")
                #expect(response.fields["transfer-encoding"] == "chunked" && response.body.utf8.count == 65536)
                #expect(response.fields["connection"] == (count == 100 ? "close" : nil))
            }
            #expect(try await wire.rest() == ("", .fin))
            #expect(try await fleet.stats("images").closedByServer == 1)
        }
    }

    @Test("`flaky` fails at its rates, and the same way for a seed")
    func flakyFailsAtItsRatesAndTheSameWayForASeed() async throws {
        var flaky = Scenario.flaky
        flaky.stallSeconds = 0.02
        flaky.stallRate = 0.01
        let first = try await flakyOutcomes(flaky, seed: 42)
        #expect(first == (try await flakyOutcomes(flaky, seed: 42)))
        #expect(first != (try await flakyOutcomes(flaky, seed: 43)))
        let counts = Dictionary(grouping: first, by: { $0 }).mapValues(\.count)
        // 1500 requests at 1 % each: 15 expected, four deviations either way.
        for outcome in ["reset", "503"] { #expect((2...30).contains(counts[outcome] ?? 0), "\(counts)") }
    }

    private func flakyOutcomes(_ flaky: Scenario, seed: UInt64) async throws -> [String] {
        var outcomes: [String] = []
        try await withFleet([flaky], seed: seed) { fleet in
            let address = try fleet.endpoint("flaky").address
            var wire = try await Wire(address)
            for _ in 0..<1500 {
                do {
                    outcomes.append("\(try await wire.get("/").status)")
                } catch is WireError {
                    #expect(try await wire.rest().ended == .reset)
                    outcomes.append("reset")
                    wire = try await Wire(address)
                }
            }
            let stats = try await fleet.stats("flaky")
            let resets = outcomes.count { $0 == "reset" }
            #expect(stats.requests == 1500 && stats.closedByServer == resets && stats.accepted == resets + 1)
            #expect(stats.statuses["503"] == outcomes.count { $0 == "503" })
        }
        return outcomes
    }

    @Test("A max hint can count down")
    func aHintCanCountDown() async throws {
        let scenario = Scenario.plain {
            $0.keepAliveHint = AdvertisedKeepAlive(timeoutSeconds: 5, saysMaximum: true)
            $0.requestsPerConnection = 3
        }
        try await withFleet([scenario]) { fleet in
            let wire = try await Wire(fleet.endpoint("plain").address)
            var hints: [String?] = []
            for _ in 0..<3 { hints.append(try await wire.get("/").fields["keep-alive"]) }
            #expect(hints == ["timeout=5, max=2", "timeout=5, max=1", nil])
            #expect(try await wire.rest() == ("", .fin))
        }
    }
}
