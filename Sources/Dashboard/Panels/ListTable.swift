import PoolModel
import Wording

/// The columns of a list whose rows are processes or instances.
protocol ListColumn: Hashable, Sendable {
    associatedtype Row
    var row: ListColumnRow<Row> { get }
}

/// A column of a list, declared once: its title, its room, its rank, its meaning, its cells, and the figure that it sorts by.
struct ListColumnRow<Row>: Sendable {
    let title: String
    /// With the blank behind it.
    let width: Int
    /// A text, which begins on the left; else a number, which ends on the right.
    let isLeft: Bool
    /// Its rank where there is not room for all columns: the lowest is shown longest.
    let importance: Int
    let help: String
    /// Nil: the list is not sorted by it.
    let sort: (@Sendable (Row) -> Figure<Double>)?
    let span: @Sendable (Row) -> Span

    init(
        _ title: String, width: Int, isLeft: Bool = false, importance: Int, _ help: String,
        sort: (@Sendable (Row) -> Figure<Double>)? = nil, span: @escaping @Sendable (Row) -> Span
    ) {
        self.title = title
        self.width = width
        self.isLeft = isLeft
        self.importance = importance
        self.help = help
        self.sort = sort
        self.span = span
    }
}

/// The parts of a table that every list has.
enum ListTable<Column: ListColumn> {
    typealias Place = (rect: Rect, hasTitle: Bool)

    /// The rows on the screen, below a heading: the sum of all stays at the end.
    static func shown(count: Int, hasSum: Bool, _ selected: Int?, height: Int) -> [Int] {
        let room = max(0, height - 1)
        guard hasSum, count > room, room >= 3 else {
            return Array(TableRows.range(count: count, rows: room, selected: selected))
        }
        let last = count - 1
        return TableRows.range(count: last, rows: room - 1, selected: min(selected ?? 0, last - 1)) + [last]
    }

    static func heading(
        _ fit: ColumnFit<Column>, in rect: Rect, on canvas: inout Canvas, title: (Column, _ width: Int) -> String
    ) {
        let style: CellStyle = [.bold, .underline]
        canvas.fill(rect, with: Cell(" ", role: .title, style: .underline))
        for (column, x, width) in fit.places {
            let title = title(column, width)
            if column.row.isLeft {
                canvas.text(title, in: rect, x: x, role: .title, style: style)
            } else {
                canvas.rightText(title, in: rect, end: x + width - 1, role: .title, style: style)
            }
        }
    }

    /// A row's cells; `look` says how a column shows its span.
    static func draw(
        _ row: Column.Row, isSelected: Bool, style: CellStyle, _ fit: ColumnFit<Column>, in rect: Rect,
        on canvas: inout Canvas, look: (Column, Span, _ width: Int, Canvas) -> (text: String, role: Role)
    ) {
        if isSelected { canvas.cell(Cell(canvas.glyphs.pointer, role: .mark, style: .bold), in: rect, x: 0, y: 0) }
        for (column, x, width) in fit.places {
            let span = column.row.span(row)
            let (text, role) = look(column, span, width - 1, canvas)
            let start = column.row.isLeft ? x : x + width - 1 - displayWidth(of: text)
            canvas.text(text, in: rect, x: start, role: role, style: span.style.union(style))
        }
    }

    /// The number of the row in a line of the screen, of those that are shown; nil: none.
    static func row(atX x: Int, y: Int, in table: Place, shown: [Int]) -> Int? {
        let line = y - body(of: table).y - 1
        guard table.rect.contains(x: x, y: y), shown.indices.contains(line) else { return nil }
        return shown[line]
    }

    /// The column whose heading is at a place of the screen, if the list can be sorted by it; nil: none.
    static func heading(atX x: Int, y: Int, in table: Place, _ fit: ColumnFit<Column>) -> Column? {
        let body = body(of: table)
        guard y == body.y, table.rect.contains(x: x, y: y) else { return nil }
        let place = fit.places.first { ($0.x..<$0.x + $0.width).contains(x - body.x) }
        return place.flatMap { $0.column.row.sort == nil ? nil : $0.column }
    }

    /// The table below its title.
    static func body(of table: Place) -> Rect { table.hasTitle ? table.rect.below(1) : table.rect }
}
