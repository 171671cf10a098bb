import PoolModel
import Wording

/// The meaning of the columns of each view.
extension HostColumn {
    /// The help of its row, as a screen writes it.
    var meaning: String { row.help.replacing("`", with: "") }

    /// The same without the details, for a line of a list.
    var shortMeaning: String { String(meaning.prefix { $0 != ";" }) }

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
        case .requests, .opened, .reuse, .perConnection, .dnsHit:
            return rateText(host, window, recent: picture.figuresWindow.phrase)
        case .p50, .p99: return [latencyText(window, recent: picture.figuresWindow.phrase)]
        case .errors: return errorText(host, window, recent: picture.figuresWindow.phrase)
        case .closedBy: return closeText(host, window, recent: picture.figuresWindow.phrase)
        }
    }

    private func keepAliveText(_ host: ShownHost) -> String {
        let state = host.keepAlive.text { $0.map { $0 ? "On" : "OFF" } ?? "-" }
        return host.keepAliveIsOwn ? "\(state), set for this host alone." : "\(state), as for all hosts."
    }

    private func rateText(_ host: ShownHost, _ window: RecentFigures, recent: String) -> [String] {
        let exchanges = Numbers.count(window.exchanges)
        let opened = Numbers.count(window.opened)
        switch self {
        case .requests:
            let begun = "\(Numbers.rate(window.requestsPerSecond))/s were begun \(recent)"
            return [
                window.isBehind ? "\(begun), and \(Numbers.rate(window.answeredPerSecond))/s answered." : "\(begun)."
            ]
        case .opened:
            return [
                "\(opened) were opened \(recent): \(Numbers.rate(window.openedPerSecond))/s.",
                "\(Numbers.count(host.metrics.opened)) since the start.",
            ]
        case .reuse:
            // A share of few events is no percentage.
            let isFew = window.exchanges.value.map { $0 < Numbers.leastEvents } ?? false
            let share = isFew ? "" : Numbers.percent(window.reuse) + ": "
            return [
                "\(share)\(Numbers.count(window.reused)) of \(exchanges) requests \(recent) found a used connection."
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

    private func latencyText(_ window: RecentFigures, recent: String) -> String {
        let share = self == .p50 ? "Half" : "99%"
        let quantile = self == .p50 ? window.quantile50 : window.quantile99
        let isAtLeast = quantile.value?.isAtLeast ?? false
        return "\(Numbers.count(window.response.count)) responses came \(recent). "
            + (isAtLeast
                ? "With what is still in flight, more than \(self == .p50 ? "half" : "1%") take "
                : "\(share) took at most ")
            + "\(Numbers.duration(quantile)), counted from when the request was due."
    }

    private func errorText(_ host: ShownHost, _ window: RecentFigures, recent: String) -> [String] {
        let cause = window.dominantFailure.map { ", mostly: \(host.words(of: $0))" } ?? ""
        return [
            "\(Numbers.count(window.unsuccessful)) of \(Numbers.count(window.ended)) requests that ended \(recent) did so "
                + "without success.",
            "\(Numbers.count(window.status4xx)) with 4xx, \(Numbers.count(window.status5xx)) with 5xx, "
                + "\(Numbers.count(window.failed)) without a response\(cause).",
        ]
    }

    private func closeText(_ host: ShownHost, _ window: RecentFigures, recent: String) -> [String] {
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
        case .fleet: FleetColumn.allCases.map { ($0.row.title, $0.row.help) }
        case .processes: ProcessColumn.allCases.map { ($0.row.title, $0.row.help) }
        case .overview:
            [("HOST", "the name of the target; with ! before it, it fails")]
                + columns.onScreen.map { ($0 == .bar ? "bar" : $0.row.title, $0.meaning) }
        case .inspect:
            [
                ("ID", "number of the socket; later ones are higher"), ("STATE", "awaiting: for the response's head"),
                ("AGE", "since it was opened"), ("IDLE", "since its last request ended"),
                ("REQS", "requests that it carried"),
                ("PID RTT RETR", "of a watched process: owner, round trip, segments sent again"), ("PORT", "ours"),
                ("PEER", "the server's address"),
                ("NOW", "the request that it carries, or when and by which rule it ends"),
            ]
        case .events:
            [
                ("MARK", "you changed something"), ("FAULT", "you made a bundled downstream fail"),
                ("WARN", "wants a look"), ("INFO", "good to know"),
                ("(\u{00D7}12)", "so often: a failure since the time in front, other lines within a minute before it"),
            ]
        case .generator:
            [
                ("TARGET", "its name"), ("SHARE", "of the mix"), ("PLAN/s", "requests whose time has come, per second"),
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
