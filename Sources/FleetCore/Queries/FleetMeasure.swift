package import MetricsText
import PoolModel

/// A number that Prometheus is asked for, about each instance or host of one dialect.
package enum FleetMeasure: Hashable, Sendable {
    /// A total per second, or a present count.
    case fact(Fact)
    /// The growth of a present count over the window.
    case change(Fact)
    /// A percentile of response times in seconds.
    case responseTime(Percentile)
    /// Totals per second, each by the value of a label.
    case set(CountSet)
    /// How many hosts there are.
    case hosts
    /// Connections that carry several requests at once.
    case multiplexed

    package enum Percentile: Int, Sendable, CaseIterable {
        case p50 = 50
        case p95 = 95
        case p99 = 99
    }

    /// The facts that figures are made of.
    private static let facts: [Fact] = [
        .opened, .closed, .closedLocal, .closedRemote, .attempts, .connectFailed, .connectTimedOut, .sent, .ended,
        .answered, .failed, .onNew, .onReused, .open, .active, .idle, .queued, .inFlight,
    ]

    /// Only reports have figures of these; no screen shows them.
    private static let details: [Fact] = [
        .cancelled, .retried, .handshakes, .handshakesFailed, .resumed, .bytesSent, .bytesReceived,
    ]

    /// Everything that a dialect can say with the names that are there.
    static func all(of dialect: Dialect, names: Set<String>, isDetailed: Bool = false) -> [FleetMeasure] {
        var measures = facts.map { FleetMeasure.fact($0) }
        if isDetailed { measures += details.map { .fact($0) } + CountSet.allCases.map { .set($0) } }
        // Connections opened and connections closed differ by the growth of the open ones.
        let isComplete = Self.fact(.opened).isSaid(by: dialect, names) && Self.fact(.closed).isSaid(by: dialect, names)
        if !isComplete { measures += [.change(.open), .change(.active), .change(.idle)] }
        measures += Percentile.allCases.map { .responseTime($0) } + [.hosts]
        if dialect.traits.countsQueuedInFlight { measures.append(.multiplexed) }
        return measures.filter { $0.isSaid(by: dialect, names) }
    }

    /// The series that say it, of those that are there.
    func series(of dialect: Dialect, _ names: Set<String>) -> [DialectSeries] {
        let all: [DialectSeries] =
            switch self {
            case .fact(let fact), .change(let fact): dialect.series(of: fact)
            case .set(let set): dialect == .pooltop ? [set.ownSeries.series] : []
            case .responseTime: dialect.buckets(of: \.response)
            case .hosts, .multiplexed: Self.present.lazy.map { dialect.series(of: $0) }.first { !$0.isEmpty } ?? []
            }
        return all.filter { names.contains($0.name) }
    }

    /// One of these has a series for each host.
    private static let present: [Fact] = [.active, .open, .queued]

    private func isSaid(by dialect: Dialect, _ names: Set<String>) -> Bool { !series(of: dialect, names).isEmpty }

    /// The names of all samples that figures are made of, to ask which of them are there.
    static let names: [String] = Array(
        Set(
            Dialect.allCases.flatMap { dialect in
                let facts = (facts + details).flatMap { dialect.series(of: $0) } + dialect.buckets(of: \.response)
                return dialect.marks + facts.map(\.name)
            } + CountSet.allCases.map(\.ownSeries.series.name))
    ).sorted()

    /// True if its results can be added up.
    var isSummable: Bool {
        switch self {
        case .fact, .change, .set, .hosts, .multiplexed: true
        case .responseTime: false
        }
    }
}
