package import PlainDocuments
package import PoolModel

/// The parts that all JSON reports share, with the documented names and order of fields.
enum MetricsDocument {
    /// METRICS.
    static func metrics(_ figures: WindowFigures, seconds: Double) -> JSONValue {
        .object(metricsMembers(figures, seconds: seconds))
    }

    static func metricsMembers(_ figures: WindowFigures, seconds: Double) -> [JSONValue.Member] {
        let known = figures.known
        var tree = DocumentTree()
        // The groups in the order of the contract, whichever row comes first.
        for group in ["requests", "statuses", "statusClasses", "errors", "connections", "tls", "bytes"] {
            tree.set(group, .object([]))
        }
        for counter in HostMetrics.counters {
            tree.set(counter.name, .integer(known[counter].value))
        }
        for counter in HostMetrics.labelledCounters {
            let labels = known[counter].value.map { counts in
                JSONValue.object(counts.map { .init(key: $0.label, value: .integer($0.count)) })
            }
            tree.set(counter.name, labels ?? .null)
        }
        for figure in DerivedFigure.all {
            tree.set(figure.name, figure.value(figures, seconds).document, before: figure.before)
        }
        let latency = LatencySet.rows.map { row in
            JSONValue.Member(key: row.name, value: quantiles(known[row]))
        }
        tree.set("latency", .object(latency))
        return tree.members
    }

    /// `host` in the reports. `balanced`: connections that were open before count as opened, as in the summary.
    static func host(_ host: HostWindow, seconds: Double, balanced: Bool) -> JSONValue {
        let figures = balanced ? host.figures.balanced : host.figures
        let certainty = figures.certainty
        return .object(
            [.init(key: "name", value: .string(host.name)), .init(key: "origin", value: .string(host.origin))]
                + metricsMembers(figures, seconds: seconds) + [
                    .init(key: "addresses", value: addresses(of: host, balanced: balanced)),
                    .init(key: "keepAlive", value: keepAlive(host.present)),
                    .init(key: "oldestWaitSeconds", value: .number(host.waiting?.oldestWaitSeconds)),
                    .init(key: "oldestActiveSeconds", value: .number(host.gauge(host.waiting?.oldestActiveSeconds))),
                    .init(key: "silentSeconds", value: .number(host.gauge(host.waiting?.silentSeconds))),
                    .init(key: "diagnosis", value: host.findings(seconds: seconds).document),
                    .init(key: "tlsFailure", value: .string(host.present?.lastTLSFailure?.rawValue)),
                    .init(key: "limits", value: limits(host.present)),
                ] + (host.present?.kernel.map { [.init(key: "kernel", value: $0.document)] } ?? [])
                + certaintyMembers(certainty))
    }

    /// The figure groups that are not exact; no member if all are.
    static func certaintyMembers(_ certainty: Certainties) -> [JSONValue.Member] {
        guard !certainty.isExact else { return [] }
        let groups = certainty.exceptions.map { exception in
            JSONValue.Member(key: exception.group.rawValue, value: .string(exception.certainty.rawValue))
        }
        return [.init(key: "certainty", value: .object(groups))]
    }

    private static func keepAlive(_ host: HostSnapshot?) -> JSONValue {
        guard let host, host.certainty[.limits] != .unknown else { return .null }
        return .bool(host.keepAlive)
    }

    private static func addresses(of host: HostWindow, balanced: Bool) -> JSONValue {
        .array(
            host.addresses.map { address in
                .object([
                    "address": .string(address.address),
                    "connectionsOpened": .integer(host.opened(to: address, balanced: balanced).value),
                    "exchanges": .integer(host.exchanges(on: address).value),
                    "share": .number(host.share(of: address).value),
                    "open": .integer(host.open(to: address).value),
                    "inDNS": host.figures.certainty[.dns] == .unknown ? .null : .bool(address.present.isInDNS),
                    "suspect": host.figures.certainty[.dials] == .unknown ? .null : .bool(address.present.isSuspect),
                ])
            })
    }

    /// The limits in force, and the server's own limits as far as they are known.
    private static func limits(_ host: HostSnapshot?) -> JSONValue {
        guard let host, host.certainty[.limits] != .unknown else { return .null }
        return .object([
            "maxSockets": .integer(host.maxSockets), "maxFreeSockets": .integer(host.maxFreeSockets),
            "idleSeconds": .number(host.idleLimitSeconds), "idleFrom": .string(host.idleLimitOrigin.rawValue),
            "hintTimeoutSeconds": .number(host.hintTimeoutSeconds), "hintMax": .integer(host.hintMax),
            "learnedIdleSeconds": .number(host.learnedIdleSeconds),
        ])
    }

    static func dns(_ window: MetricsWindow) -> JSONValue {
        var tree = DocumentTree()
        let isKnown = window.totals.certainty[.dns] != .unknown
        tree.set("dns.cacheEnabled", isKnown ? .bool(window.dnsCacheEnabled) : .null)
        for counter in DNSCounts.counters { tree.set(counter.name, .integer(window.known(counter).value)) }
        return tree.members.first?.value ?? .null
    }

    static func process(_ window: MetricsWindow) -> JSONValue {
        .object([
            "cpuSeconds": .number(window.cpu(window.process.cpuSeconds).value),
            "agentCPUSeconds": .number(window.cpu(window.process.agentCPUSeconds).value),
            "agentCPUSecondsPerRequest": .number(window.agentCPUSecondsPerRequest.value),
            "maxResidentBytes": .integer(
                window.totals.certainty[.cpu] == .unknown ? nil : window.process.maxResidentBytes),
        ])
    }

    /// Q: seconds, and null for everything except `count` if nothing was recorded; all members are null if unknown.
    private static func quantiles(_ figure: Figure<LatencyHistogram>) -> JSONValue {
        let durations = figure.value
        func percentile(_ percent: Double) -> JSONValue { .number(durations?.seconds(atPercentile: percent)) }
        return .object([
            "count": .integer(durations?.count), "min": .number(durations?.minSeconds),
            "mean": .number(durations?.meanSeconds), "p50": percentile(50), "p75": percentile(75),
            "p90": percentile(90), "p95": percentile(95), "p99": percentile(99), "p999": percentile(99.9),
            "max": .number(durations?.maxSeconds),
        ])
    }
}

extension HostWindow {
    /// How long the oldest request in flight has been so; zero: none has been for a second.
    var oldestActive: Figure<Double> {
        Figure(waiting?.oldestActiveSeconds ?? 0, figures.certainty[.activity])
    }
    /// How long nothing has come from the host though requests are in flight; zero: something came a moment ago.
    var silence: Figure<Double> { Figure(waiting?.silentSeconds ?? 0, figures.certainty[.activity]) }

    /// A time as it was at the end of the window; nil: there is none, or it is unknown.
    fileprivate func gauge(_ seconds: Double?) -> Double? {
        figures.certainty[.activity] == .unknown ? nil : seconds
    }

    package func opened(to address: AddressWindow, balanced: Bool) -> Figure<Int> {
        Figure(address.connectionsOpened + (balanced ? address.openAtStart : 0), figures.certainty[.connections])
    }

    package func open(to address: AddressWindow) -> Figure<Int> {
        Figure(address.present.open, figures.certainty[.connections])
    }

    package func exchanges(on address: AddressWindow) -> Figure<Int> {
        Figure(address.exchanges, figures.certainty[.reuse])
    }

    /// An address's share of its host's exchanges in the window; absent if there were none.
    package func share(of address: AddressWindow) -> Figure<Double> {
        exchanges(on: address).ratio(to: .sum(addresses.map(exchanges)))
    }
}

extension DerivedFigure.Value {
    package var document: JSONValue {
        switch self {
        case .count(let figure): .integer(figure.value)
        case .number(let figure): .number(figure.value)
        }
    }
}
