import PoolModel
import Wording

/// The kernel's own figures of one host's connections.
enum KernelPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1, let kernel = host.kernel else { return }
        canvas.title("Connections as the kernel sees them", in: rect)
        let rows = rows(kernel, host)
        for (row, entry) in rows.prefix(rect.height - 1).enumerated() {
            canvas.text(entry.name, in: rect, x: 1, y: row + 1, role: .label)
            canvas.text(entry.figure, in: rect, x: 24, y: row + 1, style: .bold)
            guard 35 + displayWidth(of: entry.note) < rect.width else { continue }
            canvas.text(entry.note, in: rect, x: 35, y: row + 1, role: .label)
        }
    }

    private typealias Row = (name: String, figure: String, note: String)

    /// Figures that are not known are left out.
    private static func rows(_ kernel: KernelFigures, _ host: ShownHost) -> [Row] {
        var rows: [Row] = []
        if let seconds = kernel.idleAgeAtDeathSeconds {
            let count = kernel.deaths == 1 ? "1 connection" : "\(Numbers.count(kernel.deaths)) connections"
            rows.append(("idle when server closed", Numbers.duration(seconds), "median of \(count) lately"))
        }
        if let seconds = kernel.connectionAgeSeconds {
            rows.append(("age when closed", Numbers.duration(seconds), "median lately"))
        }
        if let seconds = kernel.roundTripSeconds {
            rows.append(("round trip", Numbers.duration(seconds), "mean of open connections"))
        }
        if let count = kernel.retransmits {
            rows.append(("segments sent again", Numbers.count(count), "since the watch began"))
        }
        if let count = kernel.timeWait {
            rows.append(("in TIME_WAIT", Numbers.count(count), "each holds a local port for a minute"))
        }
        rows.append(("requests", Numbers.count(host.metrics.finished), "by their segments"))
        return rows
    }
}

/// How many of one host's open connections each process has.
enum OwnersPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        canvas.title("Open connections by process", in: rect)
        guard let sockets = host.sockets else {
            canvas.text("the list comes with the next snapshot", in: rect, x: 1, y: 1, role: .label)
            return
        }
        let owners = owners(sockets)
        if owners.isEmpty { canvas.text("no open connection", in: rect, x: 1, y: 1, role: .label) }
        let top = owners.first?.count ?? 1
        let room = rect.height - 1
        for (row, owner) in owners.prefix(room).enumerated() {
            let isRest = row == room - 1 && owners.count > room
            let rest = owners.dropFirst(row)
            let count = isRest ? rest.reduce(0) { $0 + $1.count } : owner.count
            let name = isRest ? "\(rest.count) others" : name(owner.pid, model)
            let nameWidth = max(8, rect.width * 2 / 3 - 8)
            canvas.text(canvas.cut(name, to: nameWidth), in: rect, x: 1, y: row + 1)
            canvas.rightText(Numbers.shortCount(count), in: rect, end: nameWidth + 8, y: row + 1, style: .bold)
            canvas.bar(
                Double(count) / Double(max(top, count)), in: rect, x: nameWidth + 9, y: row + 1,
                width: rect.width - nameWidth - 10, role: .demand)
        }
    }

    /// The most connections first.
    private static func owners(_ sockets: [SocketSnapshot]) -> [(pid: Int?, count: Int)] {
        let counts = Dictionary(sockets.map { ($0.pid, 1) }, uniquingKeysWith: +)
        return counts.map { (pid: $0.key, count: $0.value) }.sorted {
            $0.count == $1.count ? $0.pid ?? .max < $1.pid ?? .max : $0.count > $1.count
        }
    }

    private static func name(_ pid: Int?, _ model: Model) -> String {
        guard let pid else { return "process not known" }
        let row = model.picture.processes.rows.first { $0.pid == pid && !$0.hasEnded }
        return "\(pid)" + (row.map { " " + $0.name } ?? "")
    }
}
