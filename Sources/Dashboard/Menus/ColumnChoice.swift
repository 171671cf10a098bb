/// The columns that a person wants, and their order.
struct ColumnChoice: Sendable, Equatable {
    /// The set whose columns come first.
    var set = ColumnSet.all
    /// The person's own order; empty: that of the set.
    var order: [HostColumn] = []
    var hidden: Set<HostColumn> = []

    /// From left to right.
    var onScreen: [HostColumn] { shown(order.isEmpty ? HostColumn.onScreen(set) : order) }

    /// Columns that do not fit are left out from the end. An order of one's own is that of importance, too.
    var byImportance: [HostColumn] { shown(order.isEmpty ? HostColumn.byImportance(set) : order) }

    /// All of them in the order of the chooser, hidden ones where they would be.
    var all: [HostColumn] { order.isEmpty ? HostColumn.onScreen(set) : order }

    private func shown(_ columns: [HostColumn]) -> [HostColumn] { columns.filter { !hidden.contains($0) } }

    mutating func toggle(_ column: HostColumn) {
        if hidden.remove(column) == nil { hidden.insert(column) }
    }

    /// One place to the left or right; returns where it is now.
    mutating func move(_ place: Int, by step: Int) -> Int {
        var columns = all
        let target = place + step
        guard columns.indices.contains(place), columns.indices.contains(target) else { return place }
        columns.swapAt(place, target)
        order = columns
        return target
    }

    /// The name of a set, or the columns that are wanted from left to right.
    static func read(_ words: [String]) throws(CommandProblem) -> ColumnChoice {
        if words.count == 1, let set = ColumnSet.allCases.first(where: { $0.command == words[0].lowercased() }) {
            return ColumnChoice(set: set)
        }
        var wanted: [HostColumn] = []
        for word in words {
            let column = try CommandReader.choice("column", word, HostColumn.allCases) { $0.command }
            if !wanted.contains(column) { wanted.append(column) }
        }
        let others = HostColumn.allCases.filter { !wanted.contains($0) }
        return ColumnChoice(order: wanted + others, hidden: Set(others))
    }

    /// As `read` takes it.
    var text: String {
        if order.isEmpty, hidden.isEmpty { return set.command }
        return onScreen.map(\.command).joined(separator: " ")
    }
}

extension Model {
    var columnMenu: Menu {
        Menu(
            title: "Columns", note: "space shows or hides   esc closes",
            rows: columns.all.map { column in
                Menu.Row(
                    sign: columns.hidden.contains(column) ? "[ ]" : "[x]",
                    text: column == .bar ? "act, idle, wait as a bar" : column.row.title, value: column.shortMeaning)
            },
            footer: [
                "< and > move it to the left or right. Where not all fit, the last are left out.",
                "A digit takes a set: 1 as they come, 2 pool, 3 latency, 4 churn.",
            ])
    }

    mutating func pressInColumnMenu(_ key: Key, _ selected: Int) -> [UIEffect] {
        var choice = columns
        var place = selected
        switch key {
        case .character(" "), .enter: choice.toggle(choice.all[selected])
        case .left, .character("<"), .character(","): place = choice.move(selected, by: -1)
        case .right, .character(">"), .character("."): place = choice.move(selected, by: 1)
        case .character("C"), .function(2):
            overlay = nil
            return []
        default:
            guard let number = Self.row(of: key, count: ColumnSet.allCases.count) else { return [] }
            choice = ColumnChoice(set: ColumnSet.allCases[number])
        }
        overlay = .menu(.columns, selected: place)
        choose(choice)
        return []
    }

    mutating func choose(_ choice: ColumnChoice) {
        columns = choice
        preferences.columns = choice
    }
}
