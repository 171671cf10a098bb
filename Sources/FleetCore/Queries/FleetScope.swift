package import MetricsText

/// The pod, process or machine that is scraped, by the labels that Prometheus gives it.
package struct InstanceID: Hashable, Sendable, Comparable {
    package var job: String
    package var instance: String

    package init(job: String, instance: String) {
        self.job = job
        self.instance = instance
    }

    init(_ labels: [MetricSample.Label]) {
        func value(_ name: String) -> String { labels.first { $0.name == name }?.value ?? "" }
        self.init(job: value("job"), instance: value("instance"))
    }

    /// By the instance first, which is the one that is shown.
    package static func < (left: InstanceID, right: InstanceID) -> Bool {
        (left.instance, left.job) < (right.instance, right.job)
    }

    var matchers: [LabelMatcher] { [LabelMatcher("job", .equals, job), LabelMatcher("instance", .equals, instance)] }

    static let labels = ["job", "instance"]
}

/// The series that make one row of an answer.
package enum FleetScope: Hashable, Sendable {
    /// All together.
    case total
    /// By the values of a label.
    case groups(String)
    case instances
    /// Each host of each instance, or of one.
    case hosts(of: InstanceID?)
    /// One instance as a whole.
    case instance(InstanceID)
    /// One host of an instance, by the labels that tell it apart.
    case host(InstanceID, [MetricSample.Label])

    func labels(in dialect: Dialect) -> [String] {
        switch self {
        case .total, .instance, .host: []
        case .groups(let label): [label]
        case .instances: InstanceID.labels
        case .hosts: InstanceID.labels + dialect.hostLabels
        }
    }

    var matchers: [LabelMatcher] {
        switch self {
        case .total, .groups, .instances: []
        case .hosts(let instance): instance?.matchers ?? []
        case .instance(let instance): instance.matchers
        case .host(let instance, let labels):
            instance.matchers + labels.map { LabelMatcher($0.name, .equals, $0.value) }
        }
    }
}
