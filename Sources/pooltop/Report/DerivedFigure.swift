import PoolModel

/// A figure of METRICS that is made of counts, declared once: the report has it at its path, and checks know it.
struct DerivedFigure: Sendable {
    enum Value {
        case count(Int?)
        case number(Double?)

        var document: JSONValue {
            switch self {
            case .count(let value): .integer(value)
            case .number(let value): .number(value)
            }
        }
    }

    /// The path in METRICS.
    var name: String
    var unit: MetricName.Unit
    /// True where it only grows while the agent runs.
    var grows: Bool
    /// The member of its object that it stands before, so that a person finds it where it belongs; nil: it is the last.
    var before: String?
    var value: @Sendable (WindowFigures, _ seconds: Double) -> Value

    static let all: [DerivedFigure] = [
        DerivedFigure("requests.planned", grows: true, before: "started") { figures, _ in .count(figures.planned) },
        DerivedFigure("requests.perSecond", before: "retriesRefused") { figures, seconds in
            rate(figures.metrics.requests.finished, in: seconds)
        },
        DerivedFigure("connections.openedPerSecond", before: "attempts") { figures, seconds in
            // Connections that were open when the window began were not opened in it, also where the books count them.
            rate(figures.metrics.connections.opened - (figures.isBalanced ? figures.openAtStart : 0), in: seconds)
        },
        DerivedFigure("connections.closedPerSecond", before: "attempts") { figures, seconds in
            rate(figures.metrics.connections.closed, in: seconds)
        },
        DerivedFigure("connections.requestsPerConnection", before: "attempts") { figures, _ in
            .number(figures.metrics.requestsPerConnection)
        },
        DerivedFigure("connections.reuseRatio", .ratio, before: "attempts") { figures, _ in
            .number(figures.metrics.requests.reuseRatio)
        },
        DerivedFigure("connections.closedBy.local", grows: true) { figures, _ in
            .count(figures.metrics.connections.closedLocal)
        },
        DerivedFigure("connections.closedBy.remote", grows: true) { figures, _ in
            .count(figures.metrics.connections.closedRemote)
        },
        DerivedFigure("tls.full", grows: true, before: "resumed") { figures, _ in
            .count(figures.metrics.tls.full)
        },
    ]

    private init(
        _ name: String, _ unit: MetricName.Unit = .number, grows: Bool = false,
        before: String? = nil, _ value: @escaping @Sendable (WindowFigures, _ seconds: Double) -> Value
    ) {
        self.name = name
        self.unit = unit
        self.grows = grows
        self.before = before
        self.value = value
    }

    private static func rate(_ count: Int, in seconds: Double) -> Value {
        .number(seconds > 0 ? Double(count) / seconds : nil)
    }
}

extension TLSCounts {
    /// Handshakes completed without the help of an earlier session.
    var full: Int { handshakes - resumed }
}

extension HostMetrics {
    /// Exchanges per connection; nil where there was no connection.
    var requestsPerConnection: Double? {
        guard connections.opened > 0 else { return nil }
        return Double(requests.onNewConnection + requests.onReusedConnection) / Double(connections.opened)
    }
}
