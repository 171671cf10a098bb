import PoolModel

/// `█ active ▒ idle · waiting` of one host, as a share of its limit where there is one.
enum SocketBar {
    static func draw(_ host: HostSnapshot, in rect: Rect, x: Int, width: Int, on canvas: inout Canvas) {
        guard width > 0 else { return }
        let glyphs = canvas.glyphs
        let connections = host.metrics.connections
        let queued = host.metrics.requests.queued
        let scale = max(1, max(host.maxSockets, connections.open))
        let active = cells(connections.active, of: scale, width)
        let idle = min(width - active, cells(connections.idle, of: scale, width))
        let line = rect.left(x + width)
        for index in 0..<active { canvas.cell(glyphs.solid(role: .text), in: line, x: x + index, y: 0) }
        for index in 0..<idle {
            canvas.cell(Cell(glyphs.idle, role: .text), in: line, x: x + active + index, y: 0)
        }
        let waiting = queued == 0 ? 0 : min(3, max(1, cells(queued, of: scale, width)))
        let start = min(x + active + idle, x + width - waiting)
        for index in 0..<max(0, waiting) {
            canvas.cell(Cell(glyphs.waiting, role: .warn, style: .bold), in: line, x: start + index, y: 0)
        }
    }

    /// Something is never drawn as nothing.
    static func cells(_ count: Int, of scale: Int, _ width: Int) -> Int {
        guard count > 0, scale > 0 else { return 0 }
        return min(width, max(1, Int((Double(count) / Double(scale) * Double(width)).rounded())))
    }
}
