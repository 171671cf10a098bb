import MetricsText
import PoolModel
import Testing

@testable import FleetCore

/// The expectations of the services of `LiveFleet`, for the live test and for the tape of one.
enum FleetScenario {
    static func settings() throws -> FleetSettings {
        var settings = FleetSettings()
        settings.windowSeconds = 10
        settings.historySeconds = 60
        settings.percentiles = Set(FleetMeasure.Percentile.allCases)
        settings.isDetailed = true
        settings.selector = try SeriesSelector(#"version!="""#)
        try settings.setGroupLabel("version")
        return settings
    }

    /// Within 5 %.
    static func near(_ value: Double?, _ wanted: Double, sourceLocation: SourceLocation = #_sourceLocation) {
        let isNear = value.map { abs($0 - wanted) <= 0.05 * wanted } ?? false
        #expect(isNear, "\(value.map { "\($0)" } ?? "unknown") and not \(wanted)", sourceLocation: sourceLocation)
    }

    static func instance(_ fleet: Fleet, _ name: String) throws -> FleetInstance {
        try #require(fleet.instances.first { $0.id.instance == "\(name):9464" })
    }

    /// All six are there.
    static func expectSteady(_ fleet: Fleet) throws {
        #expect(fleet.problems == [])
        #expect(fleet.instances.count == 6 && fleet.instances.allSatisfy { !$0.isGone })
        #expect(fleet.instances.first?.id.instance == "b:9464")
        #expect(fleet.scrapeSeconds.map { abs($0 - 1) < 0.2 } == true && fleet.windowSeconds == 10)
        let (a, b, c) = (try instance(fleet, "a"), try instance(fleet, "b"), try instance(fleet, "c"))
        near(a.figures.requestsPerSecond.value, 50)
        near(a.figures.openedPerSecond.value, 2.3)
        near(a.figures.reuse.value, 0.954)
        near(a.figures.closedLocalPerSecond.value, 2.3)
        #expect(a.figures.closedRemotePerSecond == .exact(0) && a.figures.remoteShare == .exact(0))
        #expect(a.figures.open == .exact(6) && a.figures.idle == .exact(4) && a.figures.queued == .exact(0))
        near(b.figures.requestsPerSecond.value, 40)
        near(b.figures.failedPerSecond.value, 2)
        #expect(b.figures.reuse.value == 0 && b.figures.remoteShare == .exact(1))
        let p99 = b.figures.responseTime(.p99)
        #expect(p99.certainty == .estimate && (0.075...0.1).contains(p99.value ?? 0))
        near(c.figures.requestsPerSecond.value, 50)
        #expect(c.figures.requestsPerSecond.certainty == .estimate && c.figures.openedPerSecond.certainty == .exact)
        #expect(c.figures.failedPerSecond.isUnknown && c.figures.responseTime(.p99).isUnknown)
        try expectDialects(fleet)
        expectDetails(a, b, c)
        #expect(a.hostCount == 2 && a.hosts.map(\.name) == ["mail", "pay"])
        near(a.hosts.last?.figures.requestsPerSecond.value, 40)
        #expect(a.hosts.last?.origin == "http://pay.local:8080")
        #expect(fleet.groups.map(\.value) == ["1.0"] && fleet.marks == [])
        // A part of the fleet does not say it.
        #expect(fleet.totals.requestsPerSecond.isUnknown && fleet.totals.open == .estimate(36))
    }

    private static func expectDetails(_ a: FleetInstance, _ b: FleetInstance, _ c: FleetInstance) {
        near(b.figures.sets[.errors]?["peerReset"], 2)
        near(b.figures.sets[.statuses]?["200"], 38)
        near(b.figures.sets[.closeReasons]?["peerClosedIdle"], 40)
        near(b.figures.receivedBytesPerSecond.value, 40_000)
        near(a.figures.succeededPerSecond.value, 50)
        #expect(a.figures.sets[.errors] == [:] && a.figures.handshakesPerSecond == .exact(0))
        // Nobody sees them from outside.
        #expect(c.figures.sets[.errors] == nil && c.figures.sets[.statuses] == nil)
        near(c.figures.sentBytesPerSecond.value, 5000)
    }

    private static func expectDialects(_ fleet: Fleet) throws {
        let (d, e, n) = (try instance(fleet, "d"), try instance(fleet, "e"), try instance(fleet, "n"))
        #expect(d.dialects == [.dotnet] && e.dialects == [.reactorNetty] && n.dialects == [.undici])
        near(d.figures.requestsPerSecond.value, 30)
        near(d.figures.openedPerSecond.value, 3)
        near(d.figures.reuse.value, 0.9)
        near(d.figures.failedPerSecond.value, 1)
        #expect(d.figures.queued == .estimate(2) && d.figures.inFlight == .estimate(1))
        #expect(d.figures.closedLocalPerSecond.isUnknown && d.figures.remoteShare.isUnknown)
        near(d.figures.responseTime(.p50).value, 0.175)
        near(e.figures.requestsPerSecond.value, 20)
        near(e.figures.openedPerSecond.value, 5)
        near(e.figures.closedPerSecond.value, 5)
        near(e.figures.reuse.value, 0.75)
        #expect(e.figures.queued == .exact(3) && e.figures.open == .exact(8))
        #expect(n.figures.open == .exact(8) && n.figures.idle == .exact(2) && n.figures.queued == .exact(7))
        #expect(n.figures.requestsPerSecond.isUnknown && n.figures.openedPerSecond.isUnknown)
        #expect(d.hosts.map(\.origin) == ["http://api.local:8080"] && n.hosts.map(\.name) == ["pay.local:80"])
    }

    /// `c` has ended, and `b` has a new version.
    static func expectChanged(_ fleet: Fleet) throws {
        let c = try instance(fleet, "c")
        #expect(c.isGone && c.figures == FleetFigures() && fleet.instances.last?.id == c.id)
        #expect(c.lastSeenSeconds > 12 && c.lastSeenSeconds < 18)
        #expect(fleet.instances.first?.id.instance == "b:9464")
        let marks = fleet.marks.map { [$0.job, $0.label, $0.from, $0.to] }
        #expect(marks == [["shop", "version", "1.0", "1.1"]])
        #expect(fleet.groups.map(\.value) == ["1.1", "1.0"])
        #expect(fleet.groups.map(\.instances) == [1, 5] && fleet.groups.map(\.gone) == [0, 1])
        near(try instance(fleet, "a").figures.requestsPerSecond.value, 50)
        near(try instance(fleet, "b").figures.requestsPerSecond.value, 40)
        near(fleet.groups.first?.figures.requestsPerSecond.value, 40)
        #expect(fleet.groups.first?.figures.responseTime(.p99).value != nil)
        #expect(fleet.groups.last?.figures.responseTime(.p99).isUnknown == true)
    }

    /// One who comes after all that learns who is gone and when the version changed.
    static func expectLate(_ fleet: Fleet) throws {
        let c = try instance(fleet, "c")
        #expect(c.isGone && c.lastSeenSeconds > 12 && c.lastSeenSeconds < 35)
        #expect(fleet.instances.count == 6 && fleet.instances.first?.id.instance == "b:9464")
        #expect(fleet.marks.map(\.to) == ["1.1"] && fleet.marks.first?.job == "shop")
    }
}
