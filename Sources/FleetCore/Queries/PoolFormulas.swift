import MetricsText
import PoolModel

/// Figures of our own names as PromQL, each for one set of labels. Names come from the writer's tables.
///
/// Rates are summed before they are divided, so that an instance counts as much as the requests that it has; percentiles
/// are those of summed buckets.
struct PoolFormulas {
    typealias CountKey = any WritableKeyPath<HostMetrics, Int> & Sendable

    var matchers: [LabelMatcher] = []
    /// The labels that tell the results apart.
    var labels: [String]
    var window: String
    var offset: String?

    private func rate(_ name: String, _ extra: [LabelMatcher]) -> String {
        PromQL.sum(
            PromQL.rate(PromQL.selector(name, matchers + extra), window: window, offset: offset), by: labels)
    }

    /// A total of hosts per second.
    func rate(_ count: CountKey) -> String { rate(of: HostMetrics.counter(count)) }

    func rate<Counts>(of counter: Counter<Counts>) -> String {
        rate(MetricsWriter.sample(of: counter).name, [])
    }

    /// A present count of hosts.
    func present(_ count: CountKey) -> String {
        let sample = MetricsWriter.sample(of: HostMetrics.counter(count))
        let state = sample.label.map { [LabelMatcher($0.name, .equals, $0.value)] } ?? []
        return PromQL.sum(PromQL.selector(sample.name, matchers + state), by: labels)
    }

    /// All open connections, in whatever state.
    var open: String {
        PromQL.sum(PromQL.selector(Self.openName, matchers), by: labels)
    }

    static let openName = MetricsWriter.sample(of: HostMetrics.counter(\.connections.active)).name

    /// Requests that ended with a response or an error, per second. A source that cannot see errors has no series of them
    /// and counts every ended request as succeeded.
    var finished: String {
        let succeeded = rate(\.requests.succeeded)
        return "\(succeeded) + (\(rate(\.requests.failed)) or 0 * \(succeeded))"
    }

    /// Requests on used connections as a part of all; nothing where there are none.
    var reuse: String {
        let reused = rate(\.requests.onReusedConnection)
        return "\(reused) / (\(reused) + \(rate(\.requests.onNewConnection)))"
    }

    func quantile(
        _ quantile: Double, _ histogram: any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable
    ) -> String {
        guard let row = LatencySet.rows.first(where: { $0.histogram == histogram }) else {
            preconditionFailure("a distribution without a row in the table of durations: \(histogram)")
        }
        let buckets = PromQL.selector(MetricsWriter.sample(of: row) + "_bucket", matchers)
        return PromQL.quantile(quantile, ofBuckets: PromQL.rate(buckets, window: window, offset: offset), by: labels)
    }

    /// A set of counts of the table, by its name there.
    static func set(_ name: String) -> (name: String, label: String) {
        guard let set = HostMetrics.labelledCounters.first(where: { $0.name == name }) else {
            preconditionFailure("a set without a row in the table of counters: \(name)")
        }
        return MetricsWriter.sample(of: set)
    }

    /// A set of counts, by its own label and the other labels.
    func rate(ofSet set: (name: String, label: String)) -> String {
        var formulas = self
        formulas.labels.append(set.label)
        return formulas.rate(set.name, [])
    }

    /// Failed requests of one cause.
    func errors(_ cause: FailureCause) -> String {
        rate(Self.errors.name, [LabelMatcher(Self.errors.label, .equals, cause.rawValue)])
    }

    static let errors = set("errors")
    static let reasons = set("connections.closedByReason")
}

/// Closed connections by the side that closed them.
extension PoolFormulas {
    enum Closer: CaseIterable {
        case server, client, unknown
    }

    func closes(by closer: Closer) -> String {
        switch closer {
        case .server: rate(.closedRemote)
        case .client: rate(.closedLocal)
        case .unknown:
            rate(
                Self.reasons.name,
                [LabelMatcher(Self.reasons.label, .equals, CloseReason.closerUnknown.rawValue)])
        }
    }

    private func rate(_ fact: Fact) -> String {
        let series = Dialect.pooltop.series(of: fact)
        return series.map { rate($0.name, $0.conditions.map { LabelMatcher($0) }) }.joined(separator: " or ")
    }

    /// The closes of one side, and zero where there is no series of one because it has closed none yet.
    func closesOrZero(by closer: Closer) -> String {
        "(\(closes(by: closer)) or 0 * \(rate(\.connections.closed)))"
    }

    /// The server's part of the closes whose side is known.
    var serverShare: String {
        let server = closesOrZero(by: .server)
        return "\(server) / (\(server) + \(closesOrZero(by: .client)))"
    }
}
