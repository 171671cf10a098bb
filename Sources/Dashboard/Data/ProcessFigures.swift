import PoolModel

/// The identity of a row in the list of processes, which stays the same while rows change places.
enum ProcessID: Hashable, Sendable {
    case pid(Int)
    /// The sockets of a user whose processes cannot be read.
    case user(String)
    /// Sockets whose process is not known.
    case unowned
    /// All of them together.
    case all

    init(_ row: ProcessRow) {
        if let pid = row.pid { self = .pid(pid) } else { self = row.isReadable ? .unowned : .user(row.user) }
    }
}

/// A row of the list with the figures of the last seconds.
struct ShownProcess: Sendable {
    let id: ProcessID
    private let row: ProcessRow
    let figures: ProcessFigures

    init(_ row: ProcessRow, id: ProcessID, figures: ProcessFigures) {
        self.row = row
        self.id = id
        self.figures = figures
    }

    var pid: Int? { row.pid }
    var user: String { row.user }
    var hasEnded: Bool { row.hasEnded }
    var isReadable: Bool { row.isReadable }
    var open: Figure<Int> { .exact(row.open) }
    /// Absent for all processes together: they share hosts.
    var hosts: Figure<Int> { id == .all ? .absent : .exact(row.hosts) }

    /// The command line, or what stands in its place.
    var name: String {
        switch id {
        case .pid: (row.hasEnded ? "(ended) " : "") + row.command
        case .user(let user): "user \(user): sudo shows which process"
        case .unowned: "process not known"
        case .all: row.command
        }
    }

    /// `text` must be in lower case.
    func matches(_ text: String) -> Bool {
        text.isEmpty || row.command.lowercased().contains(text) || row.user.lowercased().contains(text)
            || row.pid.map { String($0).hasPrefix(text) } ?? false
    }
}

/// The figures of the last ten seconds for one process: the difference of its totals.
struct ProcessFigures: Sendable, Equatable {
    var openedPerSecond: Figure<Double> = .absent
    var requestsPerSecond: Figure<Double> = .absent
    var opened: Figure<Int> = .absent
    var requests: Figure<Int> = .absent
    var requestsPerConnection: Figure<Double> { requests.ratio(to: opened) }
    var lookupsPerSecond: Figure<Double> = .absent
    /// CPU time as a share of one core; above one with several threads.
    var cpuShare: Figure<Double> = .absent
    /// Connections that the process ended, of those whose end is known. Since it was first seen where none ended lately.
    var closedByProcess: Figure<Double> = .absent
    /// `closedByProcess` is of the last seconds.
    var isClosedLately = false

    init() {}

    /// `before` is the same process `span` seconds ago; nil: it was not there, so that all its counts are new.
    init(_ row: ProcessRow, since before: ProcessRow?, span: Double) {
        func gained(_ count: KeyPath<ProcessRow, Int>) -> Int {
            // Connections that were divided by shares may move to another process.
            max(0, row[keyPath: count] - (before?[keyPath: count] ?? 0))
        }
        opened = Figure(gained(\.opened), row.connectionsCertainty)
        requests = Figure(gained(\.requests), row.requestsCertainty)
        openedPerSecond = opened.perSecond(in: span)
        requestsPerSecond = requests.perSecond(in: span)
        lookupsPerSecond =
            row.lookups.map { total in
                Figure(max(0, total - (before?.lookups ?? 0)), row.connectionsCertainty).perSecond(in: span)
            } ?? .unknown
        cpuShare =
            row.cpuSeconds.map { total in
                // CPU counts from the start of the process, and not from when it was first seen.
                Figure.exact(before?.cpuSeconds).map { $0.map { max(0, total - $0) / span } }
            } ?? .unknown
        let lately = (gained(\.closedByUs), gained(\.closedByPeer))
        isClosedLately = lately.0 + lately.1 > 0
        let (ours, theirs) = isClosedLately ? lately : (row.closedByUs, row.closedByPeer)
        closedByProcess = Figure(ours + theirs > 0 ? ours : nil, row.connectionsCertainty)
            .map { Double($0) / Double(ours + theirs) }
        if row.closed > 0, ours + theirs == 0 { closedByProcess = .unknown }
    }
}

/// The processes of the last snapshots. They are kept when another process is chosen, whose hosts have nothing to do with
/// those of before.
struct ProcessHistory: Sendable {
    /// More rows are not shown: a recording may have anything in it.
    static let rowLimit = 1000

    private struct Sample: Sendable {
        var uptimeSeconds: Double
        var rows: [ProcessID: ProcessRow]
    }

    /// One a second, for the time span of the table.
    private var samples: [Sample] = []
    /// As of the last snapshot, in its order.
    private(set) var rows: [ShownProcess] = []
    /// All of them together; nil: none is known.
    private(set) var all: ShownProcess?
    /// False: the source lists no processes.
    private(set) var isListed = false

    init() {}

    mutating func take(_ listed: [ProcessRow]?, uptimeSeconds: Double) {
        isListed = listed != nil
        guard let listed = listed?.prefix(Self.rowLimit) else {
            self = ProcessHistory()
            return
        }
        if let last = samples.last, uptimeSeconds < last.uptimeSeconds { samples = [] }
        var entries = listed.map { (id: ProcessID($0), row: $0) }
        if let sum = Self.sum(entries.map(\.row)) { entries.append((.all, sum)) }
        let isNewSecond = samples.last.map { Int(uptimeSeconds) > Int($0.uptimeSeconds) } ?? true
        if isNewSecond {
            // A living process comes after an ended one of the same number, and is the one to compare with.
            let ordered = entries.filter(\.row.hasEnded) + entries.filter { !$0.row.hasEnded }
            let byID = Dictionary(ordered.map { ($0.id, $0.row) }) { _, later in later }
            samples.append(Sample(uptimeSeconds: uptimeSeconds, rows: byID))
        }
        let oldest = uptimeSeconds - Double(RecentFigures.seconds) - 0.5
        while samples.count > 2, samples[0].uptimeSeconds < oldest { samples.removeFirst() }
        let before = samples[0]
        let span = uptimeSeconds - before.uptimeSeconds
        var shown = entries.map { id, row in
            // Before half a second has passed there is nothing to count in.
            let figures =
                span >= FiguresWindow.leastSeconds
                ? ProcessFigures(row, since: Self.same(row, before.rows[id]), span: span) : ProcessFigures()
            return ShownProcess(row, id: id, figures: figures)
        }
        all = shown.last?.id == .all ? shown.removeLast() : nil
        rows = shown
    }

    /// The row that a later one continues: a number that was given to another process begins anew.
    private static func same(_ row: ProcessRow, _ before: ProcessRow?) -> ProcessRow? {
        guard let before, before.opened <= row.opened || row.connectionsCertainty != .exact else { return nil }
        return before
    }

    private static func sum(_ rows: [ProcessRow]) -> ProcessRow? {
        guard var sum = rows.first else { return nil }
        sum.pid = nil
        sum.command = "all processes"
        (sum.user, sum.hasEnded, sum.isReadable) = ("", false, true)
        for row in rows.dropFirst() {
            for count in [
                \ProcessRow.hosts, \.open, \.opened, \.closed, \.closedByPeer, \.closedByUs, \.requests,
            ] as [WritableKeyPath<ProcessRow, Int>] {
                sum[keyPath: count] = sum[keyPath: count].addingReportingOverflow(row[keyPath: count]).partialValue
            }
            sum.requestsCertainty = max(sum.requestsCertainty, row.requestsCertainty)
            sum.connectionsCertainty = max(sum.connectionsCertainty, row.connectionsCertainty)
            sum.lookups = sum.lookups.flatMap { mine in row.lookups.map { mine + $0 } }
            sum.cpuSeconds = sum.cpuSeconds.flatMap { mine in row.cpuSeconds.map { mine + $0 } }
        }
        return sum
    }
}
