/// The lines of one chart: dots are collected first, because two lines may share a cell.
struct LineLayer {
    private let width: Int
    private let height: Int
    private var dots: [UInt8]
    private var roles: [Role]
    private var strokes: [Stroke]

    init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        dots = Array(repeating: 0, count: self.width * self.height)
        roles = Array(repeating: .text, count: self.width * self.height)
        strokes = Array(repeating: .solid, count: self.width * self.height)
    }

    /// Adds a line of heights 0…1, two a column; nil is a gap. Steps are joined by a vertical stroke.
    ///
    /// `first` is the number of the first half column on absolute time. Where lines share a cell they take turns in
    /// giving it their role, so that a line under another can still be seen.
    mutating func add(_ heights: [Double?], stroke: Stroke, role: Role, first: Int, turn: Int, of turns: Int) {
        let levels = height * 4
        guard levels > 0 else { return }
        var before: Int?
        for (x, value) in heights.enumerated() where x < width * 2 {
            guard let value else {
                before = nil
                continue
            }
            let level = min(levels - 1, max(0, Int((value * Double(levels - 1)).rounded())))
            let isJump = before.map { abs($0 - level) > 1 } ?? false
            if isJump || stroke.isDrawn(at: first + x) {
                let from = isJump ? (before ?? level) : level
                let absolute = (first + x) / 2
                for dot in min(from, level)...max(from, level) {
                    put(x: x, level: dot, role: role, stroke: stroke, isMyTurn: absolute % turns == turn)
                }
            }
            before = level
        }
    }

    private mutating func put(x: Int, level: Int, role: Role, stroke: Stroke, isMyTurn: Bool) {
        let fromTop = height * 4 - 1 - level
        let index = fromTop / 4 * width + x / 2
        let isFree = dots[index] == 0
        dots[index] |= Self.bits[x % 2][fromTop % 4]
        if isFree || isMyTurn {
            roles[index] = role
            strokes[index] = stroke
        }
    }

    private static let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

    /// Draws the lines over what is there. On a full cell the line is cut out of the fill.
    func draw(in plot: Rect, on canvas: inout Canvas) {
        let glyphs = canvas.glyphs
        for index in dots.indices where dots[index] != 0 {
            let (x, y) = (index % width, index / width)
            let below = canvas.frame[plot.x + x, plot.y + y]
            let isOnFill = below.scalar == " " && below.style.contains(.reverse)
            let scalar =
                glyphs.kind == .braille
                ? Unicode.Scalar(0x2800 + UInt32(dots[index])) ?? "*" : glyphs.stroke(strokes[index])
            canvas.cell(
                Cell(scalar, role: isOnFill ? below.role : roles[index], style: isOnFill ? .reverse : []), in: plot,
                x: x, y: y)
        }
    }
}
