/// The figures of one host, or of all hosts, between two snapshots. Totals are those of the window, present counts
/// those at its end.
package struct WindowFigures: Sendable {
    /// The raw counts, for arithmetic. Reports use `known`, because a count that the source does not know is zero here.
    package var metrics = HostMetrics()
    /// How well the source knows each group of figures.
    package var certainty = Certainties()
    /// Requests with a planned time in the window; nil if no generator ran.
    package var planned: Int?
    /// Connections open at the beginning.
    package var openAtStart = 0
    /// Dials in progress at the beginning.
    package var connectingAtStart = 0
    /// Requests on a connection or in the queue at the beginning.
    package var presentAtStart = 0
    /// True if everything that was present at the beginning is counted as started in the window.
    package private(set) var isBalanced = false

    package init() {}

    /// The same figures with everything that was present at the beginning counted as started in the window. This makes
    /// the sums balance after a warm-up: `started = succeeded + failed + cancelled + inFlight + queued`, `opened =
    /// closed + idle + active`, `dials = opened + dialFailed + connecting`.
    package var balanced: WindowFigures {
        guard !isBalanced else { return self }
        var result = self
        result.isBalanced = true
        result.metrics.requests.started += presentAtStart
        result.metrics.connections.opened += openAtStart
        result.metrics.connections.dials += openAtStart + connectingAtStart
        result.metrics.connections.attempts += openAtStart + connectingAtStart
        result.planned = planned.map { $0 + presentAtStart }
        return result
    }

    /// The counts with their certainty.
    package var known: HostFigures { HostFigures(metrics, certainty) }

    package mutating func merge(_ other: WindowFigures) {
        metrics.merge(other.metrics)
        certainty.merge(other.certainty)
        if let planned = other.planned { self.planned = (self.planned ?? 0) + planned }
        openAtStart += other.openAtStart
        connectingAtStart += other.connectingAtStart
        presentAtStart += other.presentAtStart
    }
}

extension RequestCounts {
    /// Requests that ended with a response or an error.
    package var finished: Int { succeeded + failed }
}
