import DNSWire
import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// One probe as text for people, at most 100 columns wide if names allow that.
///
/// ```
/// http://ledger.internal:8080/   GET 200, HTTP/1.1, 10.0.0.7:8080
///
/// Keeps connections  yes
/// Idle limit         2.00s   5 connections closed after 2.00s, by FIN
/// Hint               none
/// …
///
/// Advice
///   Let a connection be idle for 1s at most: …
///
///   pooltop run      --idle-timeout 1s
///   …
/// ```
struct ProbeText {
    static let width = 100
    private static let indent = 19
    private let result: ProbeResult
    private let findings: ProbeFindings

    init(_ result: ProbeResult) {
        self.result = result
        findings = result.findings
    }

    var text: String {
        let blocks = [head, policy, advice, settings].filter { !$0.isEmpty }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var head: [String] {
        var parts: [String] = []
        if let failure = result.seen.failure { parts.append("failed: \(failure.deed(result.seen.tlsFailure))") }
        if let status = findings.status { parts.append("\(result.method) \(status)") }
        if let version = findings.httpVersion { parts.append("HTTP/\(version)") }
        parts += findings.addresses.map { PlainText.clean($0) }
        let line = [PlainText.clean(result.url.shown)] + (parts.isEmpty ? [] : [parts.joined(separator: ", ")])
        var lines = [line.joined(separator: "   ")]
        lines += result.tlsWeakness.headings
        if result.seen.wasInterrupted { lines.append("Ended early: what follows is what was known by then.") }
        return lines
    }

    private var policy: [String] {
        var lines: [String] = []
        if result.seen.failure == nil {
            lines = row("Keeps connections", keeping) + row("Idle limit", idle) + row("Hint", hint)
            lines += row("Requests", requests) + row("Ends them by", ending)
        }
        let unreachable = result.seen.unreachable.map { PlainText.clean("\($0.address): \($0.cause.deed)") }
        if !unreachable.isEmpty { lines += row("Unreachable", unreachable) }
        if result.seen.tls != nil { lines += row("TLS", tls) }
        if findings.dns != nil { lines += row("DNS", dns) }
        guard findings.latency.connect != nil else { return lines }
        return lines + row("New connection", newConnection) + row("Reused connection", reusedConnection)
    }

    private func row(_ title: String, _ parts: [String]) -> [String] {
        TextTable.wrapped(
            parts.isEmpty ? ["not found out"] : parts, title: title, indent: Self.indent, width: Self.width,
            separator: ", ")
    }

    // MARK: Connections

    private var keeping: [String] {
        switch findings.keepsConnections {
        case true?: ["yes"]
        case false?:
            ["no: \(findings.refusal?.sentence ?? "")"]
                + (findings.keepsIfAsked == true ? ["but it does if asked (Connection: keep-alive)"] : [])
        case nil: []
        }
    }

    private var idle: [String] {
        guard findings.keepsConnections != false else { return ["-"] }
        let isLookedFor = findings.keepsConnections == nil || result.seen.wasInterrupted
        guard result.seen.heldSeconds != nil || isLookedFor else { return ["not looked for"] }
        let idle = findings.idle
        var parts: [String] = []
        if let limit = idle.limitSeconds {
            parts.append(NumberFormat.duration(limit))
            parts.append(closedWords)
            if idle.spoke {
                parts.append(
                    idle.close == nil
                        ? "by bytes that nobody had asked for, and left open"
                        : "with bytes before it that nobody had asked for"
                )
            }
        } else if let lifetime = idle.lifetimeSeconds {
            parts.append("not seen, since connections end after \(NumberFormat.duration(lifetime)) idle or not")
        } else if let held = result.seen.heldSeconds {
            parts.append("not found within \(NumberFormat.duration(held))")
            if idle.closedCount > 0 { parts.append(closedWords) }
        }
        if let failed = idle.failedSeconds {
            parts.append("dead without a word after \(NumberFormat.duration(failed))")
        }
        if let most = idle.maxConnections { parts.append("keeps \(most) idle at a time") }
        if let answered = idle.answeredSeconds {
            parts.append("a request was answered after \(NumberFormat.duration(answered))")
        }
        return parts
    }

    private var closedWords: String {
        let count = findings.idle.closedCount
        guard let ages = findings.idle.closedAges else { return "" }
        let first = NumberFormat.duration(ages.lowerBound)
        let last = NumberFormat.duration(ages.upperBound)
        return "\(count) \(count == 1 ? "connection" : "connections") closed after \(first)"
            + (first == last ? "" : " to \(last)")
    }

    private var hint: [String] {
        guard findings.status != nil else { return [] }
        var parts: [String] = []
        if let timeout = findings.hintTimeoutSeconds { parts.append("timeout=\(timeout)") }
        if let most = findings.hintMax { parts.append("max=\(most)") }
        if findings.hintNeedsAsking == true { parts.append("only if the request says Connection: keep-alive") }
        return parts.isEmpty ? ["none"] : parts
    }

    private var requests: [String] {
        guard findings.keepsConnections != false else { return ["1 on a connection"] }
        guard result.requestBound > 0 else { return ["not counted"] }
        guard !result.seen.runs.isEmpty else { return [] }
        let requests = findings.requests
        guard let limit = requests.limit else {
            var parts = ["no limit within \(NumberFormat.count(requests.most)) on one connection"]
            for run in result.seen.runs {
                if case .failed(let cause) = run.end { parts.append("\(cause.deed) after \(run.responses)") }
            }
            if let stray = requests.strayEnds.first {
                parts.append("though one ended after \(NumberFormat.count(stray))")
            }
            return parts
        }
        var parts = ["\(NumberFormat.count(limit)) on a connection"]
        let silence = requests.isDead ? "then no more answers" : "it does not say so"
        parts.append(requests.isAnnounced ? "the last response says Connection: close" : silence)
        if !requests.isConfirmed { parts.append("seen once") }
        return parts
    }

    private var ending: [String] {
        switch findings.closes {
        case .fin?: [result.url.isTLS ? "FIN without close_notify" : "FIN"]
        case .reset?: ["RST"]
        case .closeNotify?: ["close_notify"]
        case nil: ["not seen"]
        }
    }

    // MARK: The way there

    private var tls: [String] {
        guard let tls = result.seen.tls else { return [] }
        var parts = [tls.version.map { "TLS \($0)" }, tls.cipher].compactMap { $0 }
        parts.append("ALPN " + PlainText.clean(findings.alpn ?? "none"))
        switch tls.offersResumption {
        case true?: parts.append("offers resumption (whether it keeps to that was not tried)")
        case false?: parts.append("offers no resumption")
        case nil: break
        }
        if let end = tls.certificateEnd { parts.append("certificate until \(Timestamp.text(end).prefix(10))") }
        return parts
    }

    private var dns: [String] {
        guard let dns = findings.dns else { return [] }
        var parts = dns.addresses.prefix(8).map { "\($0)" }
        if dns.addresses.count > parts.count { parts.append("\(dns.addresses.count - parts.count) more") }
        if let source = dns.source, source != .dns { parts.append("from the \(source.rawValue)") }
        if let ttl = dns.ttlSeconds { parts.append("TTL \(ttl)s") }
        if let negative = dns.negativeTTLSeconds { parts.append("negative TTL \(negative)s") }
        return parts
    }

    private var newConnection: [String] {
        let latency = findings.latency
        var parts: [String] = []
        for (name, seconds) in [("DNS", latency.dns), ("connect", latency.connect), ("TLS", latency.tls)] {
            if let seconds { parts.append("\(name) \(NumberFormat.duration(seconds))") }
        }
        if let first = latency.firstByteNew { parts.append("first byte \(NumberFormat.duration(first))") }
        if let all = latency.newInAll { parts.append("\(NumberFormat.duration(all)) in all") }
        return parts + ["median of \(result.seen.openings.count)"]
    }

    private var reusedConnection: [String] {
        guard let first = findings.latency.firstByteReused else { return ["-"] }
        let count = NumberFormat.count(findings.latency.reusedSamples)
        return ["first byte \(NumberFormat.duration(first))", "median of \(count)"]
    }

    // MARK: Advice

    private var advice: [String] {
        ["Advice"]
            + result.advice.sentences.flatMap { sentence in
                TextTable.wrapped(
                    sentence.split(separator: " ").map(String.init), title: "", indent: 2, width: Self.width,
                    separator: " ")
            }
    }

    private var settings: [String] {
        result.settings.flatMap { setting in
            words(setting.line, title: "  " + setting.name)
                + (setting.note.map { words("(\($0))", title: "") } ?? [])
        }
    }

    private func words(_ text: String, title: String) -> [String] {
        TextTable.wrapped(
            text.split(separator: " ").map(String.init), title: title, indent: Self.indent, width: Self.width,
            separator: " ")
    }
}
