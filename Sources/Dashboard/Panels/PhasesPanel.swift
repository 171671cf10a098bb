import PoolModel

/// What a request is made of on a new connection and on a used one. Means, because only means add up.
enum PhasesPanel {
    static func draw(_ host: HostSnapshot, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        canvas.title("Phases, mean ms", in: rect)
        table(host, model, in: rect.below(1), caption: "", on: &canvas)
    }

    static func table(
        _ host: HostSnapshot, _ model: Model, in rect: Rect, caption: String = "mean ms", on canvas: inout Canvas
    ) {
        let latency = host.metrics.latency
        let phases = model.picture.phases.indices.contains(host.id) ? model.picture.phases[host.id] : nil
        func mean(_ path: KeyPath<PhaseSums, PhaseSums.Sum>, _ total: LatencyHistogram) -> Double? {
            phases.flatMap { $0.now[keyPath: path].mean(since: $0.before[keyPath: path]) } ?? total.meanSeconds
        }
        let lookup = mean(\.lookup, latency.dnsLookup)
        let connect = mean(\.connect, latency.connect)
        let handshake = host.isTLS ? mean(\.handshake, latency.tlsHandshake) : nil
        let wait = mean(\.wait, latency.queueWait)
        let service = mean(\.service, latency.service)
        let setup = (lookup ?? 0) + (connect ?? 0) + (handshake ?? 0)
        var rows: [(String, Double?, Double?)] = [("dns", lookup, nil), ("tcp", connect, nil)]
        if host.isTLS { rows.append(("tls", handshake, nil)) }
        rows += [("wait", wait, wait), ("service", service, service)]
        if let service { rows.append(("total", service + setup + (wait ?? 0), service + (wait ?? 0))) }
        canvas.text(caption, in: rect, x: 1, role: .label)
        canvas.rightText("new", in: rect, end: 18, role: .label)
        canvas.rightText("reused", in: rect, end: 27, role: .label)
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
