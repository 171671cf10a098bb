import PoolModel
import Wording

/// The columns of the list of processes. To add one, add a case and its row below.
enum ProcessColumn: Int, CaseIterable, ListColumn {
    case pid, command, user, hosts, open, opened, requests, perConnection, closedBy, lookups, cpu

    private static let rows = allCases.map(\.declared)

    var row: ListColumnRow<ShownProcess> { Self.rows[rawValue] }

    private var declared: ListColumnRow<ShownProcess> {
        switch self {
        case .pid:
            ListColumnRow(
                "PID", width: 8, isLeft: true, importance: 6, "number of the process; – where it is not known"
            ) { Span($0.pid.map(String.init) ?? ($0.id == .all ? "" : "\u{2013}")) }
        case .command:
            ListColumnRow("COMMAND", width: 13, isLeft: true, importance: 1, "the command line, without secrets") {
                Span($0.name)
            }
        case .user: ListColumnRow("USER", width: 9, isLeft: true, importance: 9, "its user") { Span($0.user) }
        case .hosts:
            ListColumnRow(
                "HOSTS", width: 6, importance: 10, "servers that it has had a connection to",
                sort: { $0.hosts.map { Double($0) } }, span: { Span($0.id == .all ? "" : Numbers.count($0.hosts)) })
        case .open:
            ListColumnRow(
                "OPEN", width: 7, importance: 3, "connections that are open now", sort: { $0.open.map { Double($0) } },
                span: { Span(Numbers.shortCount($0.open)) })
        case .opened:
            ListColumnRow("NEW/s", width: 8, importance: 2, "new connections a second", \.openedPerSecond)
        case .requests: ListColumnRow("REQ/s", width: 8, importance: 4, "requests a second", \.requestsPerSecond)
        case .perConnection:
            ListColumnRow(
                "REQ/CONN", width: 9, importance: 7,
                "requests per new connection; `>812` where none had to be opened",
                sort: { $0.figures.requestsPerConnection }, span: { Span(Self.perConnection($0.figures)) })
        case .closedBy:
            ListColumnRow(
                "CLOSED BY", width: 14, isLeft: true, importance: 5,
                "who ends more of its connections, and which share", span: Self.closedBy)
        case .lookups:
            ListColumnRow("DNS/s", width: 8, importance: 8, "lookups of names a second", \.lookupsPerSecond)
        case .cpu:
            ListColumnRow(
                "CPU", width: 6, importance: 11, "of one core", sort: { $0.figures.cpuShare },
                span: { Span($0.figures.cpuShare.text { $0.map { Numbers.fixed($0 * 100, 0) + "%" } ?? "-" }) })
        }
    }

    /// The most important first.
    static let ranked = allCases.sorted { $0.row.importance < $1.row.importance }

    /// The next column that the list can be sorted by.
    func moved(by step: Int) -> ProcessColumn {
        let all = Self.allCases.filter { $0.row.sort != nil }
        let place = (all.firstIndex(of: self) ?? 0) + step
        return all[(place % all.count + all.count) % all.count]
    }

    /// The most first. Ties go by number, and what is not known comes last, whichever way it is sorted.
    func sorted(_ processes: [ShownProcess], reversed: Bool) -> [ShownProcess] {
        let keyed = processes.enumerated().map { ($0.offset, $0.element, row.sort?($0.element) ?? .absent) }
        return keyed.sorted { left, right in
            let unknown = (left.2.isUnknown, right.2.isUnknown)
            if unknown.0 != unknown.1 { return unknown.1 }
            let (first, second) = (left.2.value ?? -1, right.2.value ?? -1)
            if first != second { return reversed ? first < second : first > second }
            let pids = (left.1.pid ?? .max, right.1.pid ?? .max)
            return pids.0 == pids.1 ? left.0 < right.0 : pids.0 < pids.1
        }.map(\.1)
    }

    private static func perConnection(_ figures: ProcessFigures) -> String {
        let certainty = figures.requests.with(figures.opened) { $0 + $1 }
        guard let requests = figures.requests.value, let opened = figures.opened.value, requests > 0 else {
            return certainty.map { _ -> Int? in nil }.text { _ in "-" }
        }
        return certainty.text { _ in
            opened == 0 ? ">" + Numbers.shortCount(requests) : Numbers.rate(Double(requests) / Double(opened))
        }
    }

    /// `process 100%`, `server 98%`.
    @Sendable
    private static func closedBy(_ process: ShownProcess) -> Span {
        let share = process.figures.closedByProcess
        guard let ours = share.value else { return Span(share.text { _ in "-" }, .label) }
        let most = max(ours, 1 - ours)
        let percent = most == 1 ? "100%" : Numbers.fixed(min(99, most * 100), 0) + "%"
        let text = share.text { _ in (ours >= 0.5 ? "process " : "server ") + percent }
        return Span(text, process.figures.isClosedLately ? .text : .label)
    }
}

extension ListColumnRow<ShownProcess> {
    /// A rate of the last seconds.
    init(
        _ title: String, width: Int, importance: Int, _ help: String,
        _ rate: any KeyPath<ProcessFigures, Figure<Double>> & Sendable
    ) {
        self.init(
            title, width: width, importance: importance, help, sort: { $0.figures[keyPath: rate] },
            span: { Span(Numbers.rate($0.figures[keyPath: rate])) })
    }
}
