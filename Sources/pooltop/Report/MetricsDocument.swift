import PoolModel

/// The parts that every JSON report is made of, with the field names and the order of the contract.
enum MetricsDocument {
    /// METRICS.
    static func metrics(_ figures: WindowFigures, seconds: Double) -> JSONValue {
        .object(metricsMembers(figures, seconds: seconds))
    }

    static func metricsMembers(_ figures: WindowFigures, seconds: Double) -> [JSONValue.Member] {
        var tree = DocumentTree()
        // The groups in the order of the contract, whichever row comes first.
        for group in ["requests", "statuses", "errors", "connections", "tls", "bytes"] { tree.set(group, .object([])) }
        for counter in HostMetrics.counters {
            tree.set(counter.name, .integer(figures.metrics[keyPath: counter.keyPath]))
        }
        for counter in HostMetrics.labelledCounters {
            let counts = counter.counts(figures.metrics)
            tree.set(counter.name, .object(counts.map { .init(key: $0.label, value: .integer($0.count)) }))
        }
        for figure in DerivedFigure.all {
            tree.set(figure.name, figure.value(figures, seconds).document, before: figure.before)
        }
        let latency = LatencySet.rows.map { row in
            JSONValue.Member(key: row.name, value: quantiles(figures.metrics.latency[keyPath: row.histogram]))
        }
        tree.set("latency", .object(latency))
        return tree.members
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
        var tree = DocumentTree()
        tree.set("dns.cacheEnabled", .bool(cacheEnabled))
        for counter in DNSCounts.counters { tree.set(counter.name, .integer(dns[keyPath: counter.keyPath])) }
        return tree.members.first?.value ?? .null
    }

    static func process(_ window: MetricsWindow) -> JSONValue {
        .object([
            "cpuSeconds": .number(window.process.cpuSeconds),
            "agentCPUSeconds": .number(window.process.agentCPUSeconds),
            "agentCPUSecondsPerRequest": .number(window.agentCPUSecondsPerRequest),
            "maxResidentBytes": .integer(window.process.maxResidentBytes),
        ])
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

extension HostWindow {
    /// An address's part of the exchanges of its host in the window; nil where there were none.
    func share(of address: AddressWindow) -> Double? {
        let all = addresses.reduce(0) { $0 + $1.exchanges }
        return all == 0 ? nil : Double(address.exchanges) / Double(all)
    }
}
