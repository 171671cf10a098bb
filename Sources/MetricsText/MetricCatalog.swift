package import PoolModel

/// The families that the writer has, for those who make dashboards, rules and queries of the same names.
package struct MetricDescription: Sendable, Equatable {
    /// As it is declared in OpenMetrics, without `_total` and `_info`.
    package var family: String
    /// The name of the samples: with `_total` and `_info`; for a histogram, without `_bucket`.
    package var sample: String
    /// `counter`, `gauge`, `histogram` or `info`.
    package var type: String
    /// The unit that the name ends in; nil for plain counts.
    package var unit: String?
    package var help: String

    init(_ family: Family) {
        self.family = family.name
        sample = String(decoding: family.sample, as: UTF8.self)
        type = family.kind.rawValue
        unit = family.unit
        help = family.help
    }
}

extension MetricsWriter {
    /// Every family that a text may have.
    package static let families: [MetricDescription] = (FamilyText.ofTables + FamilyText.ofProcess).map {
        MetricDescription($0)
    }

    /// The gauge that every source has once.
    package static let uptime = MetricDescription(FamilyText.uptime)

    /// Sockets in TIME_WAIT, which only sources that ask the kernel have.
    package static let timeWait = MetricDescription(HostGauge.timeWait.family)

    /// The label with the name of the host.
    package static let hostLabel = "host"

    /// The label of a figure that is not counted, and its value.
    package static let estimateLabel = (name: "certainty", value: Certainty.estimate.rawValue)

    /// The name of the samples of a count, and the label that they have besides those of the host, if there is one.
    package static func sample<Counts>(
        of counter: Counter<Counts>
    ) -> (name: String, label: (name: String, value: String)?) {
        let name = String(decoding: FamilyName.family(of: counter).sample, as: UTF8.self)
        return (name, FamilyName.conventions[counter.name]?.state)
    }

    /// The name of the samples of a set of counts, and the label with what each counts.
    package static func sample<Counts>(of counter: LabelledCounter<Counts>) -> (name: String, label: String) {
        let name = String(decoding: FamilyName.family(of: counter).sample, as: UTF8.self)
        return (name, FamilyName.label(of: counter.name))
    }

    /// The name of a distribution, without `_bucket`.
    package static func sample(of row: DurationRow) -> String { FamilyName.family(of: row).name }
}
