import PoolModel

/// Slots of a closed loop that send nothing for a while, and the end of their rest.
///
/// Ends that are close together are merged, which bounds their number by the longest rest.
struct RestingSlots {
    private var groups: [(until: Moment, count: Int)] = []
    private(set) var count = 0
    private static let mergeDistance: Nanoseconds = .milliseconds(10)

    /// The earliest end of a rest; `never` if no slot rests.
    var earliest: Moment { groups.reduce(.never) { min($0, $1.until) } }

    /// Returns true if this slot is the first to end its rest.
    mutating func add(until moment: Moment) -> Bool {
        count += 1
        if let near = groups.firstIndex(where: { moment <= $0.until && $0.until - moment < Self.mergeDistance }) {
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
