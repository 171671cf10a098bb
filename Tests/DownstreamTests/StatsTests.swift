import Foundation
import TestSupport
import Testing

@testable import Downstream

@Suite struct StatsTests {
    @Test("The counts over HTTP equal the test's own")
    func overHTTPTheyEqualWhatTheTestDid() async throws {
        try await withFleet([.plain()]) { fleet in
            let address = try fleet.endpoint("plain").address
            let wires = [try await Wire(address), try await Wire(address), try await Wire(address)]
            for _ in 0..<5 { _ = try await wires[0].get("/") }
            _ = try await wires[1].get("/status/404")
            let asked = try await Wire(address).get("/_stats")
            let stats = try JSONDecoder().decode(DownstreamStats.self, from: Data(asked.body.utf8))
            #expect(
                stats
                    == DownstreamStats(
                        name: "plain", accepted: 3, acceptedByAddress: ["127.0.0.1": 3], open: 3, requests: 6,
                        closedByServer: 0, statuses: ["200": 5, "404": 1], rejected: 0, tlsHandshakes: 0,
                        tlsResumed: 0, controlRequests: 1))
            try await wires[2].close()
            try await eventually("one connection less") { try await fleet.stats("plain").open == 2 }
        }
    }

    @Test("A connection with only control requests is not counted until it carries another")
    func aConnectionThatOnlyAsksIsNotCountedUntilItDoesMore() async throws {
        try await withFleet([.plain()]) { fleet in
            let wire = try await Wire(fleet.endpoint("plain").address)
            try await eventually("accepted") { try await fleet.stats("plain").accepted == 1 }
            _ = try await wire.get("/_stats")
            var stats = try await fleet.stats("plain")
            #expect(stats.accepted == 0 && stats.open == 0 && stats.requests == 0 && stats.controlRequests == 1)
            _ = try await wire.get("/")
            _ = try await wire.get("/_stats")
            stats = try await fleet.stats("plain")
            #expect(stats.accepted == 1 && stats.open == 1 && stats.requests == 1 && stats.controlRequests == 2)
        }
    }
}
