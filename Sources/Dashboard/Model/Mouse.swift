extension Model {
    /// The wheel scrolls; a click selects the row or opens the tab under it.
    mutating func mouse(x: Int, y: Int, _ act: MouseAction) -> [UIEffect] {
        guard mouse else { return [] }
        switch act {
        case .wheelUp: return wheel(.up)
        case .wheelDown: return wheel(.down)
        case .press: break
        }
        if overlay != nil {
            overlay = nil
            return []
        }
        if let tab = TabBar.view(atX: x, y: y, width: width, height: height) { show(tab) }
        guard view == .overview, let table = OverviewLayout(model: self, width: width, height: height).table else {
            return []
        }
        if let heading = HostTable.heading(atX: x, y: y, model: self, in: table) {
            press(heading)
        } else if let row = HostTable.row(atX: x, y: y, model: self, in: table) {
            selectedHost = row
        }
        return []
    }

    private mutating func wheel(_ key: Key) -> [UIEffect] {
        if overlay != nil { return pressInOverlay(key) }
        return perform(.move(key == .up ? .up : .down), key: key)
    }
}
