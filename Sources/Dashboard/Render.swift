/// Draws the model at a size. Pure: the same model and size always give the same frame.
package func render(_ model: Model, width: Int, height: Int) -> Frame {
    var canvas = Canvas(width: width, height: height, glyphs: model.glyphs)
    let screen = Rect(x: 0, y: 0, width: width, height: height)
    switch SizeClass(width: width, height: height) {
    case .line:
        if let message = lineMessage(model) {
            canvas.text(canvas.cut(message, to: width), in: screen, x: 0, role: .mark, style: .bold)
        } else {
            drawOneLine(model, in: screen, on: &canvas)
        }
    case .list: drawShortList(model, in: screen, on: &canvas)
    case .stacked, .compact, .wide: drawView(model, in: screen, on: &canvas)
    }
    return canvas.frame
}

/// The layout depends only on the size, and there is one for every size.
enum SizeClass: Sendable {
    case line, list, stacked, compact, wide

    init(width: Int, height: Int) {
        if width < 20 || height < 3 {
            self = .line
        } else if width < 40 || height < 10 {
            self = .list
        } else if width < 72 || height < 20 {
            self = .stacked
        } else if width < 110 || height < 30 {
            self = .compact
        } else {
            self = .wide
        }
    }
}
