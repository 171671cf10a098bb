import PoolModel

/// The parts that every JSON report is made of, with the field names and the order of the contract.
enum MetricsDocument {
    /// METRICS.
    static func metrics(_ figures: WindowFigures, seconds: Double) -> JSONValue {
        .object(metricsMembers(figures, seconds: seconds))
    }

    static func metricsMembers(_ figures: WindowFigures, seconds: Double) -> [JSONValue.Member] {
        let metrics = figures.metrics
        let statuses = metrics.statuses.sorted { $0.key < $1.key }
        return [
            .init(key: "requests", value: requests(metrics.requests, planned: figures.planned, seconds: seconds)),
            .init(key: "statuses", value: .object(statuses.map { .init(key: "\($0.key)", value: .integer($0.value)) })),
            .init(key: "errors", value: counts(metrics.errors)),
            .init(key: "connections", value: connections(metrics)),
            .init(
                key: "tls",
                value: .object([
                    "handshakes": .integer(metrics.tls.handshakes), "full": .integer(metrics.tls.full),
                    "resumed": .integer(metrics.tls.resumed), "failed": .integer(metrics.tls.failed),
                ])),
            .init(
                key: "bytes",
                value: .object(["sent": .integer(metrics.bytes.sent), "received": .integer(metrics.bytes.received)])),
            .init(
                key: "latency",
                value: .object(metrics.latency.named.map { .init(key: $0.name, value: quantiles($0.histogram)) })),
        ]
    }

    /// `host` of the reports. `balanced`: connections that were open before count as opened, as in the summary.
    static func host(_ host: HostWindow, seconds: Double, balanced: Bool) -> JSONValue {
        let figures = balanced ? host.figures.balanced : host.figures
        return .object(
            [.init(key: "name", value: .string(host.name)), .init(key: "origin", value: .string(host.origin))]
                + metricsMembers(figures, seconds: seconds) + [
                    .init(key: "addresses", value: addresses(of: host, balanced: balanced)),
                    .init(key: "keepAlive", value: host.present.map { .bool($0.keepAlive) } ?? .null),
                    .init(key: "oldestWaitSeconds", value: .number(host.present?.oldestWaitSeconds)),
                    .init(key: "tlsFailure", value: .string(host.present?.lastTLSFailure?.rawValue)),
                    .init(key: "limits", value: limits(host.present)),
                ])
    }

    private static func addresses(of host: HostWindow, balanced: Bool) -> JSONValue {
        .array(
            host.addresses.map { address in
                .object([
                    "address": .string(address.address),
                    "connectionsOpened": .integer(address.connectionsOpened + (balanced ? address.openAtStart : 0)),
                    "exchanges": .integer(address.exchanges), "share": .number(host.share(of: address)),
                    "open": .integer(address.present.open), "inDNS": .bool(address.present.isInDNS),
                    "suspect": .bool(address.present.isSuspect),
                ])
            })
    }

    /// Limits in force, and what is known of the server's own.
    private static func limits(_ host: HostSnapshot?) -> JSONValue {
        guard let host else { return .null }
        return .object([
            "maxSockets": .integer(host.maxSockets), "maxFreeSockets": .integer(host.maxFreeSockets),
            "idleSeconds": .number(host.idleLimitSeconds), "idleFrom": .string(host.idleLimitOrigin.rawValue),
            "hintTimeoutSeconds": .number(host.hintTimeoutSeconds), "hintMax": .integer(host.hintMax),
            "learnedIdleSeconds": .number(host.learnedIdleSeconds),
        ])
    }

    static func dns(_ dns: DNSCounts, cacheEnabled: Bool) -> JSONValue {
        .object([
            "cacheEnabled": .bool(cacheEnabled), "lookups": .integer(dns.lookups), "hits": .integer(dns.hits),
            "staleHits": .integer(dns.staleHits), "negativeHits": .integer(dns.negativeHits),
            "misses": .integer(dns.misses), "coalesced": .integer(dns.coalesced), "failures": .integer(dns.failures),
            "queries": .integer(dns.queries), "entries": .integer(dns.entries),
        ])
    }

    static func process(_ window: MetricsWindow) -> JSONValue {
        .object([
            "cpuSeconds": .number(window.process.cpuSeconds),
            "agentCPUSeconds": .number(window.process.agentCPUSeconds),
            "agentCPUSecondsPerRequest": .number(window.agentCPUSecondsPerRequest),
            "maxResidentBytes": .integer(window.process.maxResidentBytes),
        ])
    }

    private static func requests(_ counts: RequestCounts, planned: Int?, seconds: Double) -> JSONValue {
        .object([
            "planned": .integer(planned), "started": .integer(counts.started), "succeeded": .integer(counts.succeeded),
            "failed": .integer(counts.failed), "cancelled": .integer(counts.cancelled),
            "inFlight": .integer(counts.inFlight), "queued": .integer(counts.queued),
            "retried": .integer(counts.retried), "onNewConnection": .integer(counts.onNewConnection),
            "onReusedConnection": .integer(counts.onReusedConnection),
            "perSecond": .number(seconds > 0 ? Double(counts.finished) / seconds : nil),
            "retriesRefused": .integer(counts.retriesRefused), "retryDecisions": self.counts(counts.retryDecisions),
        ])
    }

    private static func connections(_ metrics: HostMetrics) -> JSONValue {
        let counts = metrics.connections
        return .object([
            "dials": .integer(counts.dials), "dialFailed": .integer(counts.dialFailed),
            "connecting": .integer(counts.connecting), "opened": .integer(counts.opened),
            "closed": .integer(counts.closed), "active": .integer(counts.active), "idle": .integer(counts.idle),
            "peakOpen": .integer(counts.peakOpen), "requestsPerConnection": .number(metrics.requestsPerConnection),
            "reuseRatio": .number(metrics.requests.reuseRatio), "closedByReason": self.counts(counts.closedByReason),
            "closedBy": .object([
                "local": .integer(counts.closedLocal), "remote": .integer(counts.closedRemote),
            ]),
            "attempts": .integer(counts.attempts),
        ])
    }

    private static func counts<Key>(_ counts: CountsBy<Key>) -> JSONValue {
        .object(counts.nonZero.map { .init(key: $0.key.rawValue, value: .integer($0.count)) })
    }

    /// Q: seconds, and null for everything but `count` where nothing was recorded.
    private static func quantiles(_ histogram: LatencyHistogram) -> JSONValue {
        .object([
            "count": .integer(histogram.count), "min": .number(histogram.minSeconds),
            "mean": .number(histogram.meanSeconds), "p50": .number(histogram.seconds(atPercentile: 50)),
            "p75": .number(histogram.seconds(atPercentile: 75)), "p90": .number(histogram.seconds(atPercentile: 90)),
            "p95": .number(histogram.seconds(atPercentile: 95)), "p99": .number(histogram.seconds(atPercentile: 99)),
            "p999": .number(histogram.seconds(atPercentile: 99.9)), "max": .number(histogram.maxSeconds),
        ])
    }
}

extension TLSCounts {
    /// Handshakes completed without the help of an earlier session.
    var full: Int { handshakes - resumed }
}

extension HostWindow {
    /// An address's part of the exchanges of its host in the window; nil where there were none.
    func share(of address: AddressWindow) -> Double? {
        let all = addresses.reduce(0) { $0 + $1.exchanges }
        return all == 0 ? nil : Double(address.exchanges) / Double(all)
    }
}

extension HostMetrics {
    /// Exchanges per connection; nil where there was no connection.
    var requestsPerConnection: Double? {
        guard connections.opened > 0 else { return nil }
        return Double(requests.onNewConnection + requests.onReusedConnection) / Double(connections.opened)
    }
}
