import MetricsText
import PoolModel

/// METRICS of `pooltop.fleet/1`: the figures that a database has, at the paths that they have in the other reports. Counts
/// are those of the window.
package struct FleetMetrics: Codable, Equatable, Sendable {
    package struct Requests: Codable, Equatable, Sendable {
        @Nullable package var succeeded: Int?
        @Nullable package var failed: Int?
        @Nullable package var cancelled: Int?
        @Nullable package var retried: Int?
        @Nullable package var inFlight: Int?
        @Nullable package var queued: Int?
        @Nullable package var onNewConnection: Int?
        @Nullable package var onReusedConnection: Int?
        @Nullable package var perSecond: Double?
        @Nullable package var failedPerSecond: Double?
    }

    package struct Connections: Codable, Equatable, Sendable {
        @Nullable package var opened: Int?
        @Nullable package var closed: Int?
        @Nullable package var active: Int?
        @Nullable package var idle: Int?
        @Nullable package var openedPerSecond: Double?
        @Nullable package var closedPerSecond: Double?
        @Nullable package var requestsPerConnection: Double?
        @Nullable package var reuseRatio: Double?
        @Nullable package var closedByReason: [String: Int]?
        package var closedBy: ClosedBy
    }

    package struct TLS: Codable, Equatable, Sendable {
        @Nullable package var handshakes: Int?
        @Nullable package var full: Int?
        @Nullable package var resumed: Int?
        @Nullable package var failed: Int?
    }

    package struct Bytes: Codable, Equatable, Sendable {
        @Nullable package var sent: Int?
        @Nullable package var received: Int?
    }

    package struct ClosedBy: Codable, Equatable, Sendable {
        @Nullable package var local: Int?
        @Nullable package var remote: Int?
    }

    package struct Latency: Codable, Equatable, Sendable {
        package var response: Response
    }

    package struct Response: Codable, Equatable, Sendable {
        @Nullable package var p50: Double?
        @Nullable package var p95: Double?
        @Nullable package var p99: Double?
    }

    package var requests: Requests
    @Nullable package var statuses: [String: Int]?
    @Nullable package var errors: [String: Int]?
    package var connections: Connections
    package var tls: TLS
    package var bytes: Bytes
    package var latency: Latency
    /// The groups of figures that are not exact.
    package var certainty: [String: String]

    package init(_ figures: FleetFigures, windowSeconds: Double) {
        func count(_ perSecond: Figure<Double>) -> Int? { Self.whole(perSecond.value.map { $0 * windowSeconds }) }
        func present(_ figure: Figure<Double>) -> Int? { Self.whole(figure.value) }
        func set(_ set: CountSet) -> [String: Int]? {
            figures.sets[set]?.filter { $0.value > 0 }.compactMapValues { Self.whole($0 * windowSeconds) }
        }
        requests = Requests(
            succeeded: count(figures.succeededPerSecond), failed: count(figures.failedPerSecond),
            cancelled: count(figures.cancelledPerSecond), retried: count(figures.retriedPerSecond),
            inFlight: present(figures.inFlight),
            queued: present(figures.queued), onNewConnection: count(figures.newPerSecond),
            onReusedConnection: count(figures.reusedPerSecond), perSecond: figures.requestsPerSecond.value,
            failedPerSecond: figures.failedPerSecond.value)
        connections = Connections(
            opened: count(figures.openedPerSecond), closed: count(figures.closedPerSecond),
            active: present(figures.active), idle: present(figures.idle),
            openedPerSecond: figures.openedPerSecond.value, closedPerSecond: figures.closedPerSecond.value,
            requestsPerConnection: figures.requestsPerConnection.value, reuseRatio: figures.reuse.value,
            closedByReason: set(.closeReasons),
            closedBy: ClosedBy(
                local: count(figures.closedLocalPerSecond), remote: count(figures.closedRemotePerSecond)))
        _statuses = Nullable(wrappedValue: set(.statuses))
        _errors = Nullable(wrappedValue: set(.errors))
        tls = TLS(
            handshakes: count(figures.handshakesPerSecond),
            full: count(figures.handshakesPerSecond.with(figures.resumedPerSecond) { max(0, $0 - $1) }),
            resumed: count(figures.resumedPerSecond), failed: count(figures.handshakesFailedPerSecond))
        bytes = Bytes(sent: count(figures.sentBytesPerSecond), received: count(figures.receivedBytesPerSecond))
        func time(_ percentile: FleetMeasure.Percentile) -> Double? { figures.responseTime(percentile).value }
        latency = Latency(response: Response(p50: time(.p50), p95: time(.p95), p99: time(.p99)))
        certainty = Dictionary(
            uniqueKeysWithValues: figures.certainty.exceptions.filter { FleetFigures.groups.contains($0.group) }
                .map { ($0.group.rawValue, $0.certainty.rawValue) })
    }

    private static func whole(_ value: Double?) -> Int? {
        value.flatMap { $0.isFinite ? Int(min(max($0, -1e15), 1e15).rounded()) : nil }
    }
}

/// An optional that is written as null instead of being left out, and is nil where it is not there.
@propertyWrapper
package struct Nullable<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        wrappedValue = value.decodeNil() ? nil : try value.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        if let wrappedValue { try value.encode(wrappedValue) } else { try value.encodeNil() }
    }
}

extension KeyedDecodingContainer {
    package func decode<Value>(_ type: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value> {
        try decodeIfPresent(type, forKey: key) ?? Nullable(wrappedValue: nil)
    }
}
