import FleetCore
import PoolModel
import Wording

/// The columns of the list of a fleet. To add one, add a case and its row below.
enum FleetColumn: Int, CaseIterable, ListColumn {
    case instance, job, group, hosts, open, requests, opened, reuse, closedBy, queue, p99, errors, seen

    private static let rows = allCases.map(\.declared)

    var row: ListColumnRow<FleetRow> { Self.rows[rawValue] }

    private var declared: ListColumnRow<FleetRow> {
        switch self {
        case .instance:
            ListColumnRow(
                "INSTANCE", width: 16, isLeft: true, importance: 0,
                "what is scraped: the instance, or the value of the label"
            ) { Span($0.name) }
        case .job:
            ListColumnRow("JOB", width: 10, isLeft: true, importance: 9, "the job of the scrapes") {
                Span($0.job, .label)
            }
        case .group:
            ListColumnRow("BY", width: 10, isLeft: true, importance: 6, "the value of the label of --by") {
                Span($0.group, .label)
            }
        case .hosts:
            ListColumnRow(
                "HOSTS", width: 6, importance: 10, "servers that it has connections to; of a group: its instances",
                sort: { Figure($0.hosts ?? $0.members?.all, .exact).map { Double($0) } }, span: Self.hosts)
        case .open:
            ListColumnRow("OPEN", width: 7, importance: 7, "connections that are open", \.open) {
                Numbers.wholeCount($0)
            }
        case .requests:
            ListColumnRow(
                "REQ/s", width: 8, importance: 3, "requests a second", \.requestsPerSecond, Numbers.rate)
        case .opened:
            ListColumnRow(
                "NEW/s", width: 8, importance: 2, "new connections a second", \.openedPerSecond, Numbers.rate)
        case .reuse:
            ListColumnRow(
                "REUSE", width: 7, importance: 1, "requests on a connection that had been used before", \.reuse,
                Numbers.percent)
        case .closedBy:
            ListColumnRow(
                "CLOSED BY", width: 12, isLeft: true, importance: 8,
                "who ends more of its connections, and which share",
                sort: { $0.figures.remoteShare }, span: Self.closedBy)
        case .queue:
            ListColumnRow(
                "QUEUE", width: 6, importance: 6, "requests that wait for a connection",
                sort: { $0.figures.queued }, span: Self.queue)
        case .p99:
            ListColumnRow(
                "p99 ms", width: 8, importance: 4, "response time that 1 % exceed, of the buckets",
                sort: { $0.figures.responseTime(.p99) },
                span: { Span(Numbers.milliseconds($0.figures.responseTime(.p99))) })
        case .errors:
            ListColumnRow(
                "ERR", width: 6, importance: 5, "requests that failed, of all that ended", sort: { $0.failedShare },
                span: Self.errors)
        case .seen:
            ListColumnRow(
                "SEEN", width: 10, importance: 11, "how long ago its last sample was, or that it is gone",
                sort: { Figure($0.lastSeenSeconds, .exact) }, span: Self.seen)
        }
    }

    /// The most important first.
    static func ranked(hasGroups: Bool) -> [FleetColumn] {
        allCases.filter { hasGroups || $0 != .group }.sorted { $0.row.importance < $1.row.importance }
    }

    /// The most first. Ties keep the order of the list, which is worst first, and what is not known comes last, whichever
    /// way it is sorted.
    func sorted(_ rows: [FleetRow], reversed: Bool) -> [FleetRow] {
        let keyed = rows.enumerated().map { (place: $0.offset, row: $0.element, key: row.sort?($0.element).value) }
        return keyed.sorted { left, right in
            switch (left.key, right.key) {
            case (let first?, let second?) where first != second: reversed ? first < second : first > second
            case (.some, nil): true
            case (nil, .some): false
            case (.some, .some), (nil, nil): left.place < right.place
            }
        }.map(\.row)
    }

    @Sendable
    private static func hosts(_ row: FleetRow) -> Span {
        if let members = row.members { return Span(Numbers.count(members.all), .label) }
        return Span(row.hosts.map { Numbers.count($0) } ?? "\u{2013}")
    }

    /// `client 100%`, `server 98%`.
    @Sendable
    private static func closedBy(_ row: FleetRow) -> Span {
        let share = row.figures.remoteShare
        guard let theirs = share.value else { return Span(share.text { _ in "-" }, .label) }
        let most = max(theirs, 1 - theirs)
        let percent = most == 1 ? "100%" : Numbers.fixed(min(99, most * 100), 0) + "%"
        return Span(share.text { _ in (theirs > 0.5 ? "server " : "client ") + percent })
    }

    @Sendable
    private static func queue(_ row: FleetRow) -> Span {
        let queued = row.figures.queued
        return Span(Numbers.wholeCount(queued), queued.value ?? 0 >= 1 ? .warn : .text)
    }

    @Sendable
    private static func errors(_ row: FleetRow) -> Span {
        let share = row.failedShare
        if share.value == 0 { return Span(share.text { _ in "0" }) }
        return Span(Numbers.percent(share), share.value ?? 0 >= 0.01 ? .bad : .text)
    }

    @Sendable
    private static func seen(_ row: FleetRow) -> Span {
        if let members = row.members {
            return members.gone > 0 ? Span("\(Numbers.count(members.gone)) gone", .warn) : Span("")
        }
        let seconds = Numbers.duration(row.lastSeenSeconds)
        return row.isGone ? Span("gone \(seconds)", .warn) : Span(seconds, .label)
    }
}

extension Numbers {
    /// A count that a database has as a number with decimals.
    static func wholeCount(_ figure: Figure<Double>) -> String {
        shortCount(figure.map { $0.magnitude < 1e15 ? Int($0.rounded()) : nil })
    }
}

extension ListColumnRow<FleetRow> {
    init(
        _ title: String, width: Int, importance: Int, _ help: String,
        _ figure: any KeyPath<FleetFigures, Figure<Double>> & Sendable,
        _ text: @escaping @Sendable (Figure<Double>) -> String
    ) {
        self.init(
            title, width: width, importance: importance, help, sort: { $0.figures[keyPath: figure] },
            span: { Span(text($0.figures[keyPath: figure])) })
    }
}
