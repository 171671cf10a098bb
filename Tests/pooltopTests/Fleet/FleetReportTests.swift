import ArgumentParser
import PlainDocuments
import PoolModel
import SessionConfig
import Testing

@testable import FleetCore
@testable import pooltop

/// The text of a fleet, and checks that every instance has to meet.
@Suite("Reports of a fleet") struct FleetReportTests {
    private func plan(_ arguments: [String]) throws -> FleetPlan {
        try FleetOptions.parse(["http://127.0.0.1:9090"] + arguments).plan(environment: [:])
    }

    private func instance(_ name: String, new: Double?, reused: Double?, isGone: Bool = false) -> FleetInstance {
        var figures = FleetFigures()
        if let new { figures.newPerSecond = .exact(new) }
        if let reused { figures.reusedPerSecond = .exact(reused) }
        return FleetInstance(
            id: InstanceID(job: "api", instance: name), labels: [], dialects: [], isGone: isGone,
            lastSeenSeconds: 1, figures: figures)
    }

    @Test("Every instance has to meet a check, and those that do not are named")
    func checks() throws {
        var fleet = Fleet(windowSeconds: 60)
        fleet.instances = [
            instance("a", new: 1, reused: 99), instance("b", new: 5, reused: 5), instance("c", new: nil, reused: nil),
            instance("d", new: 0, reused: 9, isGone: true),
        ]
        let report = FleetReport(fleet: fleet, plan: try plan(["--check", "reuse > 0.9"]))
        #expect(!report.isMet && report.checks.first?.failing.map(\.instance) == ["b", "c", "d"])
        #expect(report.text.contains("NOT MET  reuse > 0.9: b (0.500), c (not known), d (not known)"))
        #expect(report.text.contains("gone for"))
        fleet.instances = [instance("a", new: 1, reused: 99)]
        #expect(FleetReport(fleet: fleet, plan: try plan(["--check", "reuse > 0.9"])).isMet)
        fleet.instances = []
        #expect(!FleetReport(fleet: fleet, plan: try plan(["--check", "reuse > 0.9"])).isMet)
    }

    @Test("A figure that a fleet does not have is refused", arguments: ["dns.hits > 1", "reuse > 0.9 @catalog"])
    func refused(_ check: String) throws {
        let plan = try plan(["--check", check])
        #expect(throws: CommandLineError.self) { try FleetReport.refuse(plan.checks) }
    }

    @Test("Options are read, and contradictions are refused")
    func options() throws {
        let plan = try plan(["--window", "5m", "--by", "zone", "--format", "ndjson", "--duration", "1m"])
        #expect(plan.window == .seconds(300) && plan.groupLabel == "zone" && plan.duration == .seconds(60))
        #expect(plan.authorization == nil)
        let token = try FleetOptions.parse(["http://p"]).plan(environment: ["POOLTOP_BEARER": "abc"])
        #expect(token.authorization == "Bearer abc")
        for arguments in [
            ["--duration", "1m"], ["--window", "10ms"], ["--basic-file", "/none"],
            ["--basic-file", "/a", "--bearer-file", "/b"],
        ] {
            #expect(throws: CommandLineError.self, "\(arguments)") { try self.plan(arguments) }
        }
    }
}
