import Downstream
import TestSupport
import Testing

@Suite struct FaultInjectionTests {
    private let plain = [Scenario.plain()]

    @Test("Dropping idle connections spares busy ones")
    func droppingIdleConnectionsSparesBusyOnes() async throws {
        try await withFleet(plain) { fleet in
            let address = try fleet.endpoint("plain").address
            let (idle, busy) = (try await Wire(address), try await Wire(address))
            _ = try await idle.get("/")
            try await busy.send("GET /delay/5s HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("busy") { try await fleet.stats("plain").requests == 2 }
            try await fleet.inject(.dropIdle, into: "plain")
            #expect(try await idle.rest() == ("", .fin))
            #expect(try await busy.response().fields["connection"] == nil)
            #expect(try await busy.get("/").status == 200)
            #expect(try await fleet.stats("plain").closedByServer == 1)
        }
    }

    @Test("Draining lets busy connections finish and accepts new ones")
    func drainingLetsTheBusyFinishAndWelcomesTheNew() async throws {
        try await withFleet(plain) { fleet in
            let address = try fleet.endpoint("plain").address
            let (idle, busy) = (try await Wire(address), try await Wire(address))
            _ = try await idle.get("/")
            try await busy.send("GET /delay/4s HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("busy") { try await fleet.stats("plain").requests == 2 }
            try await fleet.inject(.drain, into: "plain")
            #expect(try await idle.rest() == ("", .fin))
            #expect(try await busy.response().fields["connection"] == "close")
            #expect(try await busy.rest() == ("", .fin))
            let fresh = try await Wire(address)
            #expect(try await fresh.get("/").fields["connection"] == nil)
        }
    }

    @Test("Resetting affects every connection")
    func resettingSparesNobody() async throws {
        try await withFleet(plain) { fleet in
            let address = try fleet.endpoint("plain").address
            let (idle, busy) = (try await Wire(address), try await Wire(address))
            _ = try await idle.get("/")
            try await busy.send("GET /delay/30s HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("busy") { try await fleet.stats("plain").requests == 2 }
            try await fleet.inject(.resetAll, into: "plain")
            #expect(try await idle.rest() == ("", .reset))
            #expect(try await busy.rest() == ("", .reset))
            let stats = try await fleet.stats("plain")
            #expect(stats.open == 0 && stats.closedByServer == 2 && stats.statuses == ["200": 1])
        }
    }

    @Test("Refusing ends with recovery on the same ports")
    func refusingEndsWithRecoveryOnTheSamePorts() async throws {
        let scenario = Scenario.plain { $0.addresses = ["127.0.0.1", "127.0.0.2"] }
        try await withFleet([scenario]) { fleet in
            let endpoint = try fleet.endpoint("plain")
            let kept = try await Wire(endpoint.address)
            _ = try await kept.get("/")
            for _ in 0..<3 {
                try await fleet.inject(.refuse, into: "plain")
                for address in endpoint.addresses {
                    await #expect(throws: (any Error).self) { try await Wire(address) }
                }
                #expect(try await kept.get("/").status == 200)
                try await fleet.inject(.recover, into: "plain")
                for address in endpoint.addresses { #expect(try await Wire.get(address, "/").status == 200) }
            }
        }
    }

    @Test("Added delay can be removed again")
    func slownessIsAddedAndTakenBack() async throws {
        let scenario = Scenario.plain { $0.latency = .constant(seconds: 0.01) }
        try await withFleet([scenario]) { fleet in
            let wire = try await Wire(fleet.endpoint("plain").address)
            func took() async throws -> Duration {
                let started = ContinuousClock.now
                _ = try await wire.get("/")
                return started.duration(to: .now)
            }
            #expect(try await took() >= .milliseconds(10))
            try await fleet.inject(.slow(factor: 4, addedSeconds: 0.05), into: "plain")
            #expect(try await took() >= .milliseconds(90))
            try await fleet.inject(.recover, into: "plain")
            // A busy machine makes things slower, never faster.
            try await eventually("faster again") { try await took() < .milliseconds(90) }
        }
    }

    @Test("Forged bytes are a complete unsolicited response")
    func forgedBytesAreACompleteResponseThatNobodyAskedFor() async throws {
        try await withFleet(plain) { fleet in
            let wire = try await Wire(fleet.endpoint("plain").address)
            _ = try await wire.get("/")
            try await fleet.inject(.forge, into: "plain")
            #expect(try await wire.response().status == 200)
            // Not counted as an answer, for there was no request.
            #expect(try await fleet.stats("plain").statuses == ["200": 1])
        }
    }

    @Test("A fault over HTTP spares its own connection, which is not counted")
    func overHTTPThePosterIsSparedAndNotCounted() async throws {
        try await withFleet(plain) { fleet in
            let address = try fleet.endpoint("plain").address
            let (victim, poster) = (try await Wire(address), try await Wire(address))
            _ = try await victim.get("/")
            func post(_ query: String) async throws -> Int {
                try await poster.send(
                    "POST /_fault?\(query) HTTP/1.1\r\nHost: \(address)\r\n"
                        + "Authorization: Bearer \(fleet.controlToken)\r\nContent-Length: 0\r\n\r\n")
                return try await poster.response().status
            }
            #expect(try await post("reset-all") == 200)
            #expect(try await victim.rest() == ("", .reset))
            #expect(try await post("explode") == 400)
            #expect(try await post("dns&addresses=fish") == 400)
            #expect(try await post("dns&addresses=127.0.0.1,192.0.2.1") == 400)
            let wrongMethod = try await poster.get("/_fault?drain")
            #expect(wrongMethod.status == 405 && wrongMethod.fields["allow"] == "POST")
            let stats = try await fleet.stats("plain")
            #expect(stats.accepted == 1 && stats.requests == 1 && stats.controlRequests == 5)
        }
    }

    @Test("An unknown name is an error")
    func anUnknownNameIsAnError() async throws {
        try await withFleet(plain) { fleet in
            await #expect(throws: ScenarioError.unknownName("nobody")) {
                try await fleet.inject(.drain, into: "nobody")
            }
        }
    }
}
