import PoolModel
import Wording

/// The meaning of the columns of each view.
extension HostColumn {
    /// In a few words.
    var meaning: String {
        switch self {
        case .keepAlive: "HTTP keep-alive for this host"
        case .active: "sockets that carry a request now"
        case .idle: "open sockets without one, ready for the next"
        case .queue: "requests that wait for a socket, and how long the oldest has"
        case .bar: "those three as a bar"
        case .requests: "requests begun per second"
        case .opened: "TCP connections opened per second"
        case .reuse: "requests that found a used connection, of all"
        case .perConnection: "requests for each connection that was opened"
        case .dnsHit: "lookups answered without asking a DNS server, of all"
        case .p50: "half of the responses took no longer"
        case .p99: "99 of 100 responses took no longer"
        case .errors: "requests that failed, of all that ended"
        case .closedBy: "what ended most connections, or why there are none"
        }
    }

    /// Its present value for a host, from the figures it is made of.
    func explanation(_ host: ShownHost, _ picture: DashboardState) -> [String] {
        let window = picture.window(host.id)
        let metrics = host.metrics
        switch self {
        case .keepAlive: return [keepAliveText(host)]
        case .active:
            let busy = window.requestsPerSecond.with(window.meanService) { $0 * $1 }
            let mean = Numbers.duration(window.meanService)
            return [
                "\(Numbers.plain(metrics.active)) of at most \(Numbers.plain(host.maxSockets)) (maxSockets).",
                "The load keeps \(Numbers.short(busy)) busy: "
                    + "\(Numbers.rate(window.requestsPerSecond)) requests/s \u{00D7} \(mean) each.",
            ]
        case .idle:
            let limit = host.idleLimitSeconds.text { $0.map { "ends after \(Numbers.duration($0))" } ?? "has no limit" }
            return [
                "\(Numbers.plain(metrics.idle)) of at most \(Numbers.plain(host.maxFreeSockets)) (maxFreeSockets).",
                "An idle one \(limit).",
            ]
        case .queue:
            let wait = host.oldestWaitSeconds.map { "; the oldest has waited \(Numbers.duration($0))" } ?? ""
            return [
                "\(Numbers.plain(metrics.queued)) wait for one of \(Numbers.plain(host.maxSockets)) sockets\(wait)."
            ]
        case .bar:
            return [
                "\(Numbers.plain(metrics.active)) active, \(Numbers.plain(metrics.idle)) idle and "
                    + "\(Numbers.plain(metrics.queued)) waiting; the whole bar is maxSockets, \(Numbers.plain(host.maxSockets))."
            ]
        case .requests, .opened, .reuse, .perConnection, .dnsHit: return rateText(host, window)
        case .p50, .p99: return [latencyText(window)]
        case .errors: return errorText(host, window)
        case .closedBy: return closeText(host, window)
        }
    }

    private var recent: String { "in the last \(RecentFigures.seconds) s" }

    private func keepAliveText(_ host: ShownHost) -> String {
        let state = host.keepAlive.text { $0.map { $0 ? "On" : "OFF" } ?? "-" }
        return host.keepAliveIsOwn ? "\(state), set for this host alone." : "\(state), as for all hosts."
    }

    private func rateText(_ host: ShownHost, _ window: RecentFigures) -> [String] {
        let exchanges = Numbers.count(window.exchanges)
        let opened = Numbers.count(window.opened)
        switch self {
        case .requests:
            return ["\(Numbers.rate(window.requestsPerSecond))/s is the mean \(recent)."]
        case .opened:
            return [
                "\(opened) were opened \(recent): \(Numbers.rate(window.openedPerSecond))/s.",
                "\(Numbers.count(host.metrics.opened)) since the start.",
            ]
        case .reuse:
            return [
                "\(Numbers.percent(window.reuse)): \(Numbers.count(window.reused)) of \(exchanges) requests \(recent) "
                    + "found a used connection."
            ]
        case .perConnection:
            return ["\(exchanges) requests \u{00F7} \(opened) connections opened \(recent)."]
        case .dnsHit:
            return [
                "\(Numbers.count(window.dials)) lookups \(recent), one for each dial; "
                    + "\(Numbers.count(window.asked)) of them asked a DNS server."
            ]
        case .keepAlive, .active, .idle, .queue, .bar, .p50, .p99, .errors, .closedBy: return []
        }
    }

    private func latencyText(_ window: RecentFigures) -> String {
        let share = self == .p50 ? "Half" : "99%"
        let value = self == .p50 ? window.p50 : window.p99
        return "\(share) of \(Numbers.count(window.response.count)) responses \(recent) took at most "
            + "\(Numbers.duration(value)), counted from when the request was due."
    }

    private func errorText(_ host: ShownHost, _ window: RecentFigures) -> [String] {
        let cause = window.dominantFailure.map { " Mostly: \(host.words(of: $0))." } ?? ""
        return [
            "\(Numbers.count(window.failed)) of \(Numbers.count(window.ended)) requests that ended \(recent) failed.\(cause)"
        ]
    }

    private func closeText(_ host: ShownHost, _ window: RecentFigures) -> [String] {
        var lines: [String] = []
        if let cause = host.lastConnectFailure { lines.append("The last dial failed: \(host.words(of: cause)).") }
        guard let counts = host.metrics.closedByReason.value else {
            return lines + ["Why they close is not known here."]
        }
        let most = counts.nonZero.sorted { $0.count > $1.count }.prefix(3).map {
            "\($0.key.longLabel) \(Numbers.count($0.count))"
        }
        lines.append(
            most.isEmpty ? "None was closed since the start." : "Since the start: \(most.joined(separator: ", ")).")
        if let reason = window.dominantClose.value { lines.append("Most \(recent): \(reason.longLabel).") }
        return lines
    }
}

/// The columns of the other views.
enum ColumnHelp {
    static func rows(_ view: View, columns: ColumnChoice) -> [(name: String, text: String)] {
        switch view {
        case .overview:
            columns.onScreen.map { ($0 == .bar ? "bar" : $0.title, $0.meaning) }
        case .inspect:
            [
                ("ID", "number of the socket; later ones are higher"), ("STATE", "awaiting: for the response's head"),
                ("AGE", "since it was opened"), ("IDLE", "since its last request ended"),
                ("REQS", "requests that it carried"), ("PORT", "ours"), ("PEER", "the server's address"),
                ("NOW", "the request that it carries, or when and by which rule it ends"),
            ]
        case .events:
            [
                ("MARK", "you changed something"), ("WARN", "wants a look"), ("INFO", "good to know"),
                ("(\u{00D7}12)", "said so often within a minute; the time is that of the last"),
            ]
        case .generator:
            [
                ("SHARE", "of the mix"), ("PLAN/s", "requests whose time has come, per second"),
                ("DONE/s", "complete responses per second"), ("ERR", "requests that failed, of all that ended"),
                ("REQUEST", "what is sent"),
            ]
        }
    }
}

/// One line below the keys of the help.
struct HelpNote: Sendable, Equatable {
    /// The name of a column.
    var name = ""
    /// Where the text begins.
    var indent = 0
    var text: String
    var isHeading = false

    func draw(in rect: Rect, y: Int, on canvas: inout Canvas) {
        if isHeading {
            canvas.text(text, in: rect, x: 0, y: y, role: .title, style: [.bold, .underline])
            return
        }
        canvas.text(canvas.cut(name, to: indent - 1), in: rect, x: 0, y: y, style: .bold)
        canvas.text(canvas.cut(text, to: rect.width - indent), in: rect, x: indent, y: y, role: .label)
    }

    /// One note for each column of the view, with a heading and a blank line before it.
    static func columns(_ model: Model, width: Int, on canvas: Canvas) -> [HelpNote] {
        let rows = ColumnHelp.rows(model.view, columns: model.columns)
        let indent = 2 + (rows.map { displayWidth(of: $0.name) }.max() ?? 0)
        var notes = [HelpNote(text: ""), HelpNote(text: model.view == .events ? "Lines" : "Columns", isHeading: true)]
        for (name, text) in rows {
            for (index, line) in canvas.wrapped(text, to: width - indent).enumerated() {
                notes.append(HelpNote(name: index == 0 ? name : "", indent: indent, text: line))
            }
        }
        if model.view == .overview {
            let hint = "? on a column (left, right or a click) says how its value comes about."
            notes += canvas.wrapped(hint, to: width).map { HelpNote(text: $0) }
        }
        return notes
    }
}
