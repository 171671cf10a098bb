import PoolModel
import Wording

/// The limits in force for one host, and where each comes from.
enum LimitsPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1, let snapshot = model.picture.snapshot else { return }
        canvas.title("Limits in force", in: rect)
        let metrics = host.metrics
        var rows: [(String, String, String)] = [
            (
                "sockets", "\(Numbers.count(metrics.open)) of \(Numbers.count(host.maxSockets))",
                "maxSockets; peak \(Numbers.count(metrics.peakOpen))"
            ),
            (
                "idle sockets", "\(Numbers.count(metrics.idle)) of \(Numbers.count(host.maxFreeSockets))",
                "maxFreeSockets"
            ),
            (
                "idle for", host.idleLimitSeconds.text { $0.map { Numbers.duration($0) } ?? "no limit" },
                idleOrigin(host)
            ),
            (
                "all sockets",
                "\(Numbers.count(snapshot.sum(\.open))) of \(Numbers.count(snapshot.maxTotalSockets))",
                "maxTotalSockets"
            ),
        ]
        let hints = [
            host.hintTimeoutSeconds.map { "timeout=\(Numbers.fixed($0, 0))" }, host.hintMax.map { "max=\($0)" },
        ].compactMap { $0 }
        rows.append(("hint", hints.isEmpty ? "none" : hints.joined(separator: ", "), "last Keep-Alive"))
        rows.append(
            ("server drops", host.learnedIdleSeconds.map { "at " + Numbers.duration($0) } ?? "not known", "learned"))
        if let backoff = host.backoffSeconds {
            rows.insert(("next dial", Numbers.duration(backoff), "after failures"), at: 0)
        }
        if let open = snapshot.process.openDescriptors {
            let limit = snapshot.process.descriptorLimit.map { " of \(Numbers.count($0))" } ?? ""
            rows.append(("descriptors", "\(Numbers.count(open))\(limit)", "whole process"))
        }
        let shown = rows.prefix(rect.height - 1)
        // Figures of thousands push what stands behind them to the right.
        let origin = 15 + max(13, shown.map { displayWidth(of: $0.1) }.max() ?? 0)
        for (row, entry) in shown.enumerated() {
            canvas.text(entry.0, in: rect, x: 1, y: row + 1, role: .label)
            canvas.text(entry.1, in: rect, x: 14, y: row + 1, style: .bold)
            canvas.text(canvas.cut(entry.2, to: rect.width - origin - 1), in: rect, x: origin, y: row + 1, role: .label)
        }
    }

    private static func idleOrigin(_ host: ShownHost) -> String {
        guard !host.idleLimitSeconds.isUnknown else { return "not known here" }
        return switch host.idleLimitOrigin {
        case .none: "nothing limits it"
        case .own: "idleTimeout, ours"
        case .hint: "the server's hint"
        case .learned: "learned"
        case .lifetime: "left of maxLifetime"
        }
    }
}
