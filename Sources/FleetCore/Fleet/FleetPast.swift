/// The past of a fleet for its charts: what the database was asked for once, and what each round adds to it.
package struct FleetPast: Sendable {
    /// In the order of time.
    package private(set) var points: [FleetHistory.Point] = []
    private let seconds: Double
    private var isAsked = false

    /// Points that are older than `seconds` are forgotten.
    package init(seconds: Double) { self.seconds = seconds }

    /// The questions about the time before the rounds; nil: they were asked, or cannot be yet.
    package func history(_ machine: FleetMachine) -> FleetHistory? { isAsked ? nil : machine.history(of: .total) }

    /// The answers to them. They are asked once, answered or not, because they cost a database more than any others.
    package mutating func take(_ history: FleetHistory) {
        isAsked = true
        let first = points.first?.time ?? .infinity
        points = history.points.filter { $0.time < first } + points
    }

    /// A round whose figures are old adds nothing.
    package mutating func append(_ fleet: Fleet, at now: Double) {
        guard let age = fleet.ageSeconds, !fleet.instances.isEmpty else { return }
        let time = now - age
        guard time > (points.last?.time ?? -.infinity) + 1 else { return }
        points.append(FleetHistory.Point(time: time, figures: fleet.totals))
        points.removeAll { $0.time < time - seconds }
    }
}
