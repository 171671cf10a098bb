import PoolModel

/// The look of the screen, in one place: each row steps through its values, and all of it is kept for the next time.
enum SetupRow: Int, CaseIterable, Sendable {
    case theme, glyphs, columns, sort, window, charts, eventLines, mouse, ownCPU

    var name: String {
        switch self {
        case .theme: "theme"
        case .glyphs: "glyphs"
        case .columns: "columns"
        case .sort: "sort"
        case .window: "window of the charts"
        case .charts: "charts"
        case .eventLines: "event lines"
        case .mouse: "mouse"
        case .ownCPU: "own CPU per request"
        }
    }
}

extension Model {
    var setupMenu: Menu {
        Menu(
            title: "Setup", note: "\(Glyphs(kind: glyphs).leftRight) change   esc closes",
            rows: SetupRow.allCases.map { Menu.Row(text: $0.name, value: value(of: $0)) },
            footer: [configuration.preferencesAt.map { "Kept in \($0)." } ?? "Not kept: --no-preferences."])
    }

    private func value(of row: SetupRow) -> String {
        switch row {
        case .theme: theme
        case .glyphs: glyphs.rawValue + (configuration.isASCIIForced ? " (this terminal is not UTF-8)" : "")
        case .columns: columns.text
        case .sort: sort.name + (sortReversed ? ", the least first" : "")
        case .window: "\(windowMinutes) min"
        case .charts: charts.command
        case .eventLines: eventLines.command
        case .mouse: mouse ? "on" : "off: the terminal selects text"
        case .ownCPU: DurationWord.text(live.capacity.ownCPUSecondsPerRequest)
        }
    }

    mutating func pressInSetupMenu(_ key: Key, _ selected: Int) -> [UIEffect] {
        let row = SetupRow.allCases[selected]
        switch key {
        case .right, .character(" "), .character("+"): return change(row, by: 1)
        case .left, .character("-"): return change(row, by: -1)
        case .enter:
            switch row {
            case .columns: overlay = .menu(.columns, selected: 0)
            case .sort: openSortMenu()
            case .ownCPU: overlay = .command(CommandInput("own-cpu "))
            case .theme, .glyphs, .window, .charts, .eventLines, .mouse: return change(row, by: 1)
            }
        case .function(2): overlay = nil
        default: break
        }
        return []
    }

    private mutating func change(_ row: SetupRow, by step: Int) -> [UIEffect] {
        switch row {
        case .theme:
            let themes = configuration.themes
            guard !themes.isEmpty else { return [] }
            return choose(theme: Self.next(theme, in: themes, by: step))
        case .glyphs: if !configuration.isASCIIForced { choose(Self.next(glyphs, in: GlyphSet.allCases, by: step)) }
        case .columns: choose(ColumnChoice(set: Self.next(columns.set, in: ColumnSet.allCases, by: step)))
        case .sort: choose(Self.next(sort, in: HostSort.all, by: step), reversed: false)
        case .window: return setWindow(minutes: Self.next(windowMinutes, in: Self.windows, by: step))
        case .charts: choose(Self.next(charts, in: ChartCount.allCases, by: step))
        case .eventLines: choose(Self.next(eventLines, in: EventLines.allCases, by: step))
        case .mouse: return setMouse(!mouse)
        case .ownCPU:
            var capacity = live.capacity
            let steps = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01]
            let now = capacity.ownCPUSecondsPerRequest
            let next = step > 0 ? steps.first { $0 > now * 1.001 } : steps.last { $0 < now * 0.999 }
            capacity.ownCPUSecondsPerRequest = next ?? now
            choose(capacity)
        }
        return []
    }

    /// The one after it, round and round.
    private static func next<Value: Equatable>(_ value: Value, in values: [Value], by step: Int) -> Value {
        guard let place = values.firstIndex(of: value) else { return values.first ?? value }
        return values[(place + step + values.count) % values.count]
    }
}
