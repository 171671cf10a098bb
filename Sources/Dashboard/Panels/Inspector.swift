func drawInspector(_ model: Model, in rect: Rect, on canvas: inout Canvas) {}
func drawOverlay(_ model: Model, in screen: Rect, on canvas: inout Canvas) {}
enum GeneratorPanel {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {}
}
extension Model {
    var overlayScrollLimit: Int { 100 }
}
