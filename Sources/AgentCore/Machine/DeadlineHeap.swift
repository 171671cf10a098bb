package import PoolModel

/// The owner of a deadline.
package enum DeadlineSubject: Hashable, Sendable {
    case connection(Int)
    case request(Int)
    case host(Int)
}

/// The earliest deadline of many subjects: a 4-ary heap with at most one entry per subject.
///
/// It is lazy: moving a deadline later leaves the entry where it is. When the entry comes up, the owner compares it
/// with its actual deadline and schedules it again. A connection that becomes idle and is taken thousands of times per
/// second therefore touches the heap about once per idle limit, not twice per request.
package struct DeadlineHeap: Sendable {
    private struct Entry {
        var at: Moment
        var subject: DeadlineSubject
    }

    private var entries: [Entry] = []
    private var positions = InlineArray<3, [Int]>(repeating: [])
    private static let absent = -1

    package init() {}

    package var count: Int { entries.count }
    /// The earliest entry; `never` when empty.
    package var earliest: Moment { entries.first?.at ?? .never }

    /// Makes sure that the subject comes up no later than `moment`.
    @inline(__always)
    package mutating func schedule(_ subject: DeadlineSubject, at moment: Moment) {
        let position = position(of: subject)
        // The usual case: it comes up earlier already.
        if position != Self.absent, entries[position].at <= moment { return }
        move(subject, position, to: moment)
    }

    @inline(never)
    private mutating func move(_ subject: DeadlineSubject, _ position: Int, to moment: Moment) {
        if position == Self.absent {
            guard moment != .never else { return }
            entries.append(Entry(at: moment, subject: subject))
            setPosition(of: subject, entries.count - 1)
            siftUp(entries.count - 1)
        } else if moment < entries[position].at {
            entries[position].at = moment
            siftUp(position)
        }
    }

    /// Removes a subject that no longer exists.
    package mutating func remove(_ subject: DeadlineSubject) {
        let position = position(of: subject)
        guard position != Self.absent else { return }
        removeEntry(at: position)
    }

    /// Removes and returns the next subject whose entry is due.
    package mutating func popDue(_ now: Moment) -> DeadlineSubject? {
        guard let first = entries.first, first.at <= now else { return nil }
        removeEntry(at: 0)
        return first.subject
    }

    /// When the subject comes up; `never` if it does not.
    package func moment(of subject: DeadlineSubject) -> Moment {
        let position = position(of: subject)
        return position == Self.absent ? .never : entries[position].at
    }

    private mutating func removeEntry(at position: Int) {
        setPosition(of: entries[position].subject, Self.absent)
        let last = entries.removeLast()
        guard position < entries.count else { return }
        entries[position] = last
        setPosition(of: last.subject, position)
        siftUp(position)
        siftDown(self.position(of: last.subject))
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        let entry = entries[child]
        while child > 0 {
            let parent = (child - 1) / 4
            guard entry.at < entries[parent].at else { break }
            place(entries[parent], at: child)
            child = parent
        }
        place(entry, at: child)
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        let entry = entries[parent]
        while true {
            let first = parent * 4 + 1
            guard first < entries.count else { break }
            var smallest = first
            for child in (first + 1)..<max(first + 1, min(first + 4, entries.count))
            where entries[child].at < entries[smallest].at {
                smallest = child
            }
            guard entries[smallest].at < entry.at else { break }
            place(entries[smallest], at: parent)
            parent = smallest
        }
        place(entry, at: parent)
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        entries[position] = entry
        setPosition(of: entry.subject, position)
    }

    private func position(of subject: DeadlineSubject) -> Int {
        let (kind, index) = Self.key(subject)
        return index < positions[kind].count ? positions[kind][index] : Self.absent
    }

    private mutating func setPosition(of subject: DeadlineSubject, _ position: Int) {
        let (kind, index) = Self.key(subject)
        while positions[kind].count <= index { positions[kind].append(Self.absent) }
        positions[kind][index] = position
    }

    private static func key(_ subject: DeadlineSubject) -> (kind: Int, index: Int) {
        switch subject {
        case .connection(let index): (0, index)
        case .request(let index): (1, index)
        case .host(let index): (2, index)
        }
    }
}
