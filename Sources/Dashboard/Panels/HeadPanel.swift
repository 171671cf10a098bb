import PoolModel
import Wording

/// The fields about the connection and the server in a recent response.
///
/// ```
/// ─ Headers seen ───────────────────────────────────────────────────────────────────────── status 200 ─
///  Connection: keep-alive   Keep-Alive: timeout=60   Server: nginx   Via: -   Alt-Svc: -
/// ```
enum HeadPanel {
    static let height = 2

    /// Shown even where the server did not send them: that it is silent about these is worth knowing.
    private static let always = ["Connection", "Keep-Alive", "Server", "Via", "Alt-Svc"]

    static func draw(_ host: ShownHost, isOfMetrics: Bool, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= height else { return }
        canvas.title("Headers seen", note: host.head.map { [Span("status \($0.status)", .label)] } ?? [], in: rect)
        guard let head = host.head else {
            let text = isOfMetrics ? "metrics have no headers" : "no response since the inspector was opened"
            canvas.text(text, in: rect, x: 1, y: 1, role: .label)
            return
        }
        var x = 1
        for (name, value) in entries(of: head, weSayClose: host.keepAlive.isFalse) {
            let room = rect.width - 1 - x - displayWidth(of: name) - 2
            guard room > 0 else { return }
            x = canvas.text("\(name): ", in: rect, x: x, y: 1, role: .label)
            x = canvas.text(canvas.cut(value, to: room), in: rect, x: x, y: 1, style: value == "-" ? [] : .bold) + 3
        }
    }

    /// The usual ones first, then what else there is. With HTTP keep-alive off every request says close, and a server that
    /// repeats it has not decided anything.
    private static func entries(of head: HeadSnapshot, weSayClose: Bool) -> [(name: String, value: String)] {
        func values(_ name: String) -> [String] {
            head.fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
        let usual = always.map { name in
            let all = values(name)
            let text = all.isEmpty ? "-" : all.joined(separator: ", ")
            let isEcho = weSayClose && name == "Connection" && text.lowercased() == "close"
            return (name, isEcho ? "close (as we asked)" : text)
        }
        let others = head.fields.filter { field in
            !always.contains { $0.lowercased() == field.name.lowercased() }
        }
        return usual + others.map { ($0.name, $0.value) }
    }
}
