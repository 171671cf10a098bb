extension Model {
    var sortMenu: Menu {
        Menu(
            title: "Sort by", note: "enter sorts   S reverses   esc closes",
            rows: HostSort.all.map { sort in
                Menu.Row(
                    text: sort.name, value: sort == self.sort ? (sortReversed ? "now, the least first" : "now") : "")
            })
    }

    /// At the order that is in force.
    mutating func openSortMenu() { overlay = .menu(.sort, selected: HostSort.all.firstIndex(of: sort) ?? 0) }

    mutating func pressInSortMenu(_ key: Key, _ selected: Int) -> [UIEffect] {
        switch key {
        case .enter:
            overlay = nil
            choose(HostSort.all[selected], reversed: HostSort.all[selected] == sort && !sortReversed)
        case .character("S"), .character("r"): choose(HostSort.all[selected], reversed: !sortReversed)
        case .function(6): overlay = nil
        default: break
        }
        return []
    }

    /// An order that a person chose: it is kept for the next time.
    mutating func choose(_ sort: HostSort, reversed: Bool) {
        self.sort = sort
        sortReversed = reversed
        pointedColumn = sort.column
        preferences.sort = SortPreference(sort: sort, isReversed: reversed)
    }

    /// A press on a heading: that column sorts; one that already does turns its order round.
    mutating func press(_ heading: HostTable.Heading) {
        guard case .column(let column) = heading else {
            return choose(.name, reversed: sort == .name && !sortReversed)
        }
        if column.row.sort != nil { choose(.column(column), reversed: sort == .column(column) && !sortReversed) }
        pointedColumn = column
    }
}
