package import MetricsText
import PoolModel

/// The questions of a view of many instances, as PromQL.
///
/// Rates are summed before anything is divided, and percentiles are those of summed buckets. Prometheus joins what a
/// restart has cut.
package struct FleetQueries: Sendable {
    package var selector: SeriesSelector
    /// The names of metrics that are there.
    package var names: Set<String>
    /// At least four scrapes long, so that a late scrape does not empty it.
    package var windowSeconds: Double
    /// The jobs with instances of a dialect, where only their series need be looked at; nil: all.
    package var jobs: [Dialect: Set<String>] = [:]

    package init(selector: SeriesSelector, names: Set<String>, windowSeconds: Double) {
        self.selector = selector
        self.names = names
        self.windowSeconds = windowSeconds
    }

    /// How many scrapes a window has at least.
    package static let minScrapes = 4.0

    private var window: String { PromQL.duration(windowSeconds) }

    /// Nil: the names that are there do not say it.
    package func query(_ measure: FleetMeasure, of dialect: Dialect, _ scope: FleetScope) -> String? {
        let series = measure.series(of: dialect, names)
        guard !series.isEmpty else { return nil }
        let labels = scope.labels(in: dialect)
        // Estimates have a label of their own, so that a sum is known to contain them.
        let marked = dialect == .pooltop ? labels + [MetricsWriter.estimateLabel.name] : labels
        return series.map { series in
            let matchers =
                selector.matchers + scope.matchers + jobMatchers(dialect, scope)
                + series.conditions.map { LabelMatcher($0) }
            let selected = PromQL.selector(series.name, matchers)
            switch measure {
            case .fact(let fact):
                return PromQL.sum(fact.isTotal ? PromQL.rate(selected, window: window) : selected, by: marked)
            case .set(let set):
                return PromQL.sum(PromQL.rate(selected, window: window), by: marked + [set.ownSeries.label])
            case .change: return PromQL.sum("delta(\(selected)[\(window)])", by: marked)
            case .responseTime(let percentile):
                let rate = PromQL.rate(selected, window: window)
                let quantile = PromQL.quantile(Double(percentile.rawValue) / 100, ofBuckets: rate, by: labels)
                return series.scale == 1 ? quantile : "\(quantile) * \(series.scale)"
            case .hosts:
                let each = PromQL.aggregate("count", selected, by: labels + dialect.hostLabels)
                return PromQL.aggregate("count", each, by: labels)
            case .multiplexed:
                // The label is one of OpenTelemetry's, whose exporters have it on open connections.
                let later = matchers + [LabelMatcher("network_protocol_version", .matches, "[2-9].*")]
                return PromQL.sum(PromQL.selector(series.name, later), by: labels)
            }
        }.joined(separator: " or ")
    }

    /// How many hosts all instances have together.
    package func hostCount(of dialect: Dialect) -> String? {
        query(.hosts, of: dialect, .instances).map { "sum(\($0))" }
    }

    /// More jobs are not listed.
    private static let maxJobs = 50

    private func jobMatchers(_ dialect: Dialect, _ scope: FleetScope) -> [LabelMatcher] {
        guard scope.matchers.isEmpty, let jobs = jobs[dialect], jobs.count <= Self.maxJobs else { return [] }
        let names = jobs.sorted().map { PromQL.escapedForRegularExpression($0) }
        return [LabelMatcher("job", .matches, names.joined(separator: "|"))]
    }

    // MARK: Presence

    /// The series that tell that an instance of a dialect is there; empty: none of their names is. Ours has one that is
    /// there once, where others have one for each host.
    private func marks(of dialect: Dialect, _ matchers: [LabelMatcher] = []) -> [String] {
        let known = dialect.marks.filter { names.contains($0) }
        let uptime = MetricsWriter.uptime.sample
        let marks = known.contains(uptime) ? [uptime] : known
        let all = selector.matchers + matchers + Self.distinction(of: dialect, names)
        return marks.map { PromQL.selector($0, all) }
    }

    /// Our own names contain those of .NET, whose open connections have a label that ours have not. With it, Prometheus
    /// need not look at every host of ours.
    private static func distinction(of dialect: Dialect, _ names: Set<String>) -> [LabelMatcher] {
        guard dialect == .dotnet, Dialect.pooltop.marks.contains(where: names.contains) else { return [] }
        return [LabelMatcher("network_protocol_version", .differs, "")]
    }

    /// The seconds since the last sample of each instance, with all labels that it has as a whole. Instances of our own
    /// also have the names of .NET, and are no instances of .NET.
    package func presence(of dialect: Dialect) -> String? {
        sinceLatest(marks(of: dialect).map { "timestamp(\($0))" }, dialect)
    }

    /// The same for every instance that was there within a time before now, whether it is still there or not.
    package func pastPresence(of dialect: Dialect, seconds: Double, stepSeconds: Double) -> String? {
        let range = "[\(PromQL.duration(seconds)):\(PromQL.duration(stepSeconds))]"
        return sinceLatest(marks(of: dialect).map { "max_over_time(timestamp(\($0))\(range))" }, dialect)
    }

    private func sinceLatest(_ times: [String], _ dialect: Dialect) -> String? {
        guard !times.isEmpty else { return nil }
        let labels = dialect.labelsWithinProcess.joined(separator: ", ")
        return "time() - (\(times.map { "max without (\(labels)) (\($0))" }.joined(separator: " or ")))"
    }

    /// The samples of one instance with their times, from which the interval of scrapes is read.
    package func scrapes(of instance: InstanceID, _ dialect: Dialect, seconds: Double) -> String? {
        marks(of: dialect, instance.matchers).first.map { "\($0)[\(PromQL.duration(seconds))]" }
    }

    /// How many instances have each value of a label.
    package func instances(of dialect: Dialect, by label: String) -> String? {
        let marks = marks(of: dialect).map { PromQL.aggregate("max", $0, by: InstanceID.labels + [label]) }
        return marks.isEmpty ? nil : PromQL.aggregate("count", marks.joined(separator: " or "), by: ["job", label])
    }

    /// Every sample of one instance in the last seconds that says something in one of its dialects, for the screens of a
    /// single process.
    package func samples(of instance: InstanceID, _ dialects: [Dialect], seconds: Double) -> String {
        let names = Set(dialects.flatMap(\.sampleNames) + Dialect.processSampleNames).sorted()
        return PromQL.selector(
            "",
            [LabelMatcher("__name__", .matches, names.joined(separator: "|"))] + selector.matchers
                + instance.matchers) + "[\(PromQL.duration(seconds))]"
    }

    /// For `match[]`: all series whose names are known.
    package static func known(_ selector: SeriesSelector) -> String {
        let names = FleetMeasure.names.joined(separator: "|")
        return PromQL.selector("", [LabelMatcher("__name__", .matches, names)] + selector.matchers)
    }
}
