package import MetricsText
package import PoolModel

/// The figures of a host, an instance or several. Each says whether it is counted, estimated or unknown.
package struct FleetFigures: Sendable, Equatable {
    /// Requests that ended with a response or an error, per second.
    package var requestsPerSecond = Figure<Double>.unknown
    package var failedPerSecond = Figure<Double>.unknown
    package var openedPerSecond = Figure<Double>.unknown
    package var closedPerSecond = Figure<Double>.unknown
    package var closedLocalPerSecond = Figure<Double>.unknown
    package var closedRemotePerSecond = Figure<Double>.unknown
    /// Requests on new and on used connections, per second.
    package var newPerSecond = Figure<Double>.unknown
    package var reusedPerSecond = Figure<Double>.unknown
    package var open = Figure<Double>.unknown
    package var active = Figure<Double>.unknown
    package var idle = Figure<Double>.unknown
    package var inFlight = Figure<Double>.unknown
    package var queued = Figure<Double>.unknown
    package var responseTimes: [FleetMeasure.Percentile: Double] = [:]
    /// These are asked for where reports need them (`FleetSettings.isDetailed`).
    package var succeededPerSecond = Figure<Double>.unknown
    package var cancelledPerSecond = Figure<Double>.unknown
    package var retriedPerSecond = Figure<Double>.unknown
    package var handshakesPerSecond = Figure<Double>.unknown
    package var resumedPerSecond = Figure<Double>.unknown
    package var handshakesFailedPerSecond = Figure<Double>.unknown
    package var sentBytesPerSecond = Figure<Double>.unknown
    package var receivedBytesPerSecond = Figure<Double>.unknown
    /// Per second, by the value of a label; a set that is not there is unknown.
    package var sets: [CountSet: [String: Double]] = [:]

    package init() {}

    /// Requests on used connections as a part of all; absent where there are none.
    package var reuse: Figure<Double> {
        newPerSecond.with(reusedPerSecond) { new, reused in new + reused > 0 ? reused / (new + reused) : nil }
    }

    package var requestsPerConnection: Figure<Double> {
        (newPerSecond + reusedPerSecond).with(openedPerSecond) { $1 > 0 ? $0 / $1 : nil }
    }

    /// The closes of the server as a part of those whose side is known; absent where there are none.
    package var remoteShare: Figure<Double> {
        closedLocalPerSecond.with(closedRemotePerSecond) { $0 + $1 > 0 ? $1 / ($0 + $1) : nil }
    }

    /// A percentile of response times. Buckets make it an estimate.
    package func responseTime(_ percentile: FleetMeasure.Percentile) -> Figure<Double> {
        responseTimes[percentile].map { .estimate($0) } ?? .unknown
    }

    /// The groups that there are figures of.
    static let groups: [FigureGroup] = [
        .requests, .errors, .reuse, .queue, .connections, .activity, .closer, .latency, .closeReasons, .statuses,
        .tls, .bytes,
    ]

    /// Every figure that can be added up.
    static let sums: [any WritableKeyPath<FleetFigures, Figure<Double>> & Sendable] = [
        \.requestsPerSecond, \.failedPerSecond, \.openedPerSecond, \.closedPerSecond, \.closedLocalPerSecond,
        \.closedRemotePerSecond, \.newPerSecond, \.reusedPerSecond, \.open, \.active, \.idle, \.inFlight, \.queued,
        \.succeededPerSecond, \.cancelledPerSecond, \.retriedPerSecond, \.handshakesPerSecond, \.resumedPerSecond,
        \.handshakesFailedPerSecond, \.sentBytesPerSecond, \.receivedBytesPerSecond,
    ]

    /// A sum is unknown where a part of it is. Percentiles have no sum, but one part may be the only one with requests.
    static func + (left: FleetFigures, right: FleetFigures) -> FleetFigures {
        var result = FleetFigures()
        for figure in sums { result[keyPath: figure] = left[keyPath: figure] + right[keyPath: figure] }
        for (set, counts) in left.sets {
            result.sets[set] = right.sets[set].map { counts.merging($0, uniquingKeysWith: +) }
        }
        if right.requestsPerSecond.value == 0 { result.responseTimes = left.responseTimes }
        if left.requestsPerSecond.value == 0 { result.responseTimes = right.responseTimes }
        return result
    }

    /// Nil: there is nothing to add up.
    static func sum(_ all: some Sequence<FleetFigures>) -> FleetFigures? {
        var iterator = all.makeIterator()
        guard var sum = iterator.next() else { return nil }
        while let next = iterator.next() { sum = sum + next }
        return sum
    }

    /// How well each group is known, in the words of the other reports. A database says nothing of the other groups.
    package var certainty: Certainties {
        var certainty = Certainties()
        for group in FigureGroup.allCases { certainty[group] = .unknown }
        certainty[.requests] = requestsPerSecond.certainty
        certainty[.errors] = failedPerSecond.certainty
        certainty[.reuse] = reuse.certainty
        certainty[.queue] = queued.certainty
        certainty[.connections] = max(openedPerSecond.certainty, closedPerSecond.certainty)
        certainty[.activity] = max(active.certainty, idle.certainty)
        certainty[.closer] = max(closedLocalPerSecond.certainty, closedRemotePerSecond.certainty)
        certainty[.latency] = responseTimes.isEmpty ? .unknown : .estimate
        certainty[.closeReasons] = sets[.closeReasons] == nil ? .unknown : certainty[.closer]
        certainty[.statuses] = sets[.statuses] == nil ? .unknown : .exact
        certainty[.tls] = handshakesPerSecond.certainty
        certainty[.bytes] = max(sentBytesPerSecond.certainty, receivedBytesPerSecond.certainty)
        return certainty
    }
}
