import Downstream
import Foundation
import Testing

@Suite struct FleetTests {
    @Test("The description has the documented form")
    func theDescriptionIsTheContract() async throws {
        try await withFleet(.bundled) { fleet in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = String(decoding: try encoder.encode(fleet.fleetDescription), as: UTF8.self)
            let port = try fleet.endpoint("search").port
            #expect(text.hasPrefix(#"{"dns":"\#(fleet.dnsAddress)","downstreams":[{"address":"127.0.0.1:"#))
            #expect(
                text.contains(
                    #"{"address":"127.0.0.1:\#(port)","name":"search","url":"http://search.pooltop.test:\#(port)/"}"#))
            #expect(text.contains(#""url":"https://payments.pooltop.test:"#))
            #expect(fleet.endpoints.map(\.name) == [Scenario].bundled.map(\.name))
            #expect(try await fleet.stats().map(\.name) == [Scenario].bundled.map(\.name))
        }
    }

    @Test("Two fleets and two loops work side by side")
    func twoFleetsAndTwoLoopsGetAlong() async throws {
        try await withFleet(.bundled, loops: 2) { one in
            try await withFleet(.bundled, loops: 2) { two in
                for name in ["catalog", "search", "legacy", "ledger", "images"] {
                    #expect(try await Wire.get(one.endpoint(name).address, "/").status == 200)
                    #expect(try await Wire.get(two.endpoint(name).address, "/").status == 200)
                    #expect(try await one.stats(name).requests == 1)
                }
                // The fault crosses from the server's loop to the DNS server's.
                try await one.inject(.dns(.nameError), into: "search")
                try await one.inject(.recover, into: "search")
            }
        }
    }

    @Test("Threads can be identified by name")
    func threadsCanBeToldApart() async throws {
        try await withFleet([.plain()], loops: 2) { _ in
            let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            let names = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
            for index in 0..<2 { #expect(names.contains("\(DownstreamFleet.threadNamePrefix)\(index)\n")) }
        }
    }

    @Test("An invalid scenario is refused")
    func whatCannotBeServedIsRefused() async throws {
        await #expect(throws: ScenarioError.duplicateName("plain")) {
            try await DownstreamFleet.start([.plain(), .plain()], seed: 1)
        }
        await #expect(throws: ScenarioError.invalidAddress(scenario: "plain", address: "127.0.0.fish")) {
            try await DownstreamFleet.start([.plain { $0.addresses = ["127.0.0.fish"] }], seed: 1)
        }
    }
}
