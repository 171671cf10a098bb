extension Model {
    /// The wheel scrolls; a click selects the row or opens the tab under it, and in a menu does what the row says.
    mutating func mouse(x: Int, y: Int, _ act: MouseAction) -> [UIEffect] {
        guard mouse else { return [] }
        switch act {
        case .wheelUp: return wheel(.up)
        case .wheelDown: return wheel(.down)
        case .press: break
        }
        if let overlay { return click(x: x, y: y, in: overlay) }
        if let tab = TabBar.view(atX: x, y: y, model: self) {
            return tab == view ? [] : perform(.show(tab), key: .enter)
        }
        if view == .processes {
            clickProcess(x: x, y: y)
            return []
        }
        if view == .fleet {
            clickFleet(x: x, y: y)
            return []
        }
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

    private mutating func clickProcess(x: Int, y: Int) {
        let screen = Rect(x: 0, y: 0, width: width, height: height)
        guard width >= 40, height >= 10 else { return }
        let body = OverviewLayout(model: self, width: width, height: height).body(of: screen)
        let table = ProcessesLayout(model: self, body: body, screen: screen).table
        if let column = ProcessTable.heading(atX: x, y: y, in: table) {
            processSortReversed = column == processSort && !processSortReversed
            processSort = column
        } else if let process = ProcessTable.row(atX: x, y: y, model: self, in: table) {
            selectedProcess = process
        }
    }

    private mutating func clickFleet(x: Int, y: Int) {
        let screen = Rect(x: 0, y: 0, width: width, height: height)
        guard width >= 40, height >= 10 else { return }
        let body = OverviewLayout(model: self, width: width, height: height).body(of: screen)
        let table = FleetLayout(model: self, body: body, screen: screen).table
        if let column = FleetTable.heading(atX: x, y: y, model: self, in: table) {
            fleetSortReversed = column == fleetSort && !fleetSortReversed
            fleetSort = column
        } else if let row = FleetTable.row(atX: x, y: y, model: self, in: table) {
            selectedFleetRow = row
        }
    }

    /// A click beside a menu closes it, as it does with text.
    private mutating func click(x: Int, y: Int, in overlay: Overlay) -> [UIEffect] {
        let screen = Rect(x: 0, y: 0, width: width, height: height)
        let place: MenuPlace
        switch overlay {
        case .menu(let kind, let selected):
            place = MenuBox.place(menu(kind), selected: selected, in: screen, glyphs: Glyphs(kind: glyphs)).menu
        case .faults(_, let selected): place = Question.faultsPlace(selected: selected, in: screen)
        case .closeIdle: place = Question.closeIdlePlace(in: screen)
        case .command:
            // The line stays: it is left with esc.
            return []
        case .help, .advice, .explain:
            self.overlay = nil
            return []
        }
        guard place.box.contains(x: x, y: y) else {
            self.overlay = nil
            return []
        }
        return place.row(atX: x, y: y).map { choose(row: $0, in: overlay) } ?? []
    }

    private mutating func choose(row: Int, in overlay: Overlay) -> [UIEffect] {
        switch overlay {
        case .menu(let kind, _): self.overlay = .menu(kind, selected: row)
        case .faults(let host, _): self.overlay = .faults(host: host, selected: row)
        case .closeIdle: return pressInOverlay(Question.closeIdleKeys[row])
        case .command, .help, .advice, .explain: return []
        }
        return pressInOverlay(.enter)
    }

    private mutating func wheel(_ key: Key) -> [UIEffect] {
        if overlay != nil { return pressInOverlay(key) }
        return perform(.move(key == .up ? .up : .down), key: key)
    }
}
