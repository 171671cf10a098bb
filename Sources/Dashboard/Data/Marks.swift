import Wording

/// A user's change, as shown on charts.
struct Mark: Sendable, Equatable {
    var uptimeSeconds: Double
    /// `K on`.
    var label: String
    /// Seconds since 1970 in local time.
    var localSeconds: Double
    /// False for a time without answers: nobody changed anything, so figures do not count from it.
    var isChange = true

    /// The whole second that contains it.
    var second: Int { Int(uptimeSeconds.rounded(.down)) }
}

extension [Mark] {
    /// Figures count from it.
    var lastChange: Mark? { last(where: \.isChange) }
}

/// Marks at the same position on the chart.
struct MarkGroup: Equatable, Sendable {
    var column: Int
    /// `K on`, or `K ×2` for several of one kind, or `×3` for different ones.
    var label: String
    /// The time of day of the newest mark.
    var time: String

    /// Groups marks by column, oldest first. Marks in the same or the next column are combined at the newest one's
    /// column, because adjacent marks leave no room for labels.
    static func groups(_ marks: [Mark], on axis: TimeAxis, times: String) -> [MarkGroup] {
        var groups: [(column: Int, marks: [Mark])] = []
        for mark in marks {
            guard let column = axis.column(of: mark.second) else { continue }
            if let last = groups.last, column - last.column <= 1 {
                groups[groups.count - 1] = (column, last.marks + [mark])
            } else {
                groups.append((column, [mark]))
            }
        }
        return groups.map { column, marks in
            MarkGroup(
                column: column, label: label(of: marks, times: times),
                time: Numbers.timeOfDay(marks.last?.localSeconds ?? 0))
        }
    }

    private static func label(of marks: [Mark], times: String) -> String {
        if marks.count == 1, let only = marks.first { return only.label }
        let kinds = marks.map { $0.label.prefix { $0 != " " } }
        let isOneKind = kinds.allSatisfy { $0 == kinds.first }
        return (isOneKind ? String(kinds.first ?? "") + " " : "") + times + String(marks.count)
    }
}
