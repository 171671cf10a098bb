/// The columns of a list that there is room for, the most important first, and where they begin.
struct ColumnFit<Column: Hashable> {
    typealias Place = (column: Column, x: Int, width: Int)

    private(set) var places: [Place] = []

    /// `all` is from left to right; columns that do not fit are left out from the end of `byImportance`, and `flexible` takes
    /// what is left of the room from `start` on. A width has the blank behind the column in it.
    init(
        _ all: [Column], byImportance: [Column], flexible: Column, room: Int, from start: Int, width: (Column) -> Int
    ) {
        var left = room
        var widths: [Column: Int] = [:]
        for column in byImportance where all.contains(column) {
            let wanted = width(column)
            guard wanted <= left else { continue }
            widths[column] = wanted
            left -= wanted
        }
        var x = start
        for column in all {
            guard let least = widths[column] else { continue }
            let width = least + (column == flexible ? max(0, left) : 0)
            places.append((column, x, width))
            x += width
        }
    }
}
