/// A figure by which the arms are compared. The raw values are the names in reports.
package enum Metric: String, CaseIterable, Sendable {
    /// CPU time of the agent's and generator's threads per finished request.
    case cpuSecondsPerRequest
    /// TCP connections established per second.
    case connectionsPerSecond
    /// DNS messages sent per second.
    case dnsQueriesPerSecond
    /// TLS handshakes completed per second.
    case tlsHandshakesPerSecond
    /// Exchanges per new connection.
    case requestsPerConnection
    /// Requests finished per second.
    case requestsPerSecond
    /// The share of finished requests that failed.
    case errorRate
    /// Bytes of HTTP, sent and received, per finished request.
    case bytesPerRequest
    /// TCP segments per finished request, in both directions if the downstreams are on this machine. The kernel counts
    /// them for the whole machine, so the figure is accurate only if the machine is otherwise idle.
    case tcpSegmentsPerRequest
    /// Response times in seconds, measured from the planned start.
    case responseMean, responseP50, responseP90, responseP99

    package enum Unit: Sendable {
        case seconds, perSecond, share, count, bytes
    }

    package var unit: Unit {
        switch self {
        case .cpuSecondsPerRequest, .responseMean, .responseP50, .responseP90, .responseP99: .seconds
        case .connectionsPerSecond, .dnsQueriesPerSecond, .tlsHandshakesPerSecond, .requestsPerSecond: .perSecond
        case .errorRate: .share
        case .requestsPerConnection, .tcpSegmentsPerRequest: .count
        case .bytesPerRequest: .bytes
        }
    }

    /// The name shown to users.
    package var label: String {
        switch self {
        case .cpuSecondsPerRequest: "CPU per request"
        case .connectionsPerSecond: "TCP connections"
        case .dnsQueriesPerSecond: "DNS queries"
        case .tlsHandshakesPerSecond: "TLS handshakes"
        case .requestsPerConnection: "Requests per connection"
        case .requestsPerSecond: "Requests"
        case .errorRate: "Failed"
        case .bytesPerRequest: "Bytes per request"
        case .tcpSegmentsPerRequest: "TCP segments per request"
        case .responseMean: "Response mean"
        case .responseP50: "Response p50"
        case .responseP90: "Response p90"
        case .responseP99: "Response p99"
        }
    }

    /// The figures that an experiment is usually about. Their verdicts are corrected for their number (Holm), so that all
    /// of them together are wrong in at most 5 % of comparisons of equal arms.
    package static let headline: [Metric] = [
        .cpuSecondsPerRequest, .connectionsPerSecond, .dnsQueriesPerSecond, .responseP50, .responseP99,
    ]

    package var isHeadline: Bool { Self.headline.contains(self) }

    /// True if opening fewer connections makes the figure larger, up to infinity for none.
    var isReciprocal: Bool { self == .requestsPerConnection }

    /// True if the figure counts events, so that zero may be a sample of a rare event.
    var isOfEvents: Bool {
        switch self {
        case .connectionsPerSecond, .dnsQueriesPerSecond, .tlsHandshakesPerSecond, .requestsPerConnection,
            .requestsPerSecond, .errorRate, .tcpSegmentsPerRequest:
            true
        case .cpuSecondsPerRequest, .bytesPerRequest, .responseMean, .responseP50, .responseP90, .responseP99: false
        }
    }

    /// nil if the window has no such figure.
    package func quotient(_ sample: WindowSample) -> Quotient? {
        let requests = Double(sample.finished)
        switch self {
        case .cpuSecondsPerRequest: return Quotient(sample.agentCPUSeconds, per: requests)
        case .connectionsPerSecond: return Quotient(Double(sample.connectionsOpened), per: sample.seconds)
        case .dnsQueriesPerSecond: return Quotient(Double(sample.dnsQueries), per: sample.seconds)
        case .tlsHandshakesPerSecond: return Quotient(Double(sample.tlsHandshakes), per: sample.seconds)
        case .requestsPerConnection:
            return Quotient(Double(sample.exchanges), per: Double(sample.connectionsOpened))
        case .requestsPerSecond: return Quotient(requests, per: sample.seconds)
        case .errorRate: return Quotient(Double(sample.failed), per: requests)
        case .bytesPerRequest: return Quotient(Double(sample.bytes), per: requests)
        case .tcpSegmentsPerRequest: return sample.tcpSegments.map { Quotient(Double($0), per: requests) }
        case .responseMean: return sample.responseMean.map { Quotient($0, per: 1) }
        case .responseP50: return sample.responseP50.map { Quotient($0, per: 1) }
        case .responseP90: return sample.responseP90.map { Quotient($0, per: 1) }
        case .responseP99: return sample.responseP99.map { Quotient($0, per: 1) }
        }
    }
}
