import Diagnosis
import PoolModel
import Wording

/// The columns of the host table, in the order of the screen. A column is a case and its row below.
enum HostColumn: Int, CaseIterable, Sendable {
    case keepAlive, active, idle, queue, bar, requests, opened, reuse, perConnection, dnsHit, p50, p99, errors, closedBy

    private static let rows = allCases.map(\.declared)

    var row: ColumnRow { Self.rows[rawValue] }

    private var declared: ColumnRow {
        switch self {
        case .keepAlive:
            ColumnRow("KA", width: 4, leftMargin: 1, importance: 5, "HTTP keep-alive for this host") {
                Self.keepAlive($0.host.keepAlive)
            }
        case .active:
            ColumnRow(
                "ACT", \.connections.active, width: 4, importance: 7, "connections that carry an exchange"
            ) { cell in
                let active = cell.host.metrics.active
                let isFull = active.with(cell.host.maxSockets) { $0 >= $1 && $1 > 0 }.isTrue
                return Span(Numbers.count(active), isFull ? .warn : .text, isFull ? .bold : [])
            }
        case .idle:
            ColumnRow("IDLE", \.connections.idle, width: 5, importance: 8, "connections that are open and free")
        case .queue:
            ColumnRow(
                "QUEUE", \.requests.queued, width: 6, wideWidth: 11, importance: 9,
                "requests that wait for a connection, and for how long the oldest of them", Self.queue)
        case .bar:
            ColumnRow(
                "", width: 9, leftMargin: 2, importance: 12,
                "active and idle connections and waiting requests as a bar; its full width is `maxSockets`"
            ) { _ in Span("") }
        case .requests:
            ColumnRow(
                "REQ/s", width: 7, importance: 1,
                "requests a second; `0/20`: none of 20 is answered, said where the two differ by more than 5 %",
                sort: { $1.window($0.id).requestsPerSecond }, sum: { Numbers.rate($0.total.requestsPerSecond) },
                span: { Self.requests($0.window) })
        case .opened:
            ColumnRow("NEW/s", width: 7, importance: 2, "new connections a second", Numbers.rate) {
                $0.openedPerSecond
            }
        case .reuse:
            ColumnRow(
                "REUSE", width: 6, importance: 3,
                "exchanges on a connection that had been used before, as a share of all; `5/7` where they are few",
                sort: { $1.window($0.id).reuse }, sum: { Self.reuse($0.total) },
                span: { Span(Self.reuse($0.window)) })
        case .perConnection:
            ColumnRow(
                "REQ/CONN", width: 9, importance: 14,
                "exchanges per new connection; `>812` where none had to be opened",
                sum: { Self.perConnection($0.total) }, span: { Span(Self.perConnection($0.window)) })
        case .dnsHit:
            ColumnRow(
                "DNS-HIT", width: 8, importance: 13, "lookups answered without asking a DNS server",
                sum: { Self.dnsHit($0.total) }, span: { Span(Self.dnsHit($0.window)) })
        case .p50:
            ColumnRow(
                "p50 ms", sortTitle: "p50", width: 7, importance: 11,
                "median response time; `>2 s` where that many are still in flight for so long", \.quantile50)
        case .p99:
            ColumnRow(
                "p99 ms", sortTitle: "p99", width: 7, importance: 10,
                "response time that 1 % exceed; `>12 s` where they are still in flight for so long", \.quantile99)
        case .errors:
            ColumnRow(
                "ERR", width: 6, importance: 4,
                "share of requests without a response or with one of 4xx or 5xx, the class in front: `5xx 100%`, `12 4xx`",
                sort: { $1.window($0.id).unsuccessfulShare }, sum: { Self.errors($0.total).text },
                span: { Self.errors($0.window) })
        case .closedBy:
            ColumnRow(
                "CLOSED BY", width: 16, wideWidth: 17, leftMargin: 2, importance: 6,
                "what ends most connections: a limit of ours, a hint of the server's, the server itself, an error",
                span: Self.closedBy)
        }
    }

    /// Columns with the blank before them; the bar takes what is left.
    func width(isWide: Bool, hasEstimates: Bool = false) -> Int {
        // The sign of an estimate has a column of its own.
        (isWide ? row.wideWidth : row.width) + (hasEstimates && !isLeftAligned ? 1 : 0)
    }

    var isLeftAligned: Bool { row.leftMargin != nil }

    /// The most important first; those that do not fit are left out from the end.
    static func byImportance(_ set: ColumnSet) -> [HostColumn] {
        let first = leading(set)
        return first + ranked.filter { !first.contains($0) }
    }

    private static let ranked = allCases.sorted {
        ($0.row.importance, $0.rawValue) < ($1.row.importance, $1.rawValue)
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
}

/// The facts from which a column writes one host's cell.
struct ColumnCell {
    let host: ShownHost
    let picture: DashboardState
    let glyphs: Glyphs
    let isWide: Bool

    /// The last seconds of the host.
    var window: RecentFigures { picture.window(host.id) }
}

/// A column, declared once: its title, its room, its rank, its meaning, its cells, and the figure that it sorts by.
struct ColumnRow: Sendable {
    let title: String
    /// Its name where the table says what it is sorted by.
    let sortTitle: String
    /// With the blank before it.
    let width: Int
    /// Its width where the screen has room.
    let wideWidth: Int
    /// The blanks before a text that begins on the left; nil: a number, which ends on the right.
    let leftMargin: Int?
    /// Its rank where there is not room for all columns: the lowest is shown longest.
    let importance: Int
    /// For people who ask what the column shows: README has it.
    let help: String
    /// Nil: the table is not sorted by it.
    let sort: (@Sendable (ShownHost, DashboardState) -> Figure<Double>)?
    /// The cell of all hosts together; nil: it has none.
    let sum: (@Sendable (DashboardState) -> String)?
    let span: @Sendable (ColumnCell) -> Span

    init(
        _ title: String, sortTitle: String? = nil, width: Int, wideWidth: Int? = nil, leftMargin: Int? = nil,
        importance: Int, _ help: String, sort: (@Sendable (ShownHost, DashboardState) -> Figure<Double>)? = nil,
        sum: (@Sendable (DashboardState) -> String)? = nil, span: @escaping @Sendable (ColumnCell) -> Span
    ) {
        self.title = title
        self.sortTitle = sortTitle ?? title
        self.width = width
        self.wideWidth = wideWidth ?? width
        self.leftMargin = leftMargin
        self.importance = importance
        self.help = help
        self.sort = sort
        self.sum = sum
        self.span = span
    }

    /// A figure of the last seconds, which the sum over the hosts has too.
    init(
        _ title: String, sortTitle: String? = nil, width: Int, importance: Int, _ help: String,
        _ text: @escaping @Sendable (Figure<Double>) -> String,
        _ figure: @escaping @Sendable (RecentFigures) -> Figure<Double>
    ) {
        self.init(
            title, sortTitle: sortTitle, width: width, importance: importance, help,
            sort: { figure($1.window($0.id)) }, sum: { text(figure($0.total)) },
            span: { Span(text(figure($0.window))) })
    }

    /// A quantile of the response times of the last seconds.
    init(
        _ title: String, sortTitle: String, width: Int, importance: Int, _ help: String,
        _ quantile: any KeyPath<RecentFigures, Figure<Quantile>> & Sendable
    ) {
        self.init(
            title, sortTitle: sortTitle, width: width, importance: importance, help,
            sort: { $1.window($0.id)[keyPath: quantile].map { $0.seconds } },
            sum: { Numbers.milliseconds($0.total[keyPath: quantile]) },
            span: { Span(Numbers.milliseconds($0.window[keyPath: quantile])) })
    }

    /// A counter of the table of counters: what is present, or what a total gained a second. Any counter can be a column by
    /// this alone.
    init(
        _ title: String, _ keyPath: any WritableKeyPath<HostMetrics, Int> & Sendable, width: Int,
        wideWidth: Int? = nil, importance: Int, _ help: String,
        _ span: (@Sendable (ColumnCell) -> Span)? = nil
    ) {
        let counter = HostMetrics.counter(keyPath)
        let text: @Sendable (Figure<Double>) -> String = { figure in
            switch counter.kind {
            case .total: Numbers.rate(figure)
            case .present, .peak: Numbers.count(figure.map { Int($0) })
            }
        }
        self.init(
            title, width: width, wideWidth: wideWidth, importance: importance, help,
            sort: { $1.figure(counter, of: $0) }, sum: { text($0.sum(counter)) },
            span: span ?? { Span(text($0.picture.figure(counter, of: $0.host))) })
    }
}

extension HostColumn {
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

    private static func reuse(_ window: RecentFigures) -> String {
        Numbers.share(window.reused, of: window.exchanges)
    }

    private static func dnsHit(_ window: RecentFigures) -> String {
        Numbers.share(window.fromCache, of: window.dials)
    }

    static func keepAlive(_ isOn: Figure<Bool>) -> Span {
        guard let value = isOn.value else { return Span(isOn.text { _ in "-" }) }
        return value ? Span("on") : Span("OFF", .warn, .bold)
    }

    /// Answered of started where they are not about the same, else started.
    private static func requests(_ window: RecentFigures) -> Span {
        let rate = Numbers.rate(window.requestsPerSecond)
        guard window.isBehind else { return Span(rate) }
        return Span(Numbers.rate(window.answeredPerSecond.value) + "/" + rate, .warn, .bold)
    }

    /// `0.7%`, `5xx 100%`, `12 4xx`: the class where it is nearly all of them.
    static func errors(_ window: RecentFigures) -> Span {
        let all = window.unsuccessful
        let most = (all.value ?? 0) * 9
        let classes = [("4xx", window.status4xx), ("5xx", window.status5xx)]
        let span = errors(all, of: window.ended)
        guard most > 0, let name = classes.first(where: { ($0.1.value ?? 0) * 10 >= most })?.0 else { return span }
        let share = window.unsuccessfulShare.value ?? 0
        let text =
            window.ended.value ?? 0 < Numbers.leastEvents
            ? "\(Numbers.count(all)) \(name)"
            : "\(name) "
                + (share < 0.1 || share >= 1 ? Numbers.percent(share) : Numbers.fixed(min(99, share * 100), 0) + "%")
        return Span(text, span.role, span.style)
    }

    static func errors(_ failed: Figure<Int>, of ended: Figure<Int>) -> Span {
        let figure = failed.ratio(to: ended)
        guard let share = figure.value else { return Span(figure.text { _ in "-" }) }
        if share == 0 { return Span(figure.text { _ in "0" }) }
        // One of three may be chance.
        let isFew = ended.value ?? 0 < Numbers.leastEvents
        let isBad = isFew ? share >= 0.5 && failed.value ?? 0 > 1 : share >= 0.02
        return Span(Numbers.share(failed, of: ended), isBad ? .bad : .warn, isBad ? .bold : [])
    }

    @Sendable
    private static func queue(_ cell: ColumnCell) -> Span {
        let queued = cell.host.metrics.queued
        guard queued.value ?? 0 > 0 else { return Span(Numbers.shortCount(queued)) }
        let oldest = cell.isWide ? cell.host.oldestWaitSeconds.map { " " + Numbers.wait($0) } ?? "" : ""
        return Span(Numbers.shortCount(queued) + oldest, .warn, .bold)
    }

    /// The most frequent end of the host's connections; where they do not even begin, why.
    @Sendable
    private static func closedBy(_ cell: ColumnCell) -> Span {
        let (host, window) = (cell.host, cell.window)
        let findings = cell.picture.findings(host.id)
        if findings.isFailing, let main = findings.main { return Span("! " + main.shortText, .bad, .bold) }
        if window.dominantClose.value != nil { return Span(window.dominantClose.text { $0?.shortLabel ?? "-" }) }
        let ever = host.metrics.closedByReason.map { $0.dominant }
        return Span(ever.text { $0?.shortLabel ?? "-" }, .label)
    }
}

/// The columns as a Markdown table, for the README.
package func columnTableMarkdown() -> String {
    HostColumn.allCases.reduce(into: "| column | meaning |\n|---|---|\n") { text, column in
        text += "| \(column == .bar ? "█act▒idle" : column.row.title) | \(column.row.help) |\n"
    }
}
