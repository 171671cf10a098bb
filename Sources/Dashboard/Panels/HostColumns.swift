import PoolModel

/// The columns of the host table, in the order of the screen.
enum HostColumn: Int, CaseIterable, Sendable {
    case keepAlive, active, idle, queue, bar, requests, opened, reuse, perConnection, dnsHit, p50, p99, errors, closedBy

    var title: String {
        switch self {
        case .keepAlive: "KA"
        case .active: "ACT"
        case .idle: "IDLE"
        case .queue: "QUEUE"
        case .bar: ""
        case .requests: "REQ/s"
        case .opened: "NEW/s"
        case .reuse: "REUSE"
        case .perConnection: "REQ/CONN"
        case .dnsHit: "DNS-HIT"
        case .p50: "p50 ms"
        case .p99: "p99 ms"
        case .errors: "ERR"
        case .closedBy: "CLOSED BY"
        }
    }

    /// Columns with the blank before them; the bar takes what is left.
    func width(isWide: Bool) -> Int {
        switch self {
        case .keepAlive: 4
        case .active: 4
        case .idle: 5
        case .queue: isWide ? 11 : 6
        case .bar: 9
        case .requests, .opened, .p50, .p99: 7
        case .reuse, .errors: 6
        case .perConnection: 9
        case .dnsHit: 8
        case .closedBy: isWide ? 17 : 16
        }
    }

    var sort: HostSort? {
        switch self {
        case .active: .active
        case .idle: .idle
        case .queue: .queue
        case .requests: .requests
        case .opened: .opened
        case .reuse: .reuse
        case .p50: .p50
        case .p99: .p99
        case .errors: .errors
        case .keepAlive, .bar, .perConnection, .dnsHit, .closedBy: nil
        }
    }

    var isLeftAligned: Bool { self == .keepAlive || self == .bar || self == .closedBy }

    /// The most important first; those that do not fit are left out from the end.
    static func byImportance(_ set: ColumnSet) -> [HostColumn] {
        let all: [HostColumn] = [
            .requests, .opened, .reuse, .errors, .keepAlive, .closedBy, .active, .idle, .queue, .p99, .p50, .bar,
            .dnsHit, .perConnection,
        ]
        let first = leading(set)
        return first + all.filter { !first.contains($0) }
    }

    /// From left to right: what was asked for first comes first, so that it is seen where all of them fit, too.
    static func onScreen(_ set: ColumnSet) -> [HostColumn] {
        let first = leading(set)
        return first + allCases.filter { !first.contains($0) }
    }

    private static func leading(_ set: ColumnSet) -> [HostColumn] {
        switch set {
        case .all: []
        case .pool: [.requests, .active, .idle, .queue, .bar, .keepAlive]
        case .latency: [.requests, .p50, .p99, .errors, .queue, .active]
        case .churn: [.requests, .opened, .reuse, .perConnection, .dnsHit, .closedBy]
        }
    }

    func span(_ host: HostSnapshot, _ window: HostWindow, glyphs: Glyphs, isWide: Bool) -> Span {
        let metrics = host.metrics
        switch self {
        case .keepAlive: return host.keepAlive ? Span("on") : Span("OFF", .warn, .bold)
        case .active:
            let isFull = metrics.connections.active >= host.maxSockets && host.maxSockets > 0
            return Span(Numbers.count(metrics.connections.active), isFull ? .warn : .text, isFull ? .bold : [])
        case .idle: return Span(Numbers.count(metrics.connections.idle))
        case .queue: return queue(host, isWide: isWide)
        case .bar: return Span("")
        case .requests: return Span(Numbers.rate(window.requestsPerSecond))
        case .opened: return Span(Numbers.rate(window.openedPerSecond))
        case .reuse: return Span(Numbers.percent(window.reuse))
        case .perConnection: return Span(Self.perConnection(window))
        case .dnsHit: return Span(Numbers.percent(window.dnsHit))
        case .p50: return Span(Numbers.milliseconds(window.p50))
        case .p99: return Span(Numbers.milliseconds(window.p99))
        case .errors: return Self.errors(window)
        case .closedBy: return closedBy(host, window, glyphs: glyphs)
        }
    }

    /// Exchanges per connection opened in the window; `>812` where none had to be opened.
    static func perConnection(_ window: HostWindow) -> String {
        guard window.exchanges > 0 else { return "-" }
        if window.opened == 0 { return ">" + Numbers.shortCount(window.exchanges) }
        return Numbers.short(Double(window.exchanges) / Double(window.opened))
    }

    static func errors(_ window: HostWindow) -> Span { errors(share: window.failedShare) }

    static func errors(share: Double?) -> Span {
        guard let share else { return Span("-") }
        if share == 0 { return Span("0") }
        return Span(Numbers.percent(share), share >= 0.02 ? .bad : .warn, share >= 0.02 ? .bold : [])
    }

    private func queue(_ host: HostSnapshot, isWide: Bool) -> Span {
        let queued = host.metrics.requests.queued
        guard queued > 0 else { return Span("0") }
        let oldest = isWide ? host.oldestWaitSeconds.map { " " + Numbers.wait($0) } ?? "" : ""
        return Span(Numbers.shortCount(queued) + oldest, .warn, .bold)
    }

    /// What ends the host's connections; where they do not even begin, why.
    private func closedBy(_ host: HostSnapshot, _ window: HostWindow, glyphs: Glyphs) -> Span {
        let isFailing = (window.failedShare ?? 0) >= 0.5
        if let cause = host.lastConnectFailure ?? (isFailing ? window.dominantFailure : nil) {
            let count = window.failed > 0 ? " " + Numbers.shortCount(window.failed) : ""
            let label = host.label(of: cause)
            let fits = label.utf8.count + count.utf8.count <= 12
            return Span("! " + label + (fits ? count : ""), .bad, .bold)
        }
        if let reason = window.dominantClose { return Span(reason.shortLabel) }
        guard let reason = host.metrics.connections.closedByReason.dominant else { return Span("-", .label) }
        return Span(reason.shortLabel, .label)
    }
}
