import PoolModel

/// The summary as a person reads it: what matters most first, at most 100 columns, nothing outside of ASCII but what
/// names bring along.
///
/// ```
/// open loop 200000/min constant, bundled downstreams, 10.0s measured after 5s of warm-up, seed 42
///
/// Requests          3,333/s   33,331 succeeded, 2 failed, 33,340 planned, 3 in flight
/// Reuse               99.2%   126.3 requests per connection
/// New connections    26.4/s   264 opened, 203 closed, 61 open (12 active + 49 idle), peak 64
/// …
/// ```
struct TextSummary {
    static let width = 100
    private static let indent = 18
    var summary: Summary

    var text: String {
        let blocks = [head, headline, latency, hosts, addresses, labels, checks].filter { !$0.isEmpty }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var window: MetricsWindow { summary.window }
    private var metrics: HostMetrics { window.totals.metrics }

    private func perSecond(_ count: Int) -> Double? { window.seconds > 0 ? Double(count) / window.seconds : nil }

    private func rate(_ count: Int) -> String { perSecond(count).map { Figures.rate($0) + "/s" } ?? "-" }

    private var head: [String] {
        let run = summary.description
        var time = "\(Figures.duration(window.seconds)) measured"
        if run.warmUp > .zero { time += " after \(DurationText.format(run.warmUp)) of warm-up" }
        let first = "\(run.load), \(run.targets), \(time), seed \(run.seed)"
        var lines = [PlainText.cut(PlainText.clean(first), to: Self.width)]
        if !run.changes.isEmpty {
            let changes = run.changes.map { PlainText.clean($0) }
            lines += TextTable.wrapped(
                changes, title: "changes", indent: "changes ".count, width: Self.width, separator: ", ")
        }
        return lines + gaps + run.tlsWeakness.headings
    }

    /// When the program itself was stopped, which says nothing of the servers.
    private var gaps: [String] {
        let most = 3
        var lines = window.gaps.prefix(most).map { gap in
            let stopped = "the program was stopped for \(Figures.duration(gap.seconds))"
            return gap.missed == 0
                ? stopped : stopped + ": \(Figures.count(gap.missed)) requests due then were not sent"
        }
        if window.gaps.count > most { lines.append("and \(window.gaps.count - most) more times") }
        return lines
    }

    private var headline: [String] {
        var lines = requestRow
        let perConnection = window.totals.balanced.metrics.requestsPerConnection
        lines += row(
            "Reuse", Figures.percent(metrics.requests.reuseRatio),
            [perConnection.map { "\(Figures.count($0)) requests per connection" } ?? "no connection"])
        lines += connectionRows
        lines += dnsRow
        if metrics.tls.handshakes + metrics.tls.failed > 0 {
            let tls = [
                "\(Figures.count(metrics.tls.full)) full", "\(Figures.count(metrics.tls.resumed)) resumed",
                "\(Figures.count(metrics.tls.failed)) failed",
            ]
            lines += row("TLS handshakes", rate(metrics.tls.handshakes), tls)
        }
        let process = window.process
        lines += row(
            "CPU per request", Figures.duration(window.agentCPUSecondsPerRequest),
            [
                "agent \(Figures.duration(process.agentCPUSeconds))",
                "whole process \(Figures.duration(process.cpuSeconds))",
                "memory \(Figures.bytes(process.maxResidentBytes))",
            ])
        return lines
    }

    private var requestRow: [String] {
        let requests = metrics.requests
        var parts = ["\(Figures.count(requests.succeeded)) succeeded", "\(Figures.count(requests.failed)) failed"]
        if requests.cancelled > 0 { parts.append("\(Figures.count(requests.cancelled)) cancelled") }
        if requests.retried > 0 { parts.append("\(Figures.count(requests.retried)) retried") }
        if let planned = window.totals.planned { parts.append("\(Figures.count(planned)) planned") }
        if window.missed > 0 { parts.append("\(Figures.count(window.missed)) missed") }
        if requests.inFlight > 0 { parts.append("\(Figures.count(requests.inFlight)) in flight") }
        if requests.queued > 0 { parts.append("\(Figures.count(requests.queued)) waiting") }
        return row("Requests", rate(requests.finished), parts)
    }

    private var connectionRows: [String] {
        let connections = metrics.connections
        let parts = [
            "\(Figures.count(connections.opened)) opened", "\(Figures.count(connections.closed)) closed",
            "\(Figures.count(connections.open)) open (\(Figures.count(connections.active)) active"
                + " + \(Figures.count(connections.idle)) idle)", "peak \(Figures.count(connections.peakOpen))",
        ]
        let lines = row("New connections", rate(connections.opened), parts)
        guard connections.dialFailed > 0 else { return lines }
        let failed = "\(Figures.count(connections.dialFailed)) of \(Figures.count(connections.dials)) dials"
        return lines + row("Failed dials", rate(connections.dialFailed), [failed])
    }

    private var dnsRow: [String] {
        let dns = window.dns
        let known = dns.hits + dns.staleHits + dns.negativeHits
        var parts = ["\(Figures.count(dns.queries)) queries for \(Figures.count(dns.lookups)) lookups"]
        if dns.lookups > 0 { parts.append("\(Figures.percent(Double(known) / Double(dns.lookups))) from the cache") }
        if !window.dnsCacheEnabled { parts.append("cache off") }
        if dns.failures > 0 { parts.append("\(Figures.count(dns.failures)) failed") }
        return row("DNS queries", rate(dns.queries), parts)
    }

    /// A name, its figure, and what it is made of; further lines stand below the latter.
    private func row(_ title: String, _ figure: String, _ parts: [String]) -> [String] {
        let head = TextTable.pad(title, to: 16, .left) + TextTable.pad(figure, to: 9, .right) + "   "
        return TextTable.wrapped(parts, title: head, indent: 28, width: Self.width, separator: ", ")
    }

    private var latency: [String] {
        let names = [
            "response": "response", "service": "service", "queueWait": "queue wait", "dnsLookup": "DNS lookup",
            "connect": "connect", "tlsHandshake": "TLS handshake", "firstByte": "first byte",
        ]
        var table = TextTable(columns: [
            .init(title: "Latency", alignment: .left), .init(title: "Count"), .init(title: "Min"),
            .init(title: "Mean"), .init(title: "p50"), .init(title: "p90"), .init(title: "p95"), .init(title: "p99"),
            .init(title: "p99.9"), .init(title: "Max"),
        ])
        for row in LatencySet.rows {
            let histogram = metrics.latency[keyPath: row.histogram]
            guard histogram.count > 0 else { continue }
            let quantiles = [50, 90, 95, 99, 99.9].map { Figures.duration(histogram.seconds(atPercentile: $0)) }
            table.rows.append(
                [
                    names[row.name] ?? row.name, Figures.count(histogram.count), Figures.duration(histogram.minSeconds),
                    Figures.duration(histogram.meanSeconds),
                ] + quantiles + [Figures.duration(histogram.maxSeconds)])
        }
        return table.rows.isEmpty ? [] : table.lines
    }

    private var hosts: [String] {
        var table = TextTable(columns: [
            .init(title: "Host", alignment: .left, most: 22), .init(title: "Req/s"), .init(title: "Reuse"),
            .init(title: "New/s"), .init(title: "Open"), .init(title: "Waiting"), .init(title: "Failed"),
            .init(title: "p50"), .init(title: "p99"), .init(title: "Closed by", alignment: .left, most: 19),
        ])
        for host in window.hosts {
            let metrics = host.figures.metrics
            table.rows.append([
                PlainText.clean(host.name), Figures.rate(perSecond(metrics.requests.finished)),
                Figures.percent(metrics.requests.reuseRatio), Figures.rate(perSecond(metrics.connections.opened)),
                Figures.count(metrics.connections.open), Figures.count(metrics.requests.queued),
                Figures.count(metrics.requests.failed),
                Figures.duration(metrics.latency.response.seconds(atPercentile: 50)),
                Figures.duration(metrics.latency.response.seconds(atPercentile: 99)),
                metrics.connections.closedByReason.dominant?.rawValue ?? "-",
            ])
        }
        return table.rows.isEmpty ? [] : table.lines.map { PlainText.cut($0, to: Self.width) }
    }

    /// Where a host has several addresses: how its exchanges spread over them.
    private var addresses: [String] {
        var table = TextTable(columns: [
            .init(title: "Host", alignment: .left, most: 22), .init(title: "Address", alignment: .left, most: 45),
            .init(title: "Requests"), .init(title: "Share"), .init(title: "Opened"), .init(title: "Open"),
        ])
        for host in window.hosts where host.addresses.count > 1 {
            for address in host.addresses {
                table.rows.append([
                    PlainText.clean(host.name), PlainText.clean(address.address), Figures.count(address.exchanges),
                    Figures.percent(host.share(of: address)), Figures.count(address.connectionsOpened),
                    Figures.count(address.present.open),
                ])
            }
        }
        return table.rows.isEmpty ? [] : table.lines.map { PlainText.cut($0, to: Self.width) }
    }

    private var labels: [String] {
        let statuses = metrics.statuses.sorted { $0.key < $1.key }
        let errors = metrics.errors.nonZero.map { error in
            // The host that has most of them: where to look first.
            let worst = window.hosts.max {
                $0.figures.metrics.errors[error.key] < $1.figures.metrics.errors[error.key]
            }
            var notes = error.key.isTLS ? [worst?.present?.lastTLSFailure?.rawValue].compactMap(\.self) : []
            if let worst, window.hosts.count > 1 {
                notes.insert("\(PlainText.clean(worst.name)) \(worst.figures.metrics.errors[error.key])", at: 0)
            }
            let note = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
            return "\(error.key.rawValue) \(Figures.count(error.count))" + note
        }
        let closed = metrics.connections.closedByReason.nonZero
        let decisions = metrics.requests.retryDecisions.nonZero
        let rows = [
            ("Statuses", statuses.map { "\($0.key) \(Figures.count($0.value))" }), ("Errors", errors),
            ("Retried", labelled(decisions.filter(\.key.isRetry))),
            ("Not retried", labelled(decisions.filter { !$0.key.isRetry })),
            ("Closed by us", labelled(closed.filter { !$0.key.isRemote })),
            ("Closed by them", labelled(closed.filter(\.key.isRemote))), ("DNS lookups", lookups),
        ]
        return rows.filter { !$0.1.isEmpty }.flatMap {
            TextTable.wrapped($0.1, title: $0.0, indent: Self.indent, width: Self.width, separator: "   ")
        }
    }

    private func labelled<Key: RawRepresentable<String>>(_ counts: [(key: Key, count: Int)]) -> [String] {
        counts.map { "\($0.key.rawValue) \(Figures.count($0.count))" }
    }

    /// The outcomes of lookups, and the names kept.
    private var lookups: [String] {
        let dns = window.dns
        guard dns.lookups > 0 else { return [] }
        let outcomes = [
            ("hit", dns.hits), ("stale", dns.staleHits), ("negative", dns.negativeHits), ("miss", dns.misses),
            ("coalesced", dns.coalesced), ("failure", dns.failures),
        ]
        return outcomes.filter { $0.1 > 0 }.map { "\($0.0) \(Figures.count($0.1))" } + [
            "(\(Figures.count(dns.entries)) names kept)"
        ]
    }

    private var checks: [String] {
        guard !summary.checks.isEmpty else { return [] }
        var table = TextTable(columns: [
            .init(title: "Check", alignment: .left, most: 50), .init(title: "Value", most: 24),
            .init(title: "Result", alignment: .left),
        ])
        for result in summary.checks {
            table.rows.append([
                PlainText.clean(result.check.text), PlainText.clean(result.valueText),
                result.passed ? "met" : "NOT MET",
            ])
        }
        return table.lines
    }
}
