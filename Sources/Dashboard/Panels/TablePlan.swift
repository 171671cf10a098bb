import Diagnosis
import PoolModel
import Wording

/// The columns that there is room for, and where they begin.
struct TablePlan {
    var nameWidth: Int
    /// The names of the hosts, so short that they fit and so long that they can be told apart.
    private var names: [Int: String] = [:]
    private(set) var columns: [(column: HostColumn, x: Int, width: Int)] = []
    /// The column that the table is sorted by, where it is on the screen.
    private(set) var sorted: HostColumn?

    /// `hosts` are all of the table, `shown` those on the screen: no figure of theirs is broken.
    init(_ model: Model, hosts: [ShownHost], shown: [ShownHost], width: Int, isWide: Bool, _ glyphs: Glyphs) {
        let longest = hosts.map { displayWidth(of: $0.name) }.max() ?? 0
        let sum = displayWidth(of: "all \(Numbers.grouped(model.picture.snapshot?.hosts.count ?? 0))")
        nameWidth = min(max(longest, sum, 9), max(9, width / 5))
        var left = width - HostTable.markerWidth - nameWidth
        let needs = Needs(model, shown, isWide: isWide, glyphs)
        var widths: [HostColumn: Int] = [:]
        for column in model.columns.byImportance {
            let wanted = needs.least(column, in: left)
            guard wanted <= left else { continue }
            widths[column] = wanted
            left -= wanted
        }
        // The room that is left goes to the words that were cut, to the names, and, up to a point, to the bar.
        func give(_ wanted: Int, to change: (Int) -> Void) {
            let given = min(left, max(0, wanted))
            change(given)
            left -= given
        }
        if let present = widths[.closedBy] {
            give(needs.most(.closedBy) - present) { widths[.closedBy] = present + $0 }
        }
        give(longest - nameWidth) { nameWidth += $0 }
        if let present = widths[.bar] { give(14) { widths[.bar] = present + $0 } }
        place(widths, model)
        names = hosts.shortNames(to: nameWidth, glyphs)
    }

    /// Given columns at the right edge, as narrow tables have them.
    init(narrow candidates: [HostColumn], _ model: Model, shown: [ShownHost], width: Int, _ glyphs: Glyphs) {
        let needs = Needs(model, shown, isWide: false, glyphs)
        var widths: [HostColumn: Int] = [:]
        var left = width - 11
        for column in candidates
        where needs.least(column, in: left) <= left && !model.columns.hidden.contains(column) {
            let wanted = needs.least(column, in: left)
            widths[column] = wanted
            left -= wanted
        }
        nameWidth = width - HostTable.markerWidth - widths.values.reduce(0, +)
        if let present = widths[.closedBy] {
            let longest = shown.map { displayWidth(of: $0.name) }.max() ?? 0
            let given = max(0, min(nameWidth - max(9, longest), needs.most(.closedBy) - present))
            widths[.closedBy] = present + given
            nameWidth -= given
        }
        place(widths, model)
        names = shown.shortNames(to: nameWidth, glyphs)
    }

    func name(of host: ShownHost) -> String { names[host.id] ?? host.name }

    private mutating func place(_ widths: [HostColumn: Int], _ model: Model) {
        var x = HostTable.markerWidth + nameWidth
        for column in model.columns.onScreen {
            guard let width = widths[column] else { continue }
            columns.append((column, x, width))
            x += width
            if model.sort.column == column { sorted = column }
        }
    }
}

/// The room that columns need on this screen.
private struct Needs {
    private let isWide: Bool
    private let hasEstimates: Bool
    private let sorted: HostColumn?
    private var longest: [HostColumn: Int] = [:]
    /// The longest cell that says why a host fails.
    private var longestWhy = 0

    init(_ model: Model, _ shown: [ShownHost], isWide: Bool, _ glyphs: Glyphs) {
        self.isWide = isWide
        hasEstimates = shown.contains { $0.certainty.hasEstimates }
        sorted = model.sort.column
        let cells = shown.map {
            ColumnCell(host: $0, picture: model.picture, glyphs: glyphs, isWide: isWide)
        }
        for column in HostColumn.allCases {
            let texts = cells.map { column.row.span($0).text } + [column.row.sum?(model.picture) ?? ""]
            longest[column] = texts.map { displayWidth(of: $0) }.max() ?? 0
        }
        longestWhy =
            cells.filter { model.picture.findings($0.host.id).isFailing }
            .map { displayWidth(of: HostColumn.closedBy.row.span($0).text) }.max() ?? 0
    }

    /// Numbers are shown whole, and so is why a host fails where the room allows it; of other words there may be less.
    func least(_ column: HostColumn, in room: Int = .max) -> Int {
        let usual = column.width(isWide: isWide, hasEstimates: hasEstimates)
        // The sign of the sorting, and a blank before it.
        let title = column == sorted ? column.row.title.utf8.count + 1 + (column.row.leftMargin ?? 1) : 0
        let least = max(usual, title, column.isLeftAligned ? 0 : 1 + (longest[column] ?? 0))
        let whole = max(least, why(column))
        return whole <= room ? whole : least
    }

    /// In steps, so that the columns beside it do not move with every second that a failure lasts.
    private func why(_ column: HostColumn) -> Int {
        guard column == .closedBy, longestWhy > 0 else { return 0 }
        return ((column.row.leftMargin ?? 1) + longestWhy + 3) / 4 * 4
    }

    func most(_ column: HostColumn) -> Int {
        max(least(column), (column.row.leftMargin ?? 1) + (longest[column] ?? 0))
    }
}
