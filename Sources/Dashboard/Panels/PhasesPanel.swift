import PoolModel
import Wording

/// The phases of a request on a new and on a reused connection. Shows means, because only means add up.
enum PhasesPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        canvas.title("Phases, mean ms", in: rect)
        table(host, model, in: rect.below(1), caption: "", on: &canvas)
    }

    static func table(
        _ host: ShownHost, _ model: Model, in rect: Rect, caption: String = "mean ms", on canvas: inout Canvas
    ) {
        let means = model.picture.phases(host)
        let (new, reused) = (means.new, means.reused)
        var rows: [(String, Figure<Double>, Figure<Double>)] = [
            ("dns", new.lookup, .absent), ("tcp", new.connect, .absent),
        ]
        if host.isTLS { rows.append(("tls", new.handshake, .absent)) }
        rows += [("wait", new.wait, reused.wait), ("service", new.service, reused.service)]
        if new.service.value != nil || reused.service.value != nil {
            let has = { (column: PhaseMeans.Column) in column.service.value != nil }
            rows.append(("total", has(new) ? new.total : .absent, has(reused) ? reused.total : .absent))
        }
        // A column without a request in the window has the means since start, and says so.
        let isOld = new.isOfAllTime || reused.isOfAllTime
        let heading = isOld ? (caption.isEmpty ? "" : "ms, ") + "(ever)" : caption
        canvas.text(heading, in: rect, x: 1, role: .label)
        canvas.rightText(new.isOfAllTime ? "(new)" : "new", in: rect, end: 18, role: .label)
        canvas.rightText(reused.isOfAllTime ? "(reused)" : "reused", in: rect, end: 27, role: .label)
        // Where rows are short the total stays.
        let shown = rows.count < rect.height ? rows : Array(rows.prefix(max(0, rect.height - 2))) + rows.suffix(1)
        for (row, entry) in shown.enumerated() {
            let style: CellStyle = entry.0 == "total" ? .bold : []
            canvas.text(entry.0, in: rect, x: 1, y: row + 1, style: style)
            canvas.rightText(Numbers.milliseconds(entry.1), in: rect, end: 18, y: row + 1, style: style)
            canvas.rightText(Numbers.milliseconds(entry.2), in: rect, end: 27, y: row + 1, style: style)
        }
    }
}
