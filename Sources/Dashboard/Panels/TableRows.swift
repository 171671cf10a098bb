/// The hosts that a table shows where it has not room for all of them.
///
/// Failing hosts come first in the table, and stay at its top while the others are scrolled.
struct TableRows {
    /// Places in the list of hosts, from top to bottom.
    let indices: [Int]

    /// `height` is that of the table without its title: the heading, the hosts, and their sum.
    init(_ hosts: [ShownHost], model: Model, height: Int) {
        let failing = Set(model.picture.failingHosts)
        self.init(
            count: hosts.count, rows: height - (Self.hasSum(height: height, hosts: hosts.count) ? 2 : 1),
            selected: hosts.firstIndex { $0.id == model.selection },
            pinned: hosts.prefix { failing.contains($0.id) }.count)
    }

    init(count: Int, rows: Int, selected: Int?, pinned: Int) {
        let range = Self.range(count: count, rows: rows, selected: selected)
        guard range.lowerBound > 0 else {
            indices = Array(range)
            return
        }
        let kept = min(pinned, range.lowerBound, max(0, rows / 3))
        let others = Self.range(count: count - kept, rows: rows - kept, selected: selected.map { max(0, $0 - kept) })
        indices = Array(0..<kept) + others.map { $0 + kept }
    }

    /// The row of the sum is there unless it would be half of a table that is too small for its hosts.
    static func hasSum(height: Int, hosts: Int) -> Bool { height >= min(4, hosts + 2) }

    /// The stretch of rows that is on the screen: it always holds the selected one.
    static func range(count: Int, rows: Int, selected: Int?) -> Range<Int> {
        let shown = max(0, min(count, rows))
        let first = min(max(0, (selected ?? 0) - shown / 2), max(0, count - shown))
        return first..<first + shown
    }
}
