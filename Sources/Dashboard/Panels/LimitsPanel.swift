import PoolModel

/// The limits in force for one host, and where each comes from.
enum LimitsPanel {
    static func draw(_ host: HostSnapshot, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1, let snapshot = model.picture.snapshot else { return }
        canvas.title("Limits in force", in: rect)
        let all = snapshot.hosts.reduce(0) { $0 + $1.metrics.connections.open }
        var rows: [(String, String, String)] = [
            (
                "sockets", "\(host.metrics.connections.open) of \(host.maxSockets)",
                "maxSockets; peak \(host.metrics.connections.peakOpen)"
            ),
            ("idle sockets", "\(host.metrics.connections.idle) of \(host.maxFreeSockets)", "maxFreeSockets"),
            ("idle for", host.idleLimitSeconds.map { Numbers.duration($0) } ?? "no limit", idleOrigin(host)),
            ("all sockets", "\(all) of \(snapshot.maxTotalSockets)", "maxTotalSockets"),
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
        for (row, entry) in rows.prefix(rect.height - 1).enumerated() {
            canvas.text(entry.0, in: rect, x: 1, y: row + 1, role: .label)
            canvas.text(entry.1, in: rect, x: 14, y: row + 1, style: .bold)
            canvas.text(canvas.cut(entry.2, to: rect.width - 29), in: rect, x: 28, y: row + 1, role: .label)
        }
    }

    private static func idleOrigin(_ host: HostSnapshot) -> String {
        switch host.idleLimitOrigin {
        case .none: "nothing limits it"
        case .own: "idleTimeout, ours"
        case .hint: "the server's hint"
        case .learned: "learned"
        case .lifetime: "left of maxLifetime"
        }
    }
}
