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
    func width(isWide: Bool, hasEstimates: Bool = false) -> Int {
        // The sign of an estimate has a column of its own.
        bareWidth(isWide: isWide) + (hasEstimates && !isLeftAligned ? 1 : 0)
    }

    private func bareWidth(isWide: Bool) -> Int {
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

    func span(_ host: ShownHost, _ window: RecentFigures, glyphs: Glyphs, isWide: Bool) -> Span {
        let metrics = host.metrics
        switch self {
        case .keepAlive: return Self.keepAlive(host.keepAlive)
        case .active:
            let isFull = metrics.active.with(host.maxSockets) { $0 >= $1 && $1 > 0 }.isTrue
            return Span(Numbers.count(metrics.active), isFull ? .warn : .text, isFull ? .bold : [])
        case .idle: return Span(Numbers.count(metrics.idle))
        case .queue: return queue(host, isWide: isWide)
        case .bar: return Span("")
        case .requests: return Span(Numbers.rate(window.requestsPerSecond))
        case .opened: return Span(Numbers.rate(window.openedPerSecond))
        case .reuse: return Span(Numbers.share(window.reused, of: window.exchanges))
        case .perConnection: return Span(Self.perConnection(window))
        case .dnsHit: return Span(Numbers.share(window.fromCache, of: window.dials))
        case .p50: return Span(Numbers.milliseconds(window.p50))
        case .p99: return Span(Numbers.milliseconds(window.p99))
        case .errors: return Self.errors(window)
        case .closedBy: return closedBy(host, window, glyphs: glyphs)
        }
    }

    /// Exchanges per connection opened in the window; `>812` where none had to be opened.
    static func perConnection(_ window: RecentFigures) -> String {
        let certainty = window.exchanges.with(window.opened) { $0 + $1 }
        guard let exchanges = window.exchanges.value, let opened = window.opened.value, exchanges > 0 else {
            return certainty.map { _ -> Int? in nil }.text { _ in "-" }
        }
        return certainty.text { _ in
            opened == 0 ? ">" + Numbers.shortCount(exchanges) : Numbers.rate(Double(exchanges) / Double(opened))
        }
    }

    static func keepAlive(_ isOn: Figure<Bool>) -> Span {
        guard let value = isOn.value else { return Span(isOn.text { _ in "-" }) }
        return value ? Span("on") : Span("OFF", .warn, .bold)
    }

    static func errors(_ window: RecentFigures) -> Span { errors(window.failed, of: window.ended) }

    static func errors(_ failed: Figure<Int>, of ended: Figure<Int>) -> Span {
        let figure = failed.ratio(to: ended)
        guard let share = figure.value else { return Span(figure.text { _ in "-" }) }
        if share == 0 { return Span(figure.text { _ in "0" }) }
        // One of three may be chance.
        let isFew = ended.value ?? 0 < Numbers.leastEvents
        let isBad = isFew ? share >= 0.5 && failed.value ?? 0 > 1 : share >= 0.02
        return Span(Numbers.share(failed, of: ended), isBad ? .bad : .warn, isBad ? .bold : [])
    }

    private func queue(_ host: ShownHost, isWide: Bool) -> Span {
        let queued = host.metrics.queued
        guard queued.value ?? 0 > 0 else { return Span(Numbers.shortCount(queued)) }
        let oldest = isWide ? host.oldestWaitSeconds.map { " " + Numbers.wait($0) } ?? "" : ""
        return Span(Numbers.shortCount(queued) + oldest, .warn, .bold)
    }

    /// What ends the host's connections; where they do not even begin, why.
    private func closedBy(_ host: ShownHost, _ window: RecentFigures, glyphs: Glyphs) -> Span {
        let isFailing = (window.failedShare.value ?? 0) >= 0.5
        if let cause = host.lastConnectFailure ?? (isFailing ? window.dominantFailure : nil) {
            let count = window.failed.value ?? 0 > 0 ? " " + Numbers.shortCount(window.failed) : ""
            let label = host.label(of: cause)
            let fits = label.utf8.count + count.utf8.count <= 12
            return Span("! " + label + (fits ? count : ""), .bad, .bold)
        }
        if window.dominantClose.value != nil { return Span(window.dominantClose.text { $0?.shortLabel ?? "-" }) }
        let ever = host.metrics.closedByReason.map { $0.dominant }
        return Span(ever.text { $0?.shortLabel ?? "-" }, .label)
    }
}
