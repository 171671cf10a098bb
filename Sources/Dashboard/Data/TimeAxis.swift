/// Which seconds each column of a chart shows. All charts of one width share it, so a mark has the same column in each.
///
/// A column stands for a fixed stretch of absolute time (column `j` of all columns there ever are covers the seconds
/// from ⌊j·window/columns⌋ on). Pictures therefore move by whole columns, and a column that has passed never changes.
struct TimeAxis: Equatable, Sendable {
    let columns: Int
    let windowSeconds: Int
    /// The absolute number of the last column.
    private let last: Int

    init(columns: Int, windowSeconds: Int, newest: Int) {
        self.columns = max(1, columns)
        self.windowSeconds = max(1, windowSeconds)
        last = Self.column(ending: newest, columns: self.columns, window: self.windowSeconds)
    }

    /// The same stretch of time at twice the resolution, for braille.
    private init(columns: Int, windowSeconds: Int, last: Int) {
        self.columns = columns
        self.windowSeconds = windowSeconds
        self.last = last
    }
    var doubled: TimeAxis { TimeAxis(columns: columns * 2, windowSeconds: windowSeconds, last: last * 2 + 1) }

    /// The number of a column on absolute time: it moves along with what the column shows.
    func absoluteColumn(_ column: Int) -> Int { last - columns + 1 + column }

    /// The seconds that a column shows; at least one. Narrow windows on wide screens show a second more than once.
    func seconds(_ column: Int) -> Range<Int> {
        let absolute = absoluteColumn(column)
        let low = floorDivide(absolute * windowSeconds, columns)
        return low..<max(low + 1, floorDivide((absolute + 1) * windowSeconds, columns))
    }

    /// All seconds on the chart.
    var allSeconds: Range<Int> { seconds(0).lowerBound..<seconds(columns - 1).upperBound }

    /// The first column that shows a second; nil where it is not on the chart.
    func column(of second: Int) -> Int? {
        var absolute = floorDivide(second * columns, windowSeconds)
        while floorDivide((absolute + 1) * windowSeconds, columns) <= second { absolute += 1 }
        while floorDivide((absolute - 1) * windowSeconds, columns) >= second { absolute -= 1 }
        let column = absolute - (last - columns + 1)
        return (0..<columns).contains(column) ? column : nil
    }

    /// The last column in which the newest second has a share.
    private static func column(ending newest: Int, columns: Int, window: Int) -> Int {
        -floorDivide(-(newest + 1) * columns, window) - 1
    }
}

private func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
    let quotient = dividend / divisor
    return dividend % divisor != 0 && (dividend < 0) != (divisor < 0) ? quotient - 1 : quotient
}
