/// Maps columns of a chart to seconds. All charts of one width share it, so a mark has the same column in each.
///
/// A column stands for a fixed range of absolute time: column `j`, counted from the beginning of time, covers the
/// seconds from ⌊j·window/columns⌋. Charts therefore move by whole columns, and a past column never changes.
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

    /// The same time span at twice the resolution, for braille.
    private init(columns: Int, windowSeconds: Int, last: Int) {
        self.columns = columns
        self.windowSeconds = windowSeconds
        self.last = last
    }
    var doubled: TimeAxis { TimeAxis(columns: columns * 2, windowSeconds: windowSeconds, last: last * 2 + 1) }

    /// The absolute number of a column, which moves along with its contents.
    func absoluteColumn(_ column: Int) -> Int { last - columns + 1 + column }

    /// The seconds that a column shows, at least one. On wide screens with a short time span, several columns show the
    /// same second.
    func seconds(_ column: Int) -> Range<Int> {
        let absolute = absoluteColumn(column)
        let low = floorDivide(absolute * windowSeconds, columns)
        return low..<max(low + 1, floorDivide((absolute + 1) * windowSeconds, columns))
    }

    /// All seconds on the chart.
    var allSeconds: Range<Int> { seconds(0).lowerBound..<seconds(columns - 1).upperBound }

    /// The first column that shows a second; nil if it is not on the chart.
    func column(of second: Int) -> Int? {
        var absolute = floorDivide(second * columns, windowSeconds)
        while floorDivide((absolute + 1) * windowSeconds, columns) <= second { absolute += 1 }
        while floorDivide((absolute - 1) * windowSeconds, columns) >= second { absolute -= 1 }
        let column = absolute - (last - columns + 1)
        return (0..<columns).contains(column) ? column : nil
    }

    /// The last column that includes a part of the newest second.
    private static func column(ending newest: Int, columns: Int, window: Int) -> Int {
        -floorDivide(-(newest + 1) * columns, window) - 1
    }
}

private func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
    let quotient = dividend / divisor
    return dividend % divisor != 0 && (dividend < 0) != (divisor < 0) ? quotient - 1 : quotient
}
