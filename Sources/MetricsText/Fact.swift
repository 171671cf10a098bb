internal import PoolModel

/// A number about one host that some exporter publishes. `HostFacts` makes the figures of a host from those that are
/// there.
package enum Fact: Hashable, Sendable, CaseIterable {
    // Present counts.
    case open, active, idle, queued, inFlight
    // Limits.
    case socketLimit, idleSocketLimit, keepAlive, idleLimitNanoseconds, oldestWaitNanoseconds
    // Totals of connections.
    case opened, closed, closedLocal, closedRemote, closedRemoteActive, closedIdle, closedLifetime, closedMaxRequests
    /// Connects begun, and those of them that failed or took too long.
    case attempts, connectFailed, connectTimedOut
    // Totals of requests: begun on a connection, ended, answered, failed, cancelled, sent again, on a used and on a new
    // connection.
    case sent, ended, answered, failed, cancelled, retried, onReused, onNew
    // Totals of other things.
    case handshakes, handshakesFailed, resumed, bytesSent, bytesReceived

    /// Totals never go down but by a restart; the others are as they are.
    package var isTotal: Bool {
        switch self {
        case .open, .active, .idle, .queued, .inFlight, .socketLimit, .idleSocketLimit, .keepAlive,
            .idleLimitNanoseconds, .oldestWaitNanoseconds:
            false
        case .opened, .closed, .closedLocal, .closedRemote, .closedRemoteActive, .closedIdle, .closedLifetime,
            .closedMaxRequests, .attempts, .connectFailed, .connectTimedOut, .sent, .ended, .answered, .failed,
            .cancelled, .retried, .onReused, .onNew, .handshakes, .handshakesFailed, .resumed, .bytesSent,
            .bytesReceived:
            true
        }
    }
}

/// A row of a dialect: the samples of one name, and what they say.
struct DialectRow: Sendable {
    enum Meaning: Sendable {
        case fact(Fact)
        /// Responses by the code in this label: `200`, `2xx` or `2`.
        case statuses(label: String)
        /// A distribution of durations, by its buckets. One unit is so many seconds.
        case durations(any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable, unit: Double)
    }

    /// A condition on a label.
    struct Condition: Sendable {
        let label: String
        /// Nil: any value but none.
        let value: String?
        let isWanted: Bool

        static func has(_ label: String, _ value: String? = nil) -> Condition {
            Condition(label: label, value: value, isWanted: true)
        }

        static func lacks(_ label: String, _ value: String? = nil) -> Condition {
            Condition(label: label, value: value, isWanted: false)
        }

        func holds(for sample: MetricSample) -> Bool {
            let found = sample[label: label]
            return (value == nil ? found != nil : found == value) == isWanted
        }
    }

    /// The name of the samples; for durations, without `_bucket`.
    let name: String
    let meaning: Meaning
    let conditions: [Condition]

    init(_ name: String, _ fact: Fact, _ conditions: Condition...) {
        self.name = name
        meaning = .fact(fact)
        self.conditions = conditions
    }

    init(_ name: String, statusesBy label: String, _ conditions: Condition...) {
        self.name = name
        meaning = .statuses(label: label)
        self.conditions = conditions
    }

    init(
        _ name: String, durations: any WritableKeyPath<LatencySet, LatencyHistogram> & Sendable, unit: Double = 1,
        _ conditions: Condition...
    ) {
        self.name = name
        meaning = .durations(durations, unit: unit)
        self.conditions = conditions
    }
}
