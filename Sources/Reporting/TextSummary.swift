import Diagnosis
import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// The summary as text for people: the most important figures first, at most 100 columns wide, and ASCII only, except
/// for foreign names and the dash of an unknown figure.
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
        let blocks = [head, headline, latency, hosts, diagnoses, addresses, labels, checks].filter { !$0.isEmpty }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var isWatch: Bool { summary.source?.source.kind == .watch }
    private var window: MetricsWindow { summary.window }
    private var known: HostFigures { window.totals.known }

    private func rate(_ count: Figure<Int>) -> String {
        let rate = window.perSecond(count)
        return NumberFormat.rate(rate) + (rate.value == nil ? "" : "/s")
    }

    private var head: [String] {
        let run = summary.description
        var time = "\(NumberFormat.duration(window.seconds)) measured"
        if run.warmUp > .zero { time += " after \(DurationText.format(run.warmUp)) of warm-up" }
        let seed = [run.seed.map { "seed \($0)" }, run.share.map { "share \($0.text)" }]
        let own = ([run.load, run.targets, time] + seed).compactMap(\.self)
        let first =
            summary.source.map { "\($0.source.kind.rawValue) \($0.title), \(time)" } ?? own.joined(separator: ", ")
        var lines = [PlainText.cut(PlainText.clean(first), to: Self.width)]
        if !run.changes.isEmpty {
            let changes = run.changes.map { PlainText.clean($0) }
            lines += TextTable.wrapped(
                changes, title: "changes", indent: "changes ".count, width: Self.width, separator: ", ")
        }
        lines += run.merge?.lines(width: Self.width) ?? []
        return lines + sourceLines + run.faults.sentences + gaps + silences + run.tlsWeakness.headings
    }

    /// Whether the kernel's own count agrees, and what could not be seen.
    private var sourceLines: [String] {
        guard let source = summary.source else { return [] }
        let sentences = [source.kernelSentence].compactMap(\.self) + source.sentences
        return sentences.flatMap { sentence in
            TextTable.wrapped(
                sentence.split(separator: " ").map(String.init), title: "", indent: 2, width: Self.width, separator: " "
            )
        }
    }

    /// The periods in which the program itself did not run, which say nothing about the servers.
    private var gaps: [String] {
        let most = 3
        var lines = window.gaps.prefix(most).map { gap in
            let stopped = gap.cause.sentence(NumberFormat.duration(gap.seconds))
            return gap.missed == 0
                ? stopped : stopped + ": \(NumberFormat.count(gap.missed)) requests due then were not sent"
        }
        if window.gaps.count > most { lines.append("and \(window.gaps.count - most) more times") }
        return lines
    }

    /// The periods in which a server gave no answer, while the program ran.
    private var silences: [String] {
        let most = 3
        var lines = window.silences.prefix(most).map { silence in
            let words = "no answer from \(silence.name) for \(NumberFormat.duration(silence.seconds))"
            return PlainText.cut(PlainText.clean(words), to: Self.width)
        }
        if window.silences.count > most { lines.append("and \(window.silences.count - most) more silences") }
        return lines
    }

    private var headline: [String] {
        var lines = requestRow
        let perConnection = window.totals.balanced.known.requestsPerConnection
        let perConnectionText =
            perConnection == .absent ? "no connection" : "\(NumberFormat.count(perConnection)) requests per connection"
        lines += row("Reuse", NumberFormat.share(known.onReusedConnection, of: known.exchanges), [perConnectionText])
        lines += connectionRows
        lines += dnsRow
        lines += tlsRow
        let process = window.process
        // A process has some memory: none is what is not known.
        let memory = Figure(
            process.maxResidentBytes == 0 ? nil : process.maxResidentBytes, window.totals.certainty[.cpu])
        if summary.source?.source.isOfOtherProcess == true {
            let whole = NumberFormat.duration(window.cpu(process.agentCPUSeconds))
            let size = isWatch ? "watched" : "memory \(memory.value.map { NumberFormat.bytes($0) } ?? "-")"
            return lines
                + row(
                    "CPU per request", NumberFormat.duration(window.agentCPUSecondsPerRequest),
                    ["whole process \(whole), \(size)"])
        }
        lines += row(
            "CPU per request", NumberFormat.duration(window.agentCPUSecondsPerRequest),
            [
                "agent \(NumberFormat.duration(window.cpu(process.agentCPUSeconds)))",
                "whole process \(NumberFormat.duration(window.cpu(process.cpuSeconds)))",
                "memory \(NumberFormat.bytes(memory))",
            ])
        return lines
    }

    private var requestRow: [String] {
        var parts = ["\(NumberFormat.count(known.succeeded)) succeeded", "\(NumberFormat.count(known.failed)) failed"]
        func add(_ figure: Figure<Int>, _ word: String) {
            if let count = figure.value, count > 0 { parts.append("\(NumberFormat.count(figure)) \(word)") }
        }
        add(known.statuses(ofClass: 4), "answered 4xx")
        add(known.statuses(ofClass: 5), "answered 5xx")
        add(known.cancelled, "cancelled")
        add(known.retried, "retried")
        if known.isBehind {
            parts.insert("\(rate(known.started)) started", at: 0)
            parts.insert("\(rate(known.succeeded)) answered", at: 1)
        }
        if let planned = window.totals.planned { parts.append("\(NumberFormat.count(planned)) planned") }
        if window.missed > 0 { parts.append("\(NumberFormat.count(window.missed)) missed") }
        add(known.inFlight, "in flight")
        add(known.queued, "waiting")
        return row("Requests", rate(known.finished), parts)
    }

    /// `20.0`, or answered of started where they are not about the same: `0.0/20.0`.
    private func requestRate(_ figures: HostFigures) -> String {
        guard figures.isBehind else { return NumberFormat.rate(window.perSecond(figures.finished)) }
        return NumberFormat.rate(window.perSecond(figures.succeeded)) + "/"
            + NumberFormat.rate(window.perSecond(figures.started))
    }

    private var connectionRows: [String] {
        let parts = [
            "\(NumberFormat.count(known.opened)) opened", "\(NumberFormat.count(known.closed)) closed",
            "\(NumberFormat.count(known.open)) open (\(NumberFormat.count(known.active)) active"
                + " + \(NumberFormat.count(known.idle)) idle)", "peak \(NumberFormat.count(known.peakOpen))",
        ]
        let lines = row("New connections", rate(known.opened), parts)
        guard let failed = known.dialFailed.value, failed > 0 else { return lines }
        let text = "\(NumberFormat.count(known.dialFailed)) of \(NumberFormat.count(known.dials)) dials"
        return lines + row("Failed dials", rate(known.dialFailed), [text])
    }

    private var dnsRow: [String] {
        let lookups = window.dns(\.lookups)
        let fromCache = window.dns(\.hits) + window.dns(\.staleHits) + window.dns(\.negativeHits)
        var parts = ["\(NumberFormat.count(window.dns(\.queries))) queries for \(NumberFormat.count(lookups)) lookups"]
        if lookups.value ?? 0 > 0 { parts.append("\(NumberFormat.share(fromCache, of: lookups)) from the cache") }
        if !window.dnsCacheEnabled, !lookups.isUnknown { parts.append("cache off") }
        let failures = window.dns(\.failures)
        if let count = failures.value, count > 0 { parts.append("\(NumberFormat.count(failures)) failed") }
        return row("DNS queries", rate(window.dns(\.queries)), parts)
    }

    /// Left out if TLS was not used. If the number of resumed handshakes is unknown, so is the number of full ones.
    private var tlsRow: [String] {
        let ended = known.handshakes.with(known.handshakesFailed) { $0 + $1 }
        guard ended.value ?? 0 > 0 else { return [] }
        let first =
            known.full.isUnknown
            ? "\(NumberFormat.count(known.handshakes)) completed" : "\(NumberFormat.count(known.full)) full"
        return row(
            "TLS handshakes", rate(known.handshakes),
            [
                first, "\(NumberFormat.count(known.resumed)) resumed",
                "\(NumberFormat.count(known.handshakesFailed)) failed",
            ])
    }

    /// A name, its figure, and its parts; continuation lines are aligned with the parts.
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
            let durations = known[row]
            // A request that was never answered took longer than it was waited for.
            let ages = row.name == "response" ? window.inFlightAges : []
            guard let histogram = durations.value, histogram.count > 0 || !ages.isEmpty else { continue }
            let quantiles = [50, 90, 95, 99, 99.9].map { percent in
                NumberFormat.duration(durations.map { $0.quantile(percent, inFlight: ages) })
            }
            table.rows.append(
                [
                    names[row.name] ?? row.name, NumberFormat.count(durations.map { $0.count }),
                    NumberFormat.duration(durations.map { $0.minSeconds }),
                    NumberFormat.duration(durations.map { $0.meanSeconds }),
                ] + quantiles + [
                    ages.isEmpty
                        ? NumberFormat.duration(durations.map { $0.maxSeconds })
                        : NumberFormat.duration(durations.map { $0.quantile(100, inFlight: ages) })
                ])
        }
        return table.rows.isEmpty ? [] : table.lines
    }

    private static let nameWidth = 22

    /// As the table has them: where targets of several names share a host, all of them.
    private var names: [String] {
        let shared = summary.load?.sharedNames ?? [:]
        return window.hosts.map { host in PlainText.clean(host.present.flatMap { shared[$0.id] } ?? host.name) }
    }

    /// The same in few columns, so that they can be told apart.
    private var shortNames: [String] { Wording.shortNames(names, to: Self.nameWidth, ellipsis: "~") }

    private var hosts: [String] {
        // Columns for responses of 4xx and 5xx only where there are any.
        let classes = [4, 5].filter { known.statuses(ofClass: $0).value ?? 0 > 0 }
        var table = TextTable(
            columns: [
                .init(title: "Host", alignment: .left, most: Self.nameWidth), .init(title: "Req/s"),
                .init(title: "Reuse"),
                .init(title: "New/s"), .init(title: "Open"), .init(title: "Waiting"), .init(title: "Failed"),
            ] + classes.map { .init(title: "\($0)xx") } + [
                .init(title: "p50"), .init(title: "p99"), .init(title: "Closed by", alignment: .left, most: 19),
            ])
        for (name, host) in zip(shortNames, window.hosts) {
            let known = host.figures.known
            var row = [
                name, requestRate(known), NumberFormat.share(known.onReusedConnection, of: known.exchanges),
                NumberFormat.rate(window.perSecond(known.opened)),
                NumberFormat.count(known.open), NumberFormat.count(known.queued), NumberFormat.count(known.failed),
            ]
            row += classes.map { NumberFormat.count(known.statuses(ofClass: $0)) }
            row += [
                NumberFormat.duration(host.responseTime(50)), NumberFormat.duration(host.responseTime(99)),
                known.closedByReason.map { $0.dominant }.text { $0?.shortLabel ?? "-" },
            ]
            table.rows.append(row)
        }
        // Where there is no room for all columns, that of requests that wait goes first, if none does.
        if table.lines.contains(where: { PlainText.width($0) > Self.width }),
            window.hosts.allSatisfy({ $0.figures.known.queued.value == 0 }),
            let place = table.columns.firstIndex(where: { $0.title == "Waiting" })
        {
            table.columns.remove(at: place)
            for row in table.rows.indices { table.rows[row].remove(at: place) }
        }
        return table.rows.isEmpty ? [] : table.lines.map { PlainText.cut($0, to: Self.width) }
    }

    /// The diagnoses of hosts that are not well, the worst first.
    private var diagnoses: [String] {
        let most = 20
        let all = zip(names, window.hosts).flatMap { name, host in
            host.findings(seconds: window.seconds).pressing.map { (name: name, diagnosis: $0) }
        }
        let pressing = all.filter { $0.diagnosis.level == .bad } + all.filter { $0.diagnosis.level == .warn }
        guard !pressing.isEmpty else { return [] }
        var lines =
            ["Diagnosis"] + pressing.prefix(most).flatMap { $0.diagnosis.lines(name: $0.name, width: Self.width) }
        if pressing.count > most { lines.append("and \(pressing.count - most) more, in --format json") }
        return lines
    }

    /// Where a host has several addresses: how its exchanges spread over them.
    private var addresses: [String] {
        var table = TextTable(columns: [
            .init(title: "Host", alignment: .left, most: Self.nameWidth),
            .init(title: "Address", alignment: .left, most: 45),
            .init(title: "Requests"), .init(title: "Share"), .init(title: "Opened"), .init(title: "Open"),
        ])
        for (name, host) in zip(shortNames, window.hosts) where host.addresses.count > 1 {
            for address in host.addresses {
                table.rows.append([
                    name, PlainText.clean(address.address),
                    NumberFormat.count(host.exchanges(on: address)),
                    NumberFormat.share(host.exchanges(on: address), of: .sum(host.addresses.map(host.exchanges))),
                    NumberFormat.count(host.opened(to: address, balanced: false)),
                    NumberFormat.count(host.open(to: address)),
                ])
            }
        }
        return table.rows.isEmpty ? [] : table.lines.map { PlainText.cut($0, to: Self.width) }
    }

    private var labels: [String] {
        let statuses = known.statuses.map { statuses in
            statuses.sorted { $0.key < $1.key }.map { (label: "\($0.key)", count: $0.value) }
        }
        let closed = known.closedByReason
        let decisions = known.retryDecisions
        let rows = [
            ("Statuses", labelled(statuses)), ("Errors", errors),
            ("Retried", labelled(decisions, \.rawValue) { $0.isRetry }),
            ("Not retried", labelled(decisions, \.rawValue) { !$0.isRetry }),
            (isWatch ? "Closed by process" : "Closed by us", labelled(closed, \.longLabel) { !$0.isRemote }),
            ("Closed by them", labelled(closed, \.longLabel) { $0.isRemote }),
            ("DNS lookups", lookups),
        ]
        return rows.filter { !$0.1.isEmpty }.flatMap {
            TextTable.wrapped($0.1, title: $0.0, indent: Self.indent, width: Self.width, separator: "   ")
        }
    }

    private var errors: [String] {
        (known.errors.value?.nonZero ?? []).map { error in
            // The host with the most of them, as a hint where to look first.
            let worst = window.hosts.max {
                $0.figures.metrics.errors[error.key] < $1.figures.metrics.errors[error.key]
            }
            var notes = error.key.isTLS ? [worst?.present?.lastTLSFailure?.shortLabel].compactMap(\.self) : []
            if let worst, window.hosts.count > 1 {
                let name = zip(shortNames, window.hosts).first { $0.1.origin == worst.origin }?.0 ?? worst.name
                notes.insert("\(name) \(NumberFormat.count(worst.figures.metrics.errors[error.key]))", at: 0)
            }
            let note = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
            return "\(error.key.shortLabel) \(NumberFormat.count(known.errors.map { $0[error.key] }))" + note
        }
    }

    /// Empty if the labels are unknown.
    private func labelled(_ counts: Figure<[(label: String, count: Int)]>) -> [String] {
        (counts.value ?? []).map { "\($0.label) \(NumberFormat.count(Figure($0.count, counts.certainty)))" }
    }

    private func labelled<Key>(
        _ counts: Figure<CountsBy<Key>>, _ label: (Key) -> String, where isShown: (Key) -> Bool
    ) -> [String] {
        labelled(
            counts.map { counts in
                counts.nonZero.filter { isShown($0.key) }.map { (label: label($0.key), count: $0.count) }
            })
    }

    /// The outcomes of lookups, and the number of cached names.
    private var lookups: [String] {
        guard let all = window.dns(\.lookups).value, all > 0 else { return [] }
        let outcomes: [(String, KeyPath<DNSCounts, Int>)] = [
            ("hit", \.hits), ("stale", \.staleHits), ("negative", \.negativeHits), ("miss", \.misses),
            ("coalesced", \.coalesced), ("failure", \.failures),
        ]
        return outcomes.map { ($0.0, window.dns($0.1)) }.filter { $0.1.value ?? 0 > 0 }.map {
            "\($0.0) \(NumberFormat.count($0.1))"
        } + ["(\(NumberFormat.count(window.dns(\.entries))) names kept)"]
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
