import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Downstream

/// Each of the catalogue whose connections and names are well does on the wire what it says.
@Suite("Sick downstreams: answers") struct SickAnswersTests {
    @Test("Names are stable, every entry is valid, says one sentence and survives JSON")
    func catalogue() throws {
        #expect(
            SickDownstream.catalogue.map(\.name) == [
                "unavailable", "rejecting", "hanging", "slow", "hangs-after-head", "resetting", "refusing", "blackhole",
                "self-signed", "wrong-name", "expired", "plain-port", "no-such-name", "dns-timeout", "dns-servfail",
                "dns-outage", "dribbling", "closes-idle", "forbids-reuse", "pushes-answers", "one-dead-address",
            ])
        for entry in SickDownstream.catalogue {
            try entry.scenario.validate()
            #expect(entry.scenario.hostName == entry.name + ".pooltop.test")
            #expect(entry.summary.hasSuffix(".") && entry.summary.count { $0 == "." && $0.isASCII } >= 1)
            #expect(entry.client?.isEmpty != true)
            let bytes = try JSONEncoder().encode(entry.scenario)
            #expect(try JSONDecoder().decode(Scenario.self, from: bytes) == entry.scenario)
            #expect(try Scenario.sick(entry.name) == entry.scenario)
        }
        #expect(throws: ScenarioError.unknownName("catalog")) { try Scenario.sick("catalog") }
    }

    @Test("All of them start together, each at a port of its own, and nobody of the seven is among them")
    func fleet() async throws {
        try await withFleet(.sick) { fleet in
            #expect(fleet.endpoints.map(\.name) == SickDownstream.catalogue.map(\.name))
            #expect(Set(fleet.endpoints.map(\.port)).count == fleet.endpoints.count)
            #expect(Set(fleet.endpoints.map(\.name)).isDisjoint(with: [Scenario].bundled.map(\.name)))
            let url = try fleet.endpoint("plain-port").url
            #expect(url.hasPrefix("https://plain-port.pooltop.test:"))
        }
    }

    @Test("The downstream 'unavailable' answers 503 to everything and keeps the connection")
    func unavailable() async throws {
        try await withFleet([.sick("unavailable")]) { fleet in
            let wire = try await Wire(fleet.endpoint("unavailable").address)
            for _ in 0..<5 {
                let response = try await wire.get("/any")
                #expect(response.status == 503 && response.fields["connection"] == nil)
            }
            let stats = try await fleet.stats("unavailable")
            #expect(stats.statuses == ["503": 5] && stats.accepted == 1 && stats.closedByServer == 0)
        }
    }

    @Test("The downstream 'rejecting' answers 401 and 429 in their shares, in the same order for a seed")
    func rejecting() async throws {
        let first = try await statuses(of: "rejecting", seed: 3)
        #expect(first == (try await statuses(of: "rejecting", seed: 3)))
        #expect(first != (try await statuses(of: "rejecting", seed: 4)))
        #expect(Set(first) == [401, 429])
        // 100 expected of 400; four deviations are 35.
        #expect((65...135).contains(first.count { $0 == 429 }))
    }

    private func statuses(of name: String, seed: UInt64) async throws -> [Int] {
        var statuses: [Int] = []
        try await withFleet([.sick(name)], seed: seed) { fleet in
            let wire = try await Wire(fleet.endpoint(name).address)
            for _ in 0..<400 { statuses.append(try await wire.get("/").status) }
            #expect(try await fleet.stats(name).accepted == 1)
        }
        return statuses
    }

    /// All that a connection gets to read until the fleet is shut down, which ends it in good order. `requests` are sent at
    /// once, and the server has read the first when it happens.
    private func heard(
        from scenario: Scenario, sending requests: String = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        _ before: (DownstreamFleet) async throws -> Void = { _ in }
    ) async throws -> (text: String, ended: Ended) {
        var wire: Wire?
        try await withFleet([scenario]) { fleet in
            let opened = try await Wire(fleet.endpoint(scenario.name).address)
            wire = opened
            try await opened.send(requests)
            try await eventually("the request is read") { try await fleet.stats(scenario.name).requests == 1 }
            // Spares only those in the middle of an answer.
            try await fleet.inject(.dropIdle, into: scenario.name)
            #expect(try await fleet.stats(scenario.name).open == 1)
            try await before(fleet)
        }
        return try await #require(wire).rest()
    }

    @Test("The downstream 'hanging' reads a request, sends nothing and keeps the connection open")
    func hanging() async throws {
        let heard = try await heard(from: .sick("hanging")) { fleet in
            let stats = try await fleet.stats("hanging")
            #expect(stats.open == 1 && stats.statuses.isEmpty && stats.closedByServer == 0)
        }
        #expect(heard == ("", .fin))
    }

    @Test("The downstream 'hanging' does not answer what is pipelined behind its silence")
    func hangingPipelined() async throws {
        let twice = String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 2)
        #expect(try await heard(from: .sick("hanging"), sending: twice) == ("", .fin))
    }

    @Test("The downstream 'hangs-after-head' sends the head with its length and not a byte of the body")
    func hangsAfterHead() async throws {
        let heard = try await heard(from: .sick("hangs-after-head")) { fleet in
            let statuses = try await fleet.stats("hangs-after-head").statuses
            #expect(statuses == ["200": 1])
        }
        #expect(heard.text.hasPrefix("HTTP/1.1 200 OK\r\n") && heard.text.hasSuffix("\r\n\r\n"))
        #expect(heard.text.contains("Content-Length: 128\r\n") && heard.ended == .fin)
    }

    @Test("The downstream 'hangs-after-head' answers HEAD, whose head is all there is, and goes on")
    func hangsAfterHeadOfHead() async throws {
        try await withFleet([.sick("hangs-after-head")]) { fleet in
            let wire = try await Wire(fleet.endpoint("hangs-after-head").address)
            for _ in 0..<2 {
                try await wire.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await wire.response(toHead: true).status == 200)
            }
        }
    }

    @Test("The downstream 'slow' takes about a second and then answers whole")
    func slow() async throws {
        try await withFleet([.sick("slow")]) { fleet in
            let address = try fleet.endpoint("slow").address
            let started = ContinuousClock.now
            let waits = try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<9 {
                    group.addTask {
                        let status = try await Wire.get(address, "/").status
                        #expect(status == 200)
                        return started.duration(to: .now)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            // 3.5 deviations below the median. A busy machine makes things slower, never faster.
            #expect(waits[0] > .milliseconds(220))
            #expect(waits[4] > .milliseconds(500))
        }
    }

    @Test("The downstream 'resetting' resets in place of every answer")
    func resetting() async throws {
        try await withFleet([.sick("resetting")]) { fleet in
            for _ in 0..<3 {
                let wire = try await Wire(fleet.endpoint("resetting").address)
                try await wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await wire.rest() == ("", .reset))
            }
            let stats = try await fleet.stats("resetting")
            #expect(stats.requests == 3 && stats.closedByServer == 3 && stats.statuses.isEmpty)
        }
    }

    @Test("The downstream 'dribbling' sends the head at once and the body in sixteen pieces")
    func dribbling() async throws {
        try await withFleet([.sick("dribbling")]) { fleet in
            let wire = try await Wire(fleet.endpoint("dribbling").address)
            for _ in 0..<2 {
                let started = ContinuousClock.now
                let response = try await wire.get("/")
                #expect(started.duration(to: .now) >= .milliseconds(1600))
                #expect(response.status == 200 && response.body == String(buffer: ResponseWriter.filler(320)))
            }
            let stats = try await fleet.stats("dribbling")
            #expect(stats.statuses == ["200": 2] && stats.accepted == 1)
        }
        var scenario = try Scenario.sick("dribbling")
        scenario.dribble?.everySeconds = 3600
        let heard = try await heard(from: scenario)
        #expect(heard.text.contains("Content-Length: 320\r\n") && heard.text.hasSuffix("\r\n\r\n"))
    }

    @Test("A dribbled body is whole whatever the size of its pieces", arguments: [1, 3, 7, 10, 64])
    func pieces(bytes: Int) async throws {
        let scenario = Scenario.plain {
            $0.bodyBytes = 10
            $0.dribble = .init(bytes: bytes, everySeconds: 0.001)
        }
        try await withFleet([scenario]) { fleet in
            let wire = try await Wire(fleet.endpoint("plain").address)
            for _ in 0..<3 { #expect(try await wire.get("/").body == "0123456789") }
        }
    }

    @Test("The downstream 'closes-idle' drops an idle connection after a tenth of a second, without a word")
    func closesIdle() async throws {
        try await withFleet([.sick("closes-idle")]) { fleet in
            let started = ContinuousClock.now
            // It sends nothing: a busy machine may need longer than the limit to send a request.
            let wire = try await Wire(fleet.endpoint("closes-idle").address)
            #expect(try await wire.rest() == ("", .fin))
            #expect(started.duration(to: .now) >= .milliseconds(100))
            let stats = try await fleet.stats("closes-idle")
            #expect(stats.closedByServer == 1 && stats.requests == 0)
        }
    }

    @Test("The downstream 'forbids-reuse' says so on every response and closes")
    func forbidsReuse() async throws {
        try await withFleet([.sick("forbids-reuse")]) { fleet in
            for _ in 0..<2 {
                let wire = try await Wire(fleet.endpoint("forbids-reuse").address)
                #expect(try await wire.get("/").fields["connection"] == "close")
                #expect(try await wire.rest() == ("", .fin))
            }
        }
    }

    @Test("The downstream 'pushes-answers' sends two whole responses to one request")
    func pushesAnswers() async throws {
        try await withFleet([.sick("pushes-answers")]) { fleet in
            let wire = try await Wire(fleet.endpoint("pushes-answers").address)
            #expect(try await wire.get("/").status == 200)
            #expect(try await wire.response().status == 200)
            let stats = try await fleet.stats("pushes-answers")
            #expect(stats.requests == 1 && stats.statuses == ["200": 1] && stats.closedByServer == 0)
        }
    }

    @Test(
        "Whatever they do to others, those that can be reached tell their counts",
        arguments: [
            "unavailable", "rejecting", "hanging", "slow", "hangs-after-head", "resetting", "plain-port",
            "no-such-name",
            "dns-timeout", "dns-servfail", "dns-outage", "dribbling", "closes-idle", "pushes-answers",
            "one-dead-address",
        ])
    func counts(name: String) async throws {
        var scenario = try Scenario.sick(name)
        // A busy machine may need longer than a tenth of a second to send a request.
        if scenario.idleLimitSeconds != nil { scenario.idleLimitSeconds = 60 }
        try await withFleet([scenario]) { fleet in
            let response = try await Wire.get(fleet.endpoint(name).address, "/_stats")
            let stats = try JSONDecoder().decode(DownstreamStats.self, from: Data(response.body.utf8))
            #expect(response.status == 200 && stats.name == name && stats.requests == 0)
        }
    }
}
