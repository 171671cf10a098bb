package import FleetCore
package import PoolModel
import Wording

/// A fleet at one moment, with the past of its sum for the charts. Foreign texts are safe to draw once it was cleaned.
package struct FleetPicture: Sendable {
    package var fleet: Fleet
    /// In the order of time; empty: the database was not asked, or knows nothing.
    package var past: [FleetHistory.Point]
    /// Seconds since 1970 by our clock.
    package var takenAt: Double
    /// The label whose values make groups; nil: none.
    package var groupLabel: String?

    package init(_ fleet: Fleet, past: [FleetHistory.Point], takenAt: Double, groupLabel: String? = nil) {
        self.fleet = fleet
        self.past = past
        self.takenAt = takenAt
        self.groupLabel = groupLabel
    }

    /// The only way into the model.
    func cleaned() -> FleetPicture {
        var copy = self
        for index in copy.fleet.marks.indices {
            copy.fleet.marks[index].label = visibleText(copy.fleet.marks[index].label, limit: 40)
            copy.fleet.marks[index].to = visibleText(copy.fleet.marks[index].to, limit: 40)
            copy.fleet.marks[index].from = copy.fleet.marks[index].from.map { visibleText($0, limit: 40) }
            copy.fleet.marks[index].job = visibleText(copy.fleet.marks[index].job, limit: 40)
        }
        copy.groupLabel = groupLabel.map { visibleText($0, limit: 24) }
        return copy
    }
}

/// The samples of one instance, and its past.
package struct InstanceNews: Sendable {
    package var id: InstanceID
    /// The time before the first snapshot, in the order of time; empty: it came before.
    package var past: [FleetHistory.Point]
    /// Seconds of uptime that snapshots have at 1970 by their own clock: `uptime = time + offset`.
    package var uptimeOffset: Double
    package var marks: [FleetMark]
    /// Snapshots since the last news, oldest first.
    package var snapshots: [AgentSnapshot]
    /// Why there are no newer figures; nil: there are.
    package var problem: String?

    package init(
        _ id: InstanceID, past: [FleetHistory.Point] = [], uptimeOffset: Double, marks: [FleetMark] = [],
        snapshots: [AgentSnapshot] = [], problem: String? = nil
    ) {
        self.id = id
        self.past = past
        self.uptimeOffset = uptimeOffset
        self.marks = marks
        self.snapshots = snapshots
        self.problem = problem
    }

    /// Seconds since 1970; nil: it has no figures.
    package var newestTime: Double? { snapshots.last?.takenAt ?? past.last?.time }

    /// Nothing that came before is lost with it.
    package mutating func append(_ later: InstanceNews) {
        guard later.id == id else { return self = later }
        if !later.past.isEmpty { past = later.past }
        if !later.marks.isEmpty { marks = later.marks }
        snapshots += later.snapshots
        problem = later.problem
    }
}

/// The figures of a fleet in one second that only its own charts have. Unknown ones are stored as NaN.
struct TrendSecond: Sendable, Equatable {
    private var figures: SIMD8<Float>

    init(_ fleet: FleetFigures) {
        let failed = fleet.failedPerSecond.with(fleet.requestsPerSecond) { $1 > 0 ? $0 / $1 : nil }
        let known: [Double?] = [
            fleet.open.value, fleet.queued.value, fleet.reuse.value, fleet.responseTime(.p50).value,
            fleet.responseTime(.p99).value, failed.value,
        ]
        figures = SIMD8(repeating: .nan)
        for (place, figure) in known.enumerated() { figures[place] = figure.map { Float($0) } ?? .nan }
    }

    var open: Double? { known(0) }
    var queued: Double? { known(1) }
    var reuse: Double? { known(2) }
    var p50: Double? { known(3) }
    var p99: Double? { known(4) }
    var failedShare: Double? { known(5) }

    private func known(_ place: Int) -> Double? { figures[place].isNaN ? nil : Double(figures[place]) }
}
