import PoolModel
import Wording

/// The open connections of one host.
enum SocketsPanel {
    private enum Column: Int, CaseIterable {
        case id, pid, state, age, idle, requests, roundTrip, retransmits, port, peer, now

        var title: String {
            switch self {
            case .id: "ID"
            case .pid: "PID"
            case .state: "STATE"
            case .age: "AGE"
            case .idle: "IDLE"
            case .requests: "REQS"
            case .roundTrip: "RTT ms"
            case .retransmits: "RETR"
            case .port: "PORT"
            case .peer: "PEER"
            case .now: "NOW"
            }
        }

        /// With the blank behind it. The last column takes what is left.
        var width: Int {
            switch self {
            case .id: 7
            case .pid: 8
            case .state: 9
            case .age: 9
            case .idle: 7
            case .requests: 7
            case .roundTrip: 8
            case .retransmits: 6
            case .port: 6
            case .peer: 16
            case .now: 15
            }
        }

        var isRightAligned: Bool {
            switch self {
            case .requests, .idle, .age, .roundTrip, .retransmits, .port: true
            case .id, .pid, .state, .peer, .now: false
            }
        }

        /// The most important first.
        static let byImportance: [Column] = [
            .state, .requests, .idle, .pid, .now, .roundTrip, .peer, .retransmits, .id, .age, .port,
        ]

        /// Columns that have something in them: our own agent does not ask the kernel.
        static func known(_ sockets: [SocketSnapshot]) -> [Column] {
            allCases.filter { column in
                switch column {
                case .pid: sockets.contains { $0.pid != nil }
                case .roundTrip: sockets.contains { $0.roundTripSeconds != nil }
                case .retransmits: sockets.contains { $0.retransmits != nil }
                case .id, .state, .age, .idle, .requests, .port, .peer, .now: true
                }
            }
        }
    }

    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let sockets = model.socketSort.sorted(host.sockets ?? [])
        let rows = max(0, rect.height - 2)
        let first = min(model.socketScroll, max(0, sockets.count - rows))
        let shown = sockets.dropFirst(first).prefix(rows)
        let open = host.metrics.open
        // A recording has no more than so many of one host; the agent's own list never misses one.
        let isCut = host.sockets != nil && sockets.count < open.value ?? 0
        let position =
            sockets.count > rows && rows > 0
            ? "\(Numbers.grouped(first + 1))-\(Numbers.grouped(first + shown.count)) of \(Numbers.grouped(sockets.count))  "
            : ""
        let note = [
            Span(position, .label), Span("sort ", .label),
            Span("\(model.socketSort.name) \(canvas.glyphs.descending)"),
        ]
        let title = "Sockets \(Numbers.count(isCut ? open : host.sockets.map { .exact($0.count) } ?? open))"
        canvas.title(
            title + (isCut ? ", the oldest \(Numbers.grouped(sockets.count)) recorded" : ""), note: note, in: rect)
        let columns = columns(in: rect.width - 2, sockets, host.certainty)
        let heading = rect.rows(1, 1)
        canvas.fill(heading, with: Cell(" ", role: .title, style: .underline))
        for (column, x, width) in columns {
            let place = column.isRightAligned ? x + width - 1 - column.title.utf8.count : x
            canvas.text(column.title, in: heading, x: place, role: .title, style: [.bold, .underline])
        }
        guard !sockets.isEmpty else {
            let text = host.sockets == nil ? withoutList(model) : "no open connection"
            canvas.text(text, in: rect, x: 2, y: 2, role: .label)
            return
        }
        for (row, socket) in shown.enumerated() {
            draw(socket, host.certainty, columns, in: rect.rows(row + 2, 1), on: &canvas)
        }
    }

    private static func withoutList(_ model: Model) -> String {
        if model.isOfMetrics { return "metrics do not list connections" }
        return model.configuration.isReplay ? "the list was not recorded here" : "the list comes with the next snapshot"
    }

    private typealias Place = ColumnFit<Column>.Place

    /// The columns that there is room for. Numbers of connections grow for as long as the agent runs, and their column
    /// with them; the last column takes what is left.
    private static func columns(
        in width: Int, _ sockets: [SocketSnapshot], _ certainty: Certainties
    ) -> [Place] {
        let longest = sockets.map(\.id).max() ?? 0
        return ColumnFit(
            Column.known(sockets), byImportance: Column.byImportance, flexible: .now, room: width, from: 2
        ) { column in
            switch column {
            case .id: max(column.width, String(longest).utf8.count + 2)
            // The sign of an estimate stands before it.
            case .state: column.width + (certainty[.activity] == .estimate ? 1 : 0)
            case .pid, .age, .idle, .requests, .roundTrip, .retransmits, .port, .peer, .now: column.width
            }
        }.places
    }

    private static func draw(
        _ socket: SocketSnapshot, _ certainty: Certainties, _ columns: [Place], in rect: Rect, on canvas: inout Canvas
    ) {
        for (column, x, width) in columns {
            let span = span(column, socket, certainty)
            let text = canvas.cut(span.text, to: column == .now ? width : width - 1)
            let place = column.isRightAligned ? x + width - 1 - displayWidth(of: text) : x
            canvas.text(text, in: rect, x: place, role: span.role, style: span.style)
        }
    }

    private static func span(_ column: Column, _ socket: SocketSnapshot, _ certainty: Certainties) -> Span {
        switch column {
        case .id: return Span("#\(socket.id)", .label)
        case .pid: return Span(socket.pid.map(String.init) ?? "\u{2013}")
        case .state:
            let state = Figure(stateName(socket.state), certainty[.activity])
            return Span(state.text { $0 ?? "-" }, .text, socket.state.isActive ? .bold : [])
        case .age: return Span(Numbers.age(socket.ageSeconds))
        case .idle: return Span(Numbers.runningSeconds(socket.idleSeconds), socket.idleSeconds == nil ? .label : .text)
        case .requests:
            let isShort = socket.exchanges < 100_000
            return Span(
                Figure(socket.exchanges, certainty[.reuse]).text { exchanges in
                    let count = exchanges ?? 0
                    return isShort ? Numbers.count(count) : Numbers.shortCount(count)
                })
        case .roundTrip: return Span(socket.roundTripSeconds.map { Numbers.milliseconds($0) } ?? "\u{2013}")
        case .retransmits:
            let isMany = socket.retransmits ?? 0 > 0
            return Span(socket.retransmits.map { Numbers.shortCount($0) } ?? "\u{2013}", isMany ? .warn : .text)
        case .port: return Span(socket.localPort.map { "\($0)" } ?? "-")
        case .peer: return Span(socket.peer ?? "-")
        case .now: return now(socket, certainty)
        }
    }

    private static func now(_ socket: SocketSnapshot, _ certainty: Certainties) -> Span {
        if let seconds = socket.exchangeSeconds, socket.method == nil {
            // Nobody but the process knows what it asked for.
            let time = Figure(seconds, certainty[.activity]).text { Numbers.duration($0) }
            return Span("waits \(time)", seconds >= 10 ? .warn : .text)
        }
        if let seconds = socket.exchangeSeconds {
            return Span("\(socket.method ?? "") \(Numbers.duration(seconds))", seconds >= 10 ? .warn : .text)
        }
        guard let seconds = socket.expiresInSeconds else {
            if certainty[.limits] == .unknown { return Span("\u{2013}", .label) }
            return Span(socket.state == .idle ? "kept" : "-", .label)
        }
        let rule = socket.expiresBy.map { " " + originName($0) } ?? ""
        let left = seconds < 1 ? "<1 s" : seconds < 9.95 ? Numbers.fixed(seconds, 0) + " s" : Numbers.duration(seconds)
        return Span("ends \(left)\(rule)", .label)
    }

    private static func stateName(_ state: SocketState) -> String {
        switch state {
        case .resolving: "lookup"
        case .connecting: "dialling"
        case .handshaking: "TLS"
        case .idle: "idle"
        case .writing: "writing"
        case .awaitingHead: "awaiting"
        case .readingBody: "reading"
        case .draining: "draining"
        case .closing: "closing"
        }
    }

    static func originName(_ origin: IdleLimitOrigin) -> String {
        switch origin {
        case .none: "no limit"
        case .own: "ours"
        case .hint: "hint"
        case .learned: "learned"
        case .lifetime: "max age"
        }
    }
}
