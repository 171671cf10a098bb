import PoolModel
import Wording

/// The open connections of one host.
enum SocketsPanel {
    private enum Column: Int, CaseIterable {
        case id, state, age, idle, requests, port, peer, now

        var title: String {
            switch self {
            case .id: "ID"
            case .state: "STATE"
            case .age: "AGE"
            case .idle: "IDLE"
            case .requests: "REQS"
            case .port: "PORT"
            case .peer: "PEER"
            case .now: "NOW"
            }
        }

        /// With the blank behind it. The last column takes what is left.
        var width: Int {
            switch self {
            case .id: 7
            case .state: 9
            case .age: 9
            case .idle: 7
            case .requests: 7
            case .port: 6
            case .peer: 16
            case .now: 15
            }
        }

        var isRightAligned: Bool { self == .requests || self == .idle || self == .age || self == .port }

        /// The most important first.
        static let byImportance: [Column] = [.state, .requests, .idle, .now, .peer, .id, .age, .port]
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
        let columns = columns(in: rect.width - 2, sockets)
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
        model.configuration.isReplay ? "the list was not recorded here" : "the list comes with the next snapshot"
    }

    private typealias Place = (column: Column, x: Int, width: Int)

    /// The columns that there is room for. Numbers of connections grow for as long as the agent runs, and their column
    /// with them; the last column takes what is left.
    private static func columns(in width: Int, _ sockets: [SocketSnapshot]) -> [Place] {
        let longest = sockets.map(\.id).max() ?? 0
        let widths = Column.allCases.map { column in
            column == .id ? max(column.width, String(longest).utf8.count + 2) : column.width
        }
        var left = width
        var chosen: [Column] = []
        for column in Column.byImportance where widths[column.rawValue] <= left {
            chosen.append(column)
            left -= widths[column.rawValue]
        }
        var x = 2
        return Column.allCases.filter(chosen.contains).map { column in
            let width = widths[column.rawValue] + (column == .now ? left : 0)
            defer { x += width }
            return (column, x, width)
        }
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
        case .port: return Span(socket.localPort.map { "\($0)" } ?? "-")
        case .peer: return Span(socket.peer ?? "-")
        case .now: return now(socket)
        }
    }

    private static func now(_ socket: SocketSnapshot) -> Span {
        if let seconds = socket.exchangeSeconds {
            return Span("\(socket.method ?? "") \(Numbers.duration(seconds))", seconds >= 10 ? .warn : .text)
        }
        guard let seconds = socket.expiresInSeconds else {
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
