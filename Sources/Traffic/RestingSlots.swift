import PoolModel

/// Slots of a closed loop that send nothing for a while, and until when.
///
/// Ends that lie close together are one, so that there are no more of them than fit into the longest rest.
struct RestingSlots {
    private var groups: [(until: Moment, count: Int)] = []
    private(set) var count = 0
    private static let together: Nanoseconds = .milliseconds(10)

    /// When the first of them has rested; `never` where none rests.
    var earliest: Moment { groups.reduce(.never) { min($0, $1.until) } }

    /// True where it is the first to end its rest.
    mutating func add(until moment: Moment) -> Bool {
        count += 1
        if let near = groups.firstIndex(where: { moment <= $0.until && $0.until - moment < Self.together }) {
            groups[near].count += 1
            return false
        }
        let isFirst = moment < earliest
        groups.append((moment, 1))
        return isFirst
    }

    mutating func removeDue(_ now: Moment) {
        for group in groups where group.until <= now { count -= group.count }
        groups.removeAll { $0.until <= now }
    }
}
