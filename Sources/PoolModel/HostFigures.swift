/// The counts of a host, or their sum over several hosts, each with its certainty. Screens and reports use these
/// instead of the raw counts, which are zero where the source does not know them.
package struct HostFigures: Sendable {
    private let metrics: HostMetrics
    package let certainty: Certainties

    package init(_ metrics: HostMetrics, _ certainty: Certainties) {
        self.metrics = metrics
        self.certainty = certainty
    }

    package subscript(counter: Counter<HostMetrics>) -> Figure<Int> {
        Figure(metrics[keyPath: counter.keyPath], certainty[counter.group])
    }

    package subscript(counter: LabelledCounter<HostMetrics>) -> Figure<[(label: String, count: Int)]> {
        Figure(counter.counts(metrics), certainty[counter.group])
    }

    package subscript(row: DurationRow) -> Figure<LatencyHistogram> {
        Figure(metrics.latency[keyPath: row.histogram], certainty[row.group])
    }

    private func figure<Value>(_ value: Value?, _ groups: FigureGroup...) -> Figure<Value> {
        Figure(value, certainty.isExact ? .exact : certainty.of(groups))
    }

    // MARK: Requests

    package var started: Figure<Int> { figure(metrics.requests.started, .requests) }
    package var succeeded: Figure<Int> { figure(metrics.requests.succeeded, .requests) }
    /// Requests that ended with a response or an error. A source that cannot see errors counts every ended request as
    /// succeeded.
    package var finished: Figure<Int> {
        let failed = certainty[.errors] == .unknown ? 0 : metrics.requests.failed
        return figure(metrics.requests.succeeded + failed, .requests)
    }
    package var cancelled: Figure<Int> { figure(metrics.requests.cancelled, .requests) }
    package var failed: Figure<Int> { figure(metrics.requests.failed, .errors) }
    package var retried: Figure<Int> { figure(metrics.requests.retried, .errors) }
    package var retryDecisions: Figure<CountsBy<RetryDecision>> { figure(metrics.requests.retryDecisions, .errors) }
    package var errors: Figure<CountsBy<FailureCause>> { figure(metrics.errors, .errors) }
    package var statuses: Figure<[Int: Int]> { figure(metrics.statuses, .statuses) }
    /// Responses with a status of 100 × `hundreds` and up.
    package func statuses(ofClass hundreds: Int) -> Figure<Int> {
        figure(metrics.statuses.count(ofClass: hundreds), .statuses)
    }
    /// Requests without a response, and responses of 4xx and 5xx.
    package var failures: Figure<Int> { failed + statuses(ofClass: 4) + statuses(ofClass: 5) }
    package var inFlight: Figure<Int> { figure(metrics.requests.inFlight, .activity) }
    package var queued: Figure<Int> { figure(metrics.requests.queued, .queue) }
    package var onNewConnection: Figure<Int> { figure(metrics.requests.onNewConnection, .reuse) }
    package var onReusedConnection: Figure<Int> { figure(metrics.requests.onReusedConnection, .reuse) }
    package var exchanges: Figure<Int> { onNewConnection + onReusedConnection }
    package var reuseRatio: Figure<Double> { figure(metrics.requests.reuseRatio, .reuse) }

    /// Exchanges per connection; absent if there was no connection.
    package var requestsPerConnection: Figure<Double> { exchanges.ratio(to: opened) }

    // MARK: Connections

    package var dials: Figure<Int> { figure(metrics.connections.dials, .dials) }
    package var dialFailed: Figure<Int> { figure(metrics.connections.dialFailed, .dials) }
    package var connecting: Figure<Int> { figure(metrics.connections.connecting, .dials) }
    package var opened: Figure<Int> { figure(metrics.connections.opened, .connections) }
    package var closed: Figure<Int> { figure(metrics.connections.closed, .connections) }
    package var open: Figure<Int> { figure(metrics.connections.open, .connections) }
    package var peakOpen: Figure<Int> { figure(metrics.connections.peakOpen, .connections) }
    package var active: Figure<Int> { figure(metrics.connections.active, .activity) }
    package var idle: Figure<Int> { figure(metrics.connections.idle, .activity) }
    package var closedLocal: Figure<Int> { figure(metrics.connections.closedLocal, .closer, .connections) }
    package var closedRemote: Figure<Int> { figure(metrics.connections.closedRemote, .closer) }
    package var closedByReason: Figure<CountsBy<CloseReason>> {
        figure(metrics.connections.closedByReason, .closeReasons)
    }

    // MARK: TLS

    package var handshakes: Figure<Int> { figure(metrics.tls.handshakes, .tls) }
    package var handshakesFailed: Figure<Int> { figure(metrics.tls.failed, .tls) }
    package var resumed: Figure<Int> { figure(metrics.tls.resumed, .resumption) }
    /// Handshakes completed without resuming an earlier session.
    package var full: Figure<Int> { handshakes.with(resumed) { $0 - $1 } }

    // MARK: Durations

    package var response: Figure<LatencyHistogram> { figure(metrics.latency.response, .latency) }
    package var service: Figure<LatencyHistogram> { figure(metrics.latency.service, .latency) }
    package var connect: Figure<LatencyHistogram> { figure(metrics.latency.connect, .latency) }
    package var queueWait: Figure<LatencyHistogram> { figure(metrics.latency.queueWait, .queue) }
    package var dnsLookup: Figure<LatencyHistogram> { figure(metrics.latency.dnsLookup, .dns) }
    package var tlsHandshake: Figure<LatencyHistogram> { figure(metrics.latency.tlsHandshake, .tls) }
}

extension HostSnapshot {
    /// The counts with their certainty.
    package var figures: HostFigures { HostFigures(metrics, certainty) }
}
