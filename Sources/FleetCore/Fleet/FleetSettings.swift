import MetricsText
package import PlainDocuments

/// The choices of a user, and the limits that keep a large or hostile database from harming the view.
package struct FleetSettings: Sendable, Equatable {
    package var selector = SeriesSelector()
    /// The label whose values make groups.
    package private(set) var groupLabel: String?
    /// The window of rates; it is made longer where four scrapes need more.
    package var windowSeconds = 60.0
    /// The time whose charts and instances that are gone are shown at the beginning.
    package var historySeconds = 3600.0
    /// The percentiles of many rows; those of one instance or host are always all. Each costs Prometheus as much as all
    /// other figures, because it walks over every bucket.
    package var percentiles: Set<FleetMeasure.Percentile> = [.p99]
    /// Errors by cause, statuses, TLS and bytes are asked for, too.
    package var isDetailed = false
    package var limits = Limits()

    package struct Limits: Sendable, Equatable {
        package var instances = 20_000
        /// Hosts over all instances. Where there are more, none is asked for: Prometheus would count for long, and the
        /// answers would be too large to read.
        package var hosts = 50_000
        /// Questions in one round.
        package var requests = 400
        /// Jobs whose interval of scrapes is asked for in one round.
        package var jobs = 16

        package init() {}
    }

    package init() {}

    /// Throws for what is no name of a label.
    package mutating func setGroupLabel(_ label: String?) throws(TextProblem) {
        if let label, !PromQL.isLabelName(label) {
            throw TextProblem("'\(PlainText.clean(label))' is no name of a label", allowed: "zone, version")
        }
        groupLabel = label
    }
}

/// The instances whose hosts are asked for.
package enum FleetDetail: Sendable, Equatable {
    case none
    case all
    case instance(InstanceID)
}
