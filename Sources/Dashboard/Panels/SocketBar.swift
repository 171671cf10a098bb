import PoolModel

/// `█ active ▒ idle · waiting` of one host, as a share of its limit where there is one.
enum SocketBar {
    static func draw(_ host: ShownHost, in rect: Rect, x: Int, width: Int, on canvas: inout Canvas) {
        guard width > 0 else { return }
        let glyphs = canvas.glyphs
        let queued = host.metrics.queued.value ?? 0
        let scale = scale(host)
        let active = cells(host.metrics.active.value ?? 0, of: scale, width)
        let idle = min(width - active, cells(host.metrics.idle.value ?? 0, of: scale, width))
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

    /// How many connections the whole bar stands for: never none.
    static func scale(_ host: ShownHost) -> Int { max(1, host.maxSockets.value ?? 0, host.metrics.open.value ?? 0) }

    /// Something is never drawn as nothing.
    static func cells(_ count: Int, of scale: Int, _ width: Int) -> Int {
        guard count > 0, scale > 0 else { return 0 }
        return min(width, max(1, Int((Double(count) / Double(scale) * Double(width)).rounded())))
    }
}
