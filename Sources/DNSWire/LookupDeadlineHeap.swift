/// A binary heap of deadlines, earliest first. Entries are not removed when a lookup ends. The owner knows which are
/// still valid, and rebuilds the heap before the others outnumber them.
struct LookupDeadlineHeap: Sendable {
    struct Entry: Sendable {
        var deadline: Int64
        var lookup: Int
        var generation: UInt32
    }

    private var entries: [Entry] = []

    init() {}

    /// A sorted array is a heap.
    init(_ entries: [Entry]) { self.entries = entries.sorted { $0.deadline < $1.deadline } }

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].deadline < entries[least].deadline { least = child }
            }
            if least == parent { return }
            entries.swapAt(least, parent)
            parent = least
        }
    }
}
