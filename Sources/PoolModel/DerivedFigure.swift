/// A METRICS figure that is computed from counts, declared once: the report writes it at its path, and checks can use
/// it.
package struct DerivedFigure: Sendable {
    package enum Value {
        case count(Figure<Int>)
        case number(Figure<Double>)
    }

    package enum Unit: Sendable, Equatable {
        case number, ratio, seconds
    }

    /// The path in METRICS.
    package var name: String
    /// The figure groups that it is computed from.
    package var groups: [FigureGroup]
    package var unit: Unit
    /// True if it only grows while the agent runs.
    package var grows: Bool
    /// The member of its object to write it before, where a reader would look for it; nil to write it last.
    package var before: String?
    package var value: @Sendable (WindowFigures, _ seconds: Double) -> Value

    package static let all: [DerivedFigure] = [
        DerivedFigure("requests.planned", [], grows: true, before: "started") { figures, _ in
            .count(Figure(figures.planned, .exact))
        },
        DerivedFigure("requests.perSecond", [.requests], before: "retriesRefused") { figures, seconds in
            rate(figures.known.finished, in: seconds)
        },
        DerivedFigure("requests.failures", [.errors, .statuses], grows: true, before: "cancelled") { figures, _ in
            .count(figures.known.failures)
        },
        DerivedFigure("requests.startedPerSecond", [.requests], before: "retriesRefused") { figures, seconds in
            // Requests that were there when the window began were not started in it.
            let before = figures.isBalanced ? figures.presentAtStart : 0
            return rate(figures.known.started.map { $0 - before }, in: seconds)
        },
        DerivedFigure("requests.answeredPerSecond", [.requests], before: "retriesRefused") { figures, seconds in
            rate(figures.known.succeeded, in: seconds)
        },
        statusClass(2), statusClass(3), statusClass(4), statusClass(5),
        DerivedFigure("connections.openedPerSecond", [.connections], before: "attempts") { figures, seconds in
            // Connections that were open when the window began were not opened in it, even if the balanced totals count
            // them.
            let before = figures.isBalanced ? figures.openAtStart : 0
            return rate(figures.known.opened.map { $0 - before }, in: seconds)
        },
        DerivedFigure("connections.closedPerSecond", [.connections], before: "attempts") { figures, seconds in
            rate(figures.known.closed, in: seconds)
        },
        DerivedFigure("connections.requestsPerConnection", [.reuse, .connections], before: "attempts") { figures, _ in
            .number(figures.known.requestsPerConnection)
        },
        DerivedFigure("connections.reuseRatio", [.reuse], .ratio, before: "attempts") { figures, _ in
            .number(figures.known.reuseRatio)
        },
        DerivedFigure("connections.closedBy.local", [.closer, .connections], grows: true) { figures, _ in
            .count(figures.known.closedLocal)
        },
        DerivedFigure("connections.closedBy.remote", [.closer], grows: true) { figures, _ in
            .count(figures.known.closedRemote)
        },
        DerivedFigure("tls.full", [.tls, .resumption], grows: true, before: "resumed") { figures, _ in
            .count(figures.known.full)
        },
    ]

    private init(
        _ name: String, _ groups: [FigureGroup], _ unit: Unit = .number, grows: Bool = false,
        before: String? = nil, _ value: @escaping @Sendable (WindowFigures, _ seconds: Double) -> Value
    ) {
        self.name = name
        self.groups = groups
        self.unit = unit
        self.grows = grows
        self.before = before
        self.value = value
    }

    private static func statusClass(_ hundreds: Int) -> DerivedFigure {
        DerivedFigure("statusClasses.\(hundreds)xx", [.statuses], grows: true) { figures, _ in
            .count(figures.known.statuses(ofClass: hundreds))
        }
    }

    private static func rate(_ count: Figure<Int>, in seconds: Double) -> Value {
        .number(count.perSecond(in: seconds))
    }
}
