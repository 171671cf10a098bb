package import MetricsText

/// Everything that is known of many instances at one moment.
package struct Fleet: Sendable, Equatable {
    /// The length of the window that rates are of.
    package var windowSeconds: Double
    /// Worst first; those that are gone come last.
    package var instances: [FleetInstance] = []
    /// By the values of the label that was asked for, worst first; empty: none was.
    package var groups: [FleetGroup] = []
    /// The sum over the instances that are there.
    package var totals = FleetFigures()
    package var marks: [FleetMark] = []
    package var problems: [FleetProblem] = []
    /// The longest interval between two scrapes; nil: not known yet.
    package var scrapeSeconds: Double?
    /// The seconds since the figures were asked for; nil: there are none yet.
    package var ageSeconds: Double?
    /// Instances that the limit leaves out.
    package var refused = 0
}

package struct FleetInstance: Sendable, Equatable {
    package var id: InstanceID
    /// The labels of the target, without job and instance.
    package var labels: [MetricSample.Label]
    package var dialects: [Dialect]
    /// Nothing has come from it for several scrapes. Its figures are unknown then.
    package var isGone: Bool
    /// The time since its last sample.
    package var lastSeenSeconds: Double
    package var figures = FleetFigures()
    package var hostCount: Int?
    /// Empty unless hosts were asked for, worst first.
    package var hosts: [FleetHost] = []

    package subscript(label label: String) -> String? {
        switch label {
        case "job": id.job
        case "instance": id.instance
        default: labels.first { $0.name == label }?.value
        }
    }
}

package struct FleetHost: Sendable, Equatable {
    package var name: String
    package var origin: String
    package var dialect: Dialect
    /// The labels that tell it apart, for `FleetScope.host`.
    package var labels: [MetricSample.Label]
    package var figures: FleetFigures
}

package struct FleetGroup: Sendable, Equatable {
    /// The value of the label; nil: instances without the label.
    package var value: String?
    package var instances: Int
    package var gone: Int
    package var figures: FleetFigures
}

/// A label of instances that got a new value, which mostly means a deploy.
package struct FleetMark: Sendable, Equatable {
    /// Seconds since 1970 by our clock.
    package var time: Double
    package var job: String
    package var label: String
    /// Nil: it had none, or several.
    package var from: String?
    package var to: String
}

/// A question without an answer, or with a doubtful one.
package struct FleetProblem: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case failure(PrometheusFailure)
        /// In Prometheus's own words, which are not safe to print.
        case warning(String)
        /// A part of the answer was left out, because it is longer than the limit.
        case truncated
        /// There are more hosts than the limit, so none is listed.
        case tooManyHosts(Int, limit: Int)
        /// None of the names that are known is there.
        case noMetrics
        /// The window is longer than was asked for, so that it has four scrapes.
        case windowLengthened
    }

    package var kind: Kind
    /// How many questions have it.
    package var count: Int
}
